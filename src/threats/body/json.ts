/**
 * Reads the strings out of JSON without believing that it is well-formed: an attacker may cut it,
 * repeat keys, or put text between the values. One pass, nothing recursive.
 */

/** `at` and `end` say where in the text it stands. */
export interface JsonSink {
  key(name: string, path: string, at: number, end: number): void;
  text(value: string, name: string, path: string, at: number, end: number): void;
}

const DEPTH_MAX = 64;
const SCALAR = /(?:-?\d[\d.eE+-]{0,40}|true|false|null)(?=[\s,}\]]|$)/y;

/** What an ASCII character outside a string is: nothing known, blank or separator, or a scalar's. */
const OTHER = 0;
const BLANK = 1;
const SCALAR_START = 2;
const GROUP_OF = new Uint8Array(128);
for (const character of " \t\r\n\v\f,:") GROUP_OF[character.charCodeAt(0)] = BLANK;
for (const character of "-0123456789tfn") GROUP_OF[character.charCodeAt(0)] = SCALAR_START;

/** Returns whether everything between the strings was JSON. */
export function readJson(text: string, root: string, sink: JsonSink): boolean {
  const paths = [root];
  let clean = true;
  let name = "";
  let path = root;
  let at = 0;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === 34) {
      const start = at;
      const end = endOfString(text, at + 1);
      const string = unquote(text.slice(at + 1, end));
      at = end + 1;
      if (isKey(text, at)) {
        name = string;
        path = `${paths[paths.length - 1]}.${string}`;
        sink.key(string, path, start, end);
      } else sink.text(string, name, path, start, end);
    } else if (code === 123 || code === 91) {
      if (paths.length < DEPTH_MAX) paths.push(path);
      at++;
    } else if (code === 125 || code === 93) {
      if (paths.length > 1) path = paths.pop()!;
      at++;
    } else {
      const group = code < 128 ? GROUP_OF[code] : /\s/.test(text[at]) ? BLANK : OTHER;
      const next = group === SCALAR_START ? skip(SCALAR, text, at) : at + group;
      clean &&= next > at;
      at = Math.max(next, at + 1);
    }
  }
  return clean;
}

function skip(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}

function isKey(text: string, at: number): boolean {
  while (text.charCodeAt(at) <= 32) at++;
  return text.charCodeAt(at) === 58;
}

function endOfString(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 92) at++;
    else if (code === 34) return at;
  }
  return text.length;
}

const ESCAPES = /\\(?:u([0-9a-fA-F]{4})|(.))/g;
const SHORT: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", b: "\b", f: "\f" };

function unquote(text: string): string {
  if (!text.includes("\\")) return text;
  try {
    return JSON.parse(`"${text}"`);
  } catch {
    // An escape that JSON does not know, or a string cut in the middle of one.
    return text.replace(
      ESCAPES,
      (_, hex?: string, short?: string) =>
        hex ? String.fromCharCode(parseInt(hex, 16)) : SHORT[short!] ?? short!,
    );
  }
}
