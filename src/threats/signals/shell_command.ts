/** Shell commands: behind a separator, in a substitution, or as the whole value. */
import type { Match, Rule, Signal } from "../signal.ts";
import { TRAIT } from "../traits.ts";
import type { Value } from "../value.ts";

/** Programs whose names are no words of any language: little more is needed to know them. */
const PROGRAM =
  "(?:awk|bash|busybox|cat|certutil|chmod|chown|cmd|cp|cscript|csh|curl|dash|df|dig|du|getent|gcc|grep|gunzip|gzip|hexdump|id|ifconfig|ipconfig|iptables|ksh|ln|ls|lsb_release|lsof|lwp-\\w{3,10}|mkdir|mkfifo|mv|nc|ncat|netcat|netsh|netstat|nmap|nohup|nslookup|od|openssl|ping6?|perl|php\\d?|pkill|powershell|ps|pwd|pwsh|printenv|printf|python\\d?(?:\\.\\d)?|rm|rsync|ruby|scp|sed|sh|socat|ssh|ss|su|sudo|systeminfo|tac|tar|tasklist|tcpdump|telnet|tftp|traceroute|tracert|uname|unzip|useradd|w3m|wget|whoami|wmic|xargs|xterm|xxd|zsh)";
/** Programs that are English words too: they need an argument that only a program takes. */
const WORD =
  "(?:arp|at|base64|copy|crontab|cut|date|del|dir|docker|echo|env|exec|expr|export|fetch|file|find|finger|ftp|groups|head|host|hostname|ip|kill|less|locate|mail|more|mount|msg|net|nl|node|passwd|reboot|reg|rev|route|sc|set|shutdown|sleep|sort|strings|tail|tee|time|timeout|top|touch|tr|type|uniq|uptime|ver|vi|vim|wc|where|which|who|yes|zip)";
/** In front of a program: its folder, perhaps with wildcards. */
const FOLDER = "(?:[\\w.~?*\\[\\]-]{0,20}(?:/{1,9}[\\w.?*\\[\\]-]{1,20}){0,4}/{1,9})?";
const END = "(?:\\.exe)?(?=$|[\\s;|&<>()`'\"#\\\\/%)+,:]|\\$)";
/** Options, paths, drives, variables, addresses: nothing that follows a word in a sentence. */
const ARGUMENT =
  "\\s{1,5}(?:-{1,2}[a-z0-9]|/[a-z0-9?*.]|/$|[a-z]:(?:[\\w/\\\\*\\s]|$)|\\.{1,2}/|~/|\\$[\\w({]|[*]|https?:|\\d{1,3}\\.\\d{1,3}\\.\\d|[\"'(<>]/?|\\w{1,20}\\.(?:txt|php|sh|exe|py|pl|ini|conf|log)\\b)";
/** The command ends here: by another separator, or with the value. */
const CLOSED = "\\s{0,5}(?:$|[;|&`)#]|>{1,2}|\\|)";
/** Programs that take a bare word, and are no words themselves. */
const TAKES_WORD =
  "(?:cat|curl|wget|ping6?|nslookup|ncat|netcat|rm|mkdir|bash|perl|php|python\\d?|telnet|powershell|certutil)";
const SIMPLE = "\\s{1,5}[\\w.@=+-]{1,40}\\s{0,3}(?:$|[;|&>`)#])";
const SEPARATOR = "(?:[;|&`]|\\r(?!\\n)|\\$\\(|\\\\n|<\\(|>\\()[ \\t(!+,@]{0,9}";

const command = (text: string) =>
  new RegExp(
    text.replaceAll("PROGRAM", FOLDER + PROGRAM + END).replaceAll("WORD", FOLDER + WORD + END),
  );

