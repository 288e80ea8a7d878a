/** Tools that introduce themselves. */
import type { Signal } from "../signal.ts";
import { PLACE } from "../value.ts";

export const scannerAgent: Signal = {
  name: "scanner_agent",
  family: "scanner",
  needs: 0,
  places: PLACE.userAgent,
  rules: [
    {
      id: "tool",
      confidence: 0.92,
      pattern:
        /\b(?:sqlmap|nikto|nessus|nmap|masscan|zgrab|acunetix|netsparker|invicti|w3af|wpscan|dirbuster|gobuster|feroxbuster|dirb|dirsearch|wfuzz|ffuf|fuzz faster|nuclei|openvas|arachni|skipfish|burp ?suite|burpcollaborator|havij|hydra|whatweb|joomscan|commix|xsser|xsstrike|sqlninja|bsqlbf|pangolin|grabber|webinspect|appscan|qualys|vega\/|zap\/|owasp|paros|jbrofuzz|metasploit|medusa|brutus|morfeus|zmeu|jorgee|muieblackcat|fimap|uniscan|golismero|absinthe|webshag|n-stealth|dotdotpwn|inspathx|jaascois|cgichk|datacha0s|hello, ?world|dav\.pm|libwhisker|whisker|crowbar|patator|blackwidow|wapiti|sitescan|nsauditor|whitehat|ratproxy|httprint|amap|domino ?hunter|mysqloit|prog\.customcrawler|pmafind|rapid7|tenable|detectify|intruder\.io|probely|l9explore|l9tcpid|leakix|projectdiscovery|jaeles|kiterunner|katana|gospider|hakrawler|naabu|cyberscan|xray|goby|fscan|pocsuite|cmsmap|droopescan|magescan|vbscan|cookie ?monster|toata|core-project|security scan|vulnerab\w*|exploit\w*|pentest\w*|fuzzer|web ?(?:vuln\w* )?scanner|datacha\w{2,3}|xspider|w5af|burpsuite\w*|vuln\w* scanner)\b/,
      why: "a scanner's name",
    },
    {
      id: "attack_text",
      confidence: 0.9,
      pattern: /^(?:\.\.\/|<\?|\$\{|\(\)\s{0,3}\{)/,
      why: "an attack in place of a name",
    },
  ],
};
