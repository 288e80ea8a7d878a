/** Remote file inclusion: a parameter that points at a script on the attacker's host. */
import type { Signal } from "../signal.ts";
import { TRAIT } from "../traits.ts";
import { PLACE } from "../value.ts";

export const remoteFile: Signal = {
  name: "remote_file",
  family: "rfi",
  needs: TRAIT.dot,
  any: TRAIT.backslash | TRAIT.slash,
  places: PLACE.path | PLACE.query | PLACE.form | PLACE.json | PLACE.cookie | PLACE.text |
    PLACE.xml | PLACE.header,
  hint: /(?:https?|ftps?|php|data|smb|dav|sftp|ssh2)?:?[\\\/]{2}/,
  rules: [
    {
      id: "cut_off",
      confidence: 0.88,
      pattern:
        /^\s{0,5}(?:https?|ftps?):\/\/[^\s?"'<>]{3,300}\.(?:txt|php\d?|inc|gif|jpe?g|png|dat|asp|jsp|sh|pl|htm|cgi|bak|md|ico|log)(?:\.\w{1,4})?\?{1,3}(?:cmd=|$)/,
      why: "a script on another host, its suffix cut off by ?",
    },
    {
      id: "ends_open",
      confidence: 0.5,
      places: PLACE.path | PLACE.query | PLACE.form | PLACE.cookie,
      pattern: /^\s{0,5}(?:https?|ftps?):\/\/[^\s"'<>]{3,300}(?:\?{1,3}|%00|#)$/,
      why: "a URL whose suffix is cut off",
    },
    {
      id: "script_by_address",
      confidence: 0.88,
      pattern:
        /(?:https?|ftps?):\/\/\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?\/(?:[^\s"'<>:]|:(?!\/\/)){0,200}\.(?:txt|php\d?|inc|sh|pl|cgi|gif|jpg)\b/,
      why: "a script on a bare address",
    },
    {
      id: "known_shell",
      confidence: 0.88,
      pattern:
        /(?:https?|ftps?):\/\/(?:[^\s"'<>:]|:(?!\/\/)){3,200}\/(?:(?:c99|r57|shell|cmd|backdoor|b374k|wso|simple-backdoor|id|evil|inc|webshell|exploit|payload)\.(?:txt|php\d?|gif|jpg|inc|sh)|[a-z]\.(?:txt|sh))\b/,
      why: "a known web shell",
    },
    {
      id: "ftp",
      confidence: 0.84,
      pattern: /^\s{0,5}(?:ftps?|sftp|smb|dav|ssh2(?:\.\w+)?|webdav):\/\/[^\s]{3,300}\s{0,3}$/,
      why: "a file over FTP or SMB",
    },
    {
      id: "share",
      confidence: 0.86,
      pattern:
        /^\s{0,5}\\{2,4}[\w.-]{3,60}\\{1,2}[\w$.-]{1,40}|\/\\{2,4}\d{1,3}\.\d{1,3}[\d.]{3,8}\\/,
      why: "a Windows share",
    },
    {
      id: "path_url",
      confidence: 0.85,
      pattern:
        /^\/(?:[^?\s]{0,80}\/)?(?:https?|ftp):\/{1,3}[^\s]{3,200}\.(?:txt|inc|sh|pl|gif|jpg)\?{0,3}$/,
      why: "a script's URL in the path",
    },
  ],
};