/** Nothing but a program, once the quotes and variables in its name are gone. */
const BARE = command(`^\\s{0,3}(?:PROGRAM(?:\\s|$)|WORD${ARGUMENT})`);
const DISGUISED: Pick<Rule, "id" | "confidence"> = { id: "disguised", confidence: 0.86 };
/** A disguise cuts a word in two: `c'a't`, `who$@ami`, `w\ho`, `cu``rl`. */
const CUT_WORD =
  /[a-z\/](?:''|""|\\|\$@|\$\*|\^|``|\$\(\)|\$\{\w{0,3}\}|['"][a-z]{1,3}['"])[a-z\/]/;

export const shellCommand: Signal = {
  name: "shell_command",
  family: "rce",
  needs: 0,
  any: ~(TRAIT.letter | TRAIT.upper | TRAIT.digit | TRAIT.space | TRAIT.underscore | TRAIT.wide),
  hint: command(
    "[;|&`$\\n\\r<>]|\\\\|\\^|--|%\\w|/[b?*\\[]|/(?:dev|usr|sbin|etc)/|[a-z]['\"]{1,2}[a-z]|^[\\s\"'()@+]{0,9}(?:PROGRAM|WORD)|invoke|iex|get-|-enc",
  ),
  detect(value: Value): readonly Match[] {
    const { text } = value;
    const cut = text.length < 400 ? CUT_WORD.exec(text) : null;
    if (!cut || !BARE.test(value.view("shell"))) return [];
    return [{ rule: DISGUISED, text, index: cut.index, length: cut[0].length }];
  },
  rules: [
    {
      id: "separator",
      confidence: 0.9,
      view: "shell",
      pattern: command(`${SEPARATOR}(?:PROGRAM(?:${ARGUMENT}|${CLOSED})|${TAKES_WORD}${SIMPLE})`),
      why: "a command behind a separator",
    },
    {
      id: "separator_word",
      confidence: 0.88,
      view: "shell",
      pattern: command(`${SEPARATOR}WORD(?:${ARGUMENT}|\\s{1,3}\\d{1,4}\\s{0,3}(?:$|[;|&\`)#]))`),
      why: "a command behind a separator",
    },
    {
      id: "new_line",
      confidence: 0.86,
      view: "shell",
      pattern: command(`\\n[ \\t]{0,9}(?:PROGRAM|WORD)${ARGUMENT}`),
      why: "a command on a line of its own",
    },
    {
      id: "separator_path",
      confidence: 0.9,
      view: "shell",
      pattern:
        /(?:[;|&\n\r`]|\$\(|\\n)[ \t]{0,5}(?:\/[\w.?*-]{1,12}){0,3}\/(?:s?bin|[b?*][i?*][n?*]|cgi-bin)\/[\w?*.-]{1,20}|(?:[;|&]|\$\()[ \t]{0,5}\/(?:etc|tmp|usr)\/[\w?*.-]{1,20}/,
      why: "a program's path behind a separator",
    },
    {
      id: "substitution",
      confidence: 0.9,
      view: "shell",
      pattern: command(
        `(?:\\$\\(|<\\(|>\\()\\s{0,5}(?:PROGRAM|WORD)(?:[^)\\n\`$<>]|[$<>](?!\\()){0,200}(?:[)\`]|$)|\`\\s{0,3}(?:PROGRAM(?:\\s{0,3}\`|\\s{0,3}$)|(?:PROGRAM|WORD)${ARGUMENT}|${TAKES_WORD}${SIMPLE})`,
      ),
      why: "a command substitution",
    },
    {
      id: "whole",
      confidence: 0.86,
      view: "shell",
      pattern: command(
        `^[\\s;|&'"\`()@+]{0,9}(?!(?:python|php|ruby|perl|chmod|openssl)\\d?\\s)(?:PROGRAM(?:${ARGUMENT}|\\s{1,5}(?:-?\\d{1,4}(?:\\s|$)|[;|<>]))|WORD\\s{1,9}(?:-[a-z]{1,9}\\s|/(?:etc|var|bin|usr|tmp|home|root|proc|dev)|[a-z]:(?:[/\\\\]|\\s|$)|\\.\\./|https?://))`,
      ),
      why: "nothing but a command",
    },
    {
      id: "piped",
      confidence: 0.9,
      view: "shell",
      pattern: command(
        `^[\\s'"+@$]{0,5}(?:\\|\\|?|&&?|;|\`|\\$\\(|\\n|%0a)[\\s+]{0,5}(?:PROGRAM|WORD(?:${ARGUMENT}|${CLOSED}))`,
      ),
      why: "begins with a separator and a command",
    },
    {
      id: "trailing",
      confidence: 0.84,
      view: "shell",
      pattern: command(
        `(?:^|[\\w'")]|\\S\\s)\\s{0,3}(?:\\|\\|?|&&|;)\\s{0,5}(?:PROGRAM|WORD\\s{0,3}[;|&#])\\s{0,5}[;|&#'"]{0,3}\\s{0,5}$`,
      ),
      why: "ends with a separator and a command",
    },
    {
      id: "interpreter",
      confidence: 0.92,
      view: "shell",
      pattern:
        /\b(?:ba|da|z|k|c)?sh(?:\.exe)?\s{1,5}-[a-z]{0,3}[ci]\b|\/dev\/(?:tcp|udp)\/|\bnc(?:at)?(?:\.\w{1,12})?\s[^\n]{0,64}?-[a-z]{0,4}[ec]\s|\b(?:perl|ruby|php|python[\d.]{0,4}|node|lua)\s{1,5}-[er]\s{0,3}\S|\bpython[\d.]{0,4}\s{1,5}-c\s|\bmkfifo\s|\bcmd(?:\.exe)?\s{1,5}\/[ckrv]\b|\bpowershell(?:\.exe)?(?:\s[^\n]{0,48}?-(?:e(?:nc|xec|p|ncodedcommand)?|c(?:ommand)?|nop|noni|w(?:indowstyle)?|f(?:ile)?)\b|\s{1,9}[a-z]:)/,
      why: "an interpreter told what to run",
    },
    {
      id: "powershell",
      confidence: 0.9,
      pattern:
        /\b(?:iex\s{0,3}[(\s]|invoke-(?:expression|webrequest|command|restmethod|item)|start-process|new-object\s{1,5}(?:system\.)?net|get-(?:process|childitem|content|wmiobject|service)\b|downloadstring|downloadfile|frombase64string|set-executionpolicy)/,
      why: "PowerShell",
    },
    {
      id: "binary",
      confidence: 0.86,
      view: "shell",
      pattern:
        /(?:^|[\s;|&`'"(=])\/{1,9}(?:usr\/{1,9}(?:local\/)?)?s?bin\/{1,9}[\w?*]{1,20}(?:\s{1,5}\S|\s{0,5}[;|&`)'"<>\\]|\s{0,5}$)/,
      why: "the path of a program",
    },
    {
      id: "glob_path",
      confidence: 0.9,
      pattern:
        /\/(?:[a-z]{1,4}[?*][a-z?*]{0,8}|[?*]{1,4}[a-z]{0,4}[?*]{0,3}|[a-z]{0,3}\[[a-z-]{1,6}\][a-z]{0,3})\/[\w?*\[\]-]{1,16}|\/(?:bin|etc|usr|dev)\/(?:[\w-]{1,8}[?*\[{]|[?*\[][\w?*\]-]{2,8})|\b[c-z]:\\{1,2}\*/,
      why: "a path disguised with wildcards",
    },
    {
      id: "variable",
      confidence: 0.93,
      pattern:
        /\$\{?ifs\b|\$\{(?:path|home|pwd|shell|ifs|oldpwd)(?::|%|#)|\$\(\(\s{0,3}\d|\$\{#|[;|&]\s{0,3}\$0\b|<<<\s{0,3}[\w$]|\{(?:cat|ls|wget|curl|echo|ping|nc|bash|sh|id),|%(?:[a-z()_]{3,24}):~-?\d|\$\{@(?:print|eval|system)/,
      why: "blanks or letters taken from variables",
    },
    {
      id: "download",
      confidence: 0.86,
      view: "shell",
      pattern:
        /\b(?:wget|curl|lwp-download|tftp|certutil|bitsadmin)(?:\s{1,5}-\S{1,30}(?:\s{1,5}[^\s-]\S{0,40})?){0,4}\s{1,5}(?:https?|ftp):?\/\/\S{3}/,
      why: "downloads a file",
    },
    {
      id: "redirect",
      confidence: 0.84,
      view: "shell",
      pattern:
        /\b(?:echo|printf|type|copy|cat|dir|set|net|whoami|id|uname)\b(?:(?!\b(?:echo|printf|type|copy|cat|dir|set|net|whoami|id|uname)\b)[^\n]){0,200}?(?:>{1,2}|<)\s{0,3}(?:[\w.\/-]{0,60}\.(?:php\d?|jsp|aspx?|sh|pl|cgi|txt|exe|bat|html)|\/(?:tmp|var|dev|etc)\/|&\d)/,
      why: "a command written into a file",
    },
    {
      id: "windows",
      confidence: 0.93,
      view: "shell",
      pattern:
        /\bnet1?\s{1,5}(?:user|localgroup|view|share|use|start|stop)\b\s{0,5}(?:\w+\s{1,3}\w+\s{0,3}\/add|\/|$|[;&|])|%(?:comspec|systemroot|programfiles\w{0,10}|commonprogramfiles\w{0,10}|windir|userprofile|appdata)%|\breg\s{1,5}(?:add|query|save)\s{1,5}hk|\bfor\s{1,5}\/[fdlr]\s|\bif\s{1,5}(?:not\s{1,5})?(?:exist\s{1,5}\S|defined\s{1,5}%|errorlevel\s{1,5}\d)|\bset\s{1,5}\/[ap]\s/,
      why: "a command of Windows",
    },
    {
      id: "shellshock",
      confidence: 0.97,
      pattern:
        /(?:^|["'=:;\n]\s{0,3})\(\s{0,3}\)\s{0,5}\{(?:\s{0,8}(?:[:;_]|\w{1,3}\s{0,3}[;:])|[^}]{0,25}\}\s{0,3};)/,
      why: "Shellshock",
    },
    {
      id: "option",
      confidence: 0.84,
      pattern:
        /--(?:gpu-launcher|checkpoint-action|use-compress-program|renderer-cmd-prefix|utility-cmd-prefix|to-command|rsh|exec-path|upload-pack)\b\s{0,3}=?|-o\s{0,3}proxycommand\s{0,3}=/,
      why: "an option that runs a command",
    },
    {
      id: "literal_line",
      confidence: 0.86,
      pattern: command("\\\\n\\s{0,3}PROGRAM\\s{0,3}(?:\\\\n|[;|&`]|$)"),
      why: "a command between line ends",
    },
  ],
};
