/** Line ends followed by a header of the attacker's own. */
import type { Signal } from "../signal.ts";
import { PLACE } from "../value.ts";

const EOL = "(?:[\\r\\n\\u560a\\u560d\\u2028]|\\\\r|\\\\n|%0[da]|%e5%98%8[ad])";

export const headerInjection: Signal = {
  name: "header_injection",
  family: "crlf",
  needs: 0,
  hint: /[\r\n\u560a\u560d\u2028]|\\[rn]|%0/,
  places: PLACE.path | PLACE.query | PLACE.cookie | PLACE.header | PLACE.form | PLACE.json |
    PLACE.name | PLACE.userAgent,
  rules: [
    {
      id: "response_header",
      confidence: 0.93,
      pattern: new RegExp(
        `${EOL}[ \\t"']{0,9}(?:set-cookie|location|content-?(?:type|length|disposition|encoding)|refresh|transfer-encoding|access-control-\\w|x-xss-protection|x-injected|last-modified|link|clear-site-data)\\s{0,3}:`,
      ),
      why: "a response header behind a line end",
    },
    {
      id: "response",
      confidence: 0.95,
      pattern: new RegExp(
        `${EOL}[ \\t]{0,9}http/\\d[\\d.]{0,2}\\s{1,3}\\d{3}|${EOL}[a-z]\\d{1,4} (?:fetch|capability|logout|select|login|append|examine)\\b|${EOL}(?:mail from|rcpt to)\\s{0,3}:|${EOL}(?:rset|data|quit)\\s{0,2}(?:[\\r\\n]|\\\\r|$)|${EOL}[ \\t]{0,5}(?:get|post|put|delete|head)\\s{1,3}/?\\S{0,100}\\s{1,3}http/`,
      ),
      why: "a second message behind a line end",
    },
    {
      id: "mail_header",
      confidence: 0.88,
      pattern: new RegExp(
        `${EOL}[ \\t"']{0,5}(?:b?cc|to|from|subject|reply-to|mime-version|content-type)\\s{0,3}:\\s{0,5}[^\\s]{0,60}(?:@|multipart|text/)`,
      ),
      why: "a mail header behind a line end",
    },
    {
      id: "any_header",
      confidence: 0.86,
      pattern: new RegExp(
        `^[^\\s]{0,80}${EOL}[ \\t]{0,5}[a-z]{1,20}-[a-z-]{2,30}\\s{0,2}:\\s{0,3}\\S`,
      ),
      why: "a header behind a line end",
    },
  ],
};

/** In a path, query or cookie even the line ends alone are out of place. */
export const lineEnds: Signal = {
  name: "line_ends",
  family: "crlf",
  needs: 0,
  hint: /[\r\n\u560a\u560d]/,
  places: PLACE.path | PLACE.cookie | PLACE.header | PLACE.query,
  rules: [
    {
      id: "twice",
      confidence: 0.82,
      pattern: /\r\n\s{0,3}\r\n|\r\n[a-z-]{2,30}[:=]|[\u560a\u560d]{2}/,
      why: "ends the header",
    },
    { id: "line_end", confidence: 0.45, pattern: /[\r\n]/, why: "a line end" },
  ],
};
