/**
 * HTML entities and the escapes of scripts, read by hand: a replacement by pattern costs five times
 * as much for each of them, and a hostile text holds ten thousand.
 */

const NAMES: Readonly<Record<string, string>> = {
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  amp: "&",
  lpar: "(",
  rpar: ")",
  colon: ":",
  semi: ";",
  tab: "\t",
  newline: "\n",
  nbsp: " ",
  sol: "/",
  bsol: "\\",
  equals: "=",
  comma: ",",
  period: ".",
  lbrace: "{",
  lcub: "{",
  rbrace: "}",
  rcub: "}",
  lbrack: "[",
  lsqb: "[",
  rbrack: "]",
  rsqb: "]",
  grave: "`",
  num: "#",
  dollar: "$",
  percnt: "%",
  plus: "+",
  excl: "!",
  quest: "?",
  commat: "@",
  ast: "*",
  lowbar: "_",
  verbar: "|",
  vert: "|",
  hat: "^",
};
const NAME_LENGTH_MAX = 7;
const ZEROS_MAX = 8;
const CODE_MAX = 0x10ffff;

/** What stands for something else, and where the text goes on behind it. */
interface Reading {
  readonly text: string;
  readonly next: number;
}

/** `&lt;`, `&#60;`, `&#x0003c`; the semicolon may be missing, as browsers allow. */
export const unentity = (text: string): string => rewrite(text, "&", entityAt);

/** `\x3c`, `\u003c`, `\u{3c}`, `\074`. */
export const unescape = (text: string): string => rewrite(text, "\\", escapeAt);

function rewrite(
  text: string,
  mark: string,
  readAt: (text: string, at: number) => Reading | undefined,
): string {
  let out = "";
  let from = 0;
  let at = text.indexOf(mark);
  while (at !== -1) {
    const reading = readAt(text, at);
    if (reading) {
      out += text.slice(from, at) + reading.text;
      from = reading.next;
    }
    at = text.indexOf(mark, reading ? from : at + 1);
  }
  return from === 0 ? text : out + text.slice(from);
}

function entityAt(text: string, at: number): Reading | undefined {
  if (text.charCodeAt(at + 1) !== 35) return namedAt(text, at);
  const hex = (text.charCodeAt(at + 2) | 32) === 120;
  const digits = skipZeros(text, at + (hex ? 3 : 2));
  const end = endOfDigits(text, digits, hex ? 16 : 10, hex ? 6 : 7);
  // All of it may be zeros, and the last of them is the number.
  const start = end === digits && text.charCodeAt(digits - 1) === 48 ? digits - 1 : digits;
  return end === start ? undefined : coded(text, start, end, hex ? 16 : 10, 59);
}

function namedAt(text: string, at: number): Reading | undefined {
  let end = at + 1;
  while (end - at <= NAME_LENGTH_MAX && isLetter(text.charCodeAt(end))) end++;
  if (end - at < 3) return undefined;
  const name = text.slice(at + 1, end).toLowerCase();
  if (!Object.hasOwn(NAMES, name)) return undefined;
  return { text: NAMES[name], next: behind(text, end, 59) };
}

function escapeAt(text: string, at: number): Reading | undefined {
  const kind = text.charCodeAt(at + 1) | 32;
  if (kind === 120) return exactly(text, at + 2, 2, 16);
  if (kind === 117) {
    const braced = text.charCodeAt(at + 2) === 123;
    const start = at + (braced ? 3 : 2);
    const end = endOfDigits(text, start, 16, 6);
    if (braced && end > start) return coded(text, start, end, 16, 125);
    return end - start < 4 ? undefined : coded(text, start, start + 4, 16, -1);
  }
  // `\0` with two octal digits, as shells and C write bytes.
  return text.charCodeAt(at + 1) === 48 ? exactly(text, at + 2, 2, 8) : undefined;
}

function exactly(text: string, start: number, digits: number, base: number): Reading | undefined {
  const end = endOfDigits(text, start, base, digits);
  return end - start < digits ? undefined : coded(text, start, end, base, -1);
}

/** The character whose code stands there, with the `close` that may follow it. */
function coded(
  text: string,
  start: number,
  end: number,
  base: number,
  close: number,
): Reading | undefined {
  const code = parseInt(text.slice(start, end), base);
  if (code > CODE_MAX) return undefined;
  return { text: String.fromCodePoint(code), next: behind(text, end, close) };
}

const behind = (text: string, end: number, close: number) =>
  text.charCodeAt(end) === close ? end + 1 : end;

function skipZeros(text: string, from: number): number {
  let at = from;
  while (at - from < ZEROS_MAX && text.charCodeAt(at) === 48) at++;
  return at;
}

function endOfDigits(text: string, from: number, base: number, most: number): number {
  let at = from;
  while (at - from < most && isDigit(text.charCodeAt(at), base)) at++;
  return at;
}

const isLetter = (code: number) => (code | 32) >= 97 && (code | 32) <= 122;

function isDigit(code: number, base: number): boolean {
  if (code >= 48 && code < 48 + Math.min(base, 10)) return true;
  return base === 16 && (code | 32) >= 97 && (code | 32) <= 102;
}
