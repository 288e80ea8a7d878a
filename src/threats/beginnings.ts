/**
 * What attacks begin with, by the sign or the word it is: so that a long text is looked through in
 * one pass, with one small expression at each place that could matter. Nothing here scores.
 */

/**
 * Between two values of the rest: nothing that anybody would take for a blank, a letter or a byte
 * that swallows a quote; and in Latin 1, so that a text needs no two bytes a character for it.
 */
export const BORDER = "\x80";

const COMMAND =
  "(?:cat|ls|id|wget|curl|ping|sleep|nc|ncat|bash|sh|whoami|uname|python\\d?|perl|php|ruby|rm|powershell|cmd|nslookup|echo|dir|type|net|ifconfig|ipconfig|tftp|sudo|chmod)\\b";
const STATEMENT =
  "(?:drop|insert|update|delete|exec|declare|shutdown|waitfor|create|alter|truncate|select)\\b";
const FOLDER = "[\\s(]{0,3}(?:[\\w.]{0,20}/){0,3}";

const at = (pattern: RegExp | string) =>
  new RegExp(typeof pattern === "string" ? pattern : pattern.source, "y");

const COMMAND_BEHIND = at(`[;|&\`]${FOLDER}${COMMAND}|;\\s{0,5}${STATEMENT}`);
const QUOTED = at(
  /['"]\s{0,5}\)?\s{0,5}(?:(?:or|and|xor|having|like)\b\s{0,5}[('"\d!~@-]|\|\||&&|;\s{0,5}(?:--|#|[a-z]{2,10}\s)|--\s{0,3}(?:$|-|\+|\n|\x80)|(?:union|waitfor|group by|order by|or|and|where)\b)/,
);
const ENCLOSED = at(/[#*%@~]\{\s{0,3}(?:\d|['"(\[@#_]|t\(|\w{1,20}\()|@@[a-z]|\*\)\(/);

/**
 * What may follow a sign at once, besides what is not ASCII: hostile text is full of signs, and one
 * look at the next character spares most of the expressions.
 */
const BLANK = " \t\n\r\v\f";
const BEHIND_COMMAND = `${BLANK}(./_0123456789abcdefghijklmnopqrstuvwxyz`;
export const NEXT_TO_SIGN: Readonly<Record<string, string>> = {
  "<": `${BLANK}/!?%smioeblfx`,
  "'": `${BLANK})|&;-oaxhlugw`,
  '"': `${BLANK})|&;-oaxhlugw`,
  ";": BEHIND_COMMAND,
  "|": BEHIND_COMMAND,
  "&": BEHIND_COMMAND,
  "`": BEHIND_COMMAND,
  "\n": BEHIND_COMMAND,
  "$": "({inglwref_",
  "#": "{",
  "*": "{)",
  "%": "{",
  "@": "{@",
  "~": "{",
  "{": "{%pls$",
  "(": ")",
  ")": `${BLANK}(`,
  ".": ".seghnx",
  "/": "*d",
};

/** By the sign it begins with; matched from the sign on. */
export const BY_SIGN: ReadonlyMap<string, RegExp> = new Map([
  [
    "<",
    at(
      /<[\s\/]{0,3}(?:script|svg|math|iframe|object|embed|meta\s|base\s|link\s|form\s|!entity|!doctype\s[^>]{1,40}(?:system|public|\[)|!--[#\[]|\?php|\?=|%[=@\s]|esi:|xsl:|style[\s>][^<]{0,60}(?:import|expression|url))/,
    ),
  ],
  ["'", QUOTED],
  ['"', QUOTED],
  [";", COMMAND_BEHIND],
  ["|", COMMAND_BEHIND],
  ["&", COMMAND_BEHIND],
  ["`", COMMAND_BEHIND],
  [
    "\n",
    at(
      `\n${FOLDER}${COMMAND}\\s{1,3}[-/]|\n(?:set-cookie|location|content-(?:type|length)|http/1|refresh|x-[a-z-]{2,20}|b?cc)\\s{0,3}[:\\s]`,
    ),
  ],
  [
    "$",
    at(
      `\\$\\(${FOLDER}${COMMAND}|\\$\\{?ifs|\\$\\{[^{}]{0,20}?(?:jndi|:-|lower:|upper:|env:|sys:)|\\$\\{\\s{0,3}(?:\\d|['"(\\[@#_]|t\\(|\\w{1,20}\\()|\\$(?:ne|gte?|lte?|nin|where|regex|exists|elemmatch|expr|function)\\b["'\\s]{0,4}[:=\\]]|\\$_(?:get|post|request|server|cookie)`,
    ),
  ],
  ["#", ENCLOSED],
  ["*", ENCLOSED],
  ["%", ENCLOSED],
  ["@", ENCLOSED],
  ["~", ENCLOSED],
  [
    "{",
    at(
      /\{\{[\s\-=(]{0,4}(?:\d|['"(\[_]|config|self|request|constructor|cycler|lipsum|joiner|\w{1,20}\s?[*(])|\{%\s{0,3}(?:for|if|import|include|set|debug|load)|\{(?:php|literal|system|smarty|\$smarty)/,
    ),
  ],
  ["(", at(/\(\)\s{0,3}\{/)],
  [")", at(/\)\s{0,3}\(\s{0,3}[&|!]|\)\(\w{1,20}=/)],
  [
    ".",
    at(
      /(?:\.\.[\\\/]{1,3}){2}|\.\.;\/|\.{3,9}[\\\/]{2}|\.(?:ssh|env|git|htpasswd)\b|\.(?:nip|sslip|xip)\.io/,
    ),
  ],
  ["/", at(/\/\*!|\/dev\/(?:tcp|udp)/)],
]);

const ANYWAY = at("");
const CALLED = at(/\s{0,5}[(`]/);
const SCHEME = at(/:\/\//);
const COMPARED = at(
  /\s{1,5}\(?(?:\d{1,8}\s{0,3}(?:=|<|>|like)|['"][^'"]{0,12}['"]\s{0,3}=|sleep|true|false)/,
);
const INSIDE_HOST = at(
  /:[\/\\]{1,4}(?:[^\s\/@]{0,40}@)?(?:localhost|127\.|0x|0\.0|\[|10\.|192\.168|172\.|\d{8})/,
);

/** By words that matter with what follows them; matched from behind the word. */
export const BY_WORD: ReadonlyMap<string, RegExp> = new Map([
  ...each("javascript vbscript livescript", at(/\s{0,5}:/)),
  ...each("srcdoc information_schema sysobjects sqlite_master outfile dumpfile getruntime", ANYWAY),
  ...each("processbuilder classloader child_process ognl subprocess shell_exec passthru", ANYWAY),
  ...each("call_user_func invokefunction base64_decode aced0005 allow_url_include", ANYWAY),
  ...each(
    "alert prompt confirm eval atob unescape settimeout fromcharcode sleep benchmark",
    CALLED,
  ),
  ...each("extractvalue updatexml load_file pg_sleep randomblob xmltype", CALLED),
  ...each("file php phar expect gopher dict ldap ldaps jar netdoc tftp", SCHEME),
  ...each("or and xor having", COMPARED),
  ...each("http https ftp", INSIDE_HOST),
  ...each("boot win system", at(/\.ini/)),
  ...each("windows winnt", at(/[\\\/]/)),
  ["data", at(/:text\/(?:html|xml)/)],
  ["document", at(/\.(?:cookie|write|domain|location)/)],
  ["union", at(/[\s(\/*+]{1,20}(?:all|distinct|select)/)],
  ["select", at(/[\s(\/*+][^;\n]{0,60}?[\s)*'"`\/]from[\s(\/`*+"[]|\s{0,5}[(@'\d*]/)],
  ["waitfor", at(/\s{1,5}(?:delay|time)/)],
  ["etc", at(/\/{1,3}(?:passwd|shadow|hosts|group)/)],
  ["proc", at(/\/self/)],
  ["web", at(/-inf\//)],
  ["wp", at(/-config/)],
  ["jndi", at(/:/)],
  ["java", at(/\.(?:lang|io|util|net)/)],
  ["os", at(/\.(?:system|popen)/)],
  ["metadata", at(/\.(?:google|azure)/)],
  ["169", at(/\.254/)],
  ["constructor", at(/[^]{1,6}prototype/)],
  ["this", at(/\.\w{1,20}\s{0,3}(?:==|!=|\.match)/)],
  ["bin", at(/\/(?:ba|z|k|da|c)?sh\b/)],
  ["o", at(/:\d{1,4}:"/)],
]);

/** Words that go on in many ways. */
export const BY_PREFIX: readonly (readonly [prefix: string, follows: RegExp])[] = [
  // An event handler, with at least three letters more.
  ["on", at(/\s{0,9}=/)],
  ["xp_", ANYWAY],
  ["ro0ab", ANYWAY],
  ["__proto", ANYWAY],
  ["__class", ANYWAY],
  ["__mro", ANYWAY],
  ["__globals", ANYWAY],
  ["__import", ANYWAY],
  ["__subclasses", ANYWAY],
];

function each(words: string, follows: RegExp): [string, RegExp][] {
  return words.split(" ").map((word) => [word, follows]);
}
