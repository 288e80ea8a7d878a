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
/** Of a path's length; whoever nests long keys would have each of them read with all before it. */
const PATH_MAX = 200;
const KEY_MAX = 80;
const SCALAR = /(?:-?\d[\d.eE+-]{0,40}|true|false|null)(?=[\s,}\]]|$)/y;

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
        path = join(paths[paths.length - 1], string, root);
        sink.key(string, path, start, end);
      } else sink.text(string, name, path, start, end);
    } else if (code === 123 || code === 91) {
      if (paths.length < DEPTH_MAX) paths.push(path);
      at++;
    } else if (code === 125 || code === 93) {
      if (paths.length > 1) path = paths.pop()!;
      at++;
    } else {
      const next = behindScalar(text, at);
      clean &&= next > at;
      at = next > at ? next : nextMark(text, at + 1);
    }
  }
  return clean;
}

/** Behind the blanks and separators or the number or word at `at`; `at` when there is neither. */
function behindScalar(text: string, at: number): number {
  let end = at;
  while (isSeparator(text.charCodeAt(end))) end++;
  if (end > at) return end;
  SCALAR.lastIndex = at;
  return SCALAR.test(text) ? SCALAR.lastIndex : at;
}

const isSeparator = (code: number) => code <= 32 || code === 44 || code === 58 || code === 160;

/** Where a string, an object or an array begins or ends: what is no JSON holds nothing else. */
function nextMark(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 34 || code === 123 || code === 125 || code === 91 || code === 93) return at;
  }
  return text.length;
}

/** The path of a key, its middle left out when it grows long. */
function join(parent: string, key: string, root: string): string {
  const path = `${parent}.${key}`;
  if (path.length <= PATH_MAX) return path;
  return `${root}.….${parent.slice(-KEY_MAX)}.${key.slice(0, KEY_MAX)}`;
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

const SHORT: Readonly<Record<string, string>> = {
  n: "\n",
  r: "\r",
  t: "\t",
  b: "\b",
  f: "\f",
  // The end of a line ends the escape as well.
  "\n": "\\\n",
  "\r": "\\\r",
  "\u2028": "\\\u2028",
  "\u2029": "\\\u2029",
};
const HEX = /[0-9a-fA-F]{4}/y;

/** An escape that JSON does not know stands for its character; a string may be cut in one. */
function unquote(text: string): string {
  let out = "";
  let from = 0;
  let at = text.indexOf("\\");
  while (at !== -1 && at + 1 < text.length) {
    const kind = text[at + 1];
    HEX.lastIndex = at + 2;
    const isCode = kind === "u" && HEX.test(text);
    const end = isCode ? at + 6 : at + 2;
    out += text.slice(from, at) +
      (isCode ? String.fromCharCode(parseInt(text.slice(at + 2, end), 16)) : SHORT[kind] ?? kind);
    from = end;
    at = text.indexOf("\\", end);
  }
  return from === 0 ? text : out + text.slice(from);
}
