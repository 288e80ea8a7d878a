/**
 * Reads text as SQL and writes down the sentence as one letter a token, so that injection grammar
 * can be told by short patterns over letters (`patterns.ts`) instead of patterns over text.
 *
 *     1 number     s string      u string that never ends     v @variable     w identifier
 *     d dangerous function   f known function (both before a parenthesis)     c comment to the end
 *     U union   S select   O or, xor   A and, &&   P ||   N not and kin   L null, true and kin
 *     D table, view and kin   K as, by, join and kin   t string that ends with the value, almost at once
 *     = comparison   l like, in, is and kin   + arithmetic, bits   F from   W where   G clause
 *     T statement   E case and kin   V set, values   and ( ) , ; . { } as themselves
 *
 * Block comments are blanks, and the inside of MySQL's executable comments is read as text.
 */
import { DANGEROUS_FUNCTIONS, KNOWN_FUNCTIONS, PART_OF } from "./words.ts";

export interface Sentence {
  readonly types: string;
  /** Offset in the text behind the last token read. */
  readonly end: number;
}

const TOKEN =
  /[ \t\r\n\f\v\u00a0]+|\/\*(?:!\d{0,6})?|\*\/|--|#|0x[0-9a-f]{1,2000}|\d{1,40}(?:\.\d{0,40})?(?:e[+-]?\d{1,4})?|@{1,2}[\w.$`]{0,80}|[a-z_\u00c0-\uffff][\w$\u00c0-\uffff]{0,80}|<=>|<>|!=|<=|>=|:=|==|\|\||&&|[^]/y;
const SIGN_BESIDE_WORD = /(?<=[A-OQ-Z])\+{1,40}|\+{1,40}(?=[A-OQ-Z])/g;
const DIGITS_FOLLOW = /\d/;

/** Reads at most `tokensMax` tokens from `start`. `text` is lower-case. */
export function tokenize(text: string, start: number, tokensMax: number): Sentence {
  let types = "";
  let at = start;
  while (at < text.length && types.length < tokensMax) {
    const code = text.charCodeAt(at);
    if (code === 32) {
      at++;
      continue;
    }
    const next = endOfToken(text, at, code);
    const token = text.slice(at, next);
    if (code === 39 || code === 34 || code === 96) {
      const close = closing(text, next, token);
      // What stands in back-ticks is a name; no quote that is left open there matters.
      types += close < 0 ? unclosed(code, text.length - next) : code === 96 ? "w" : "s";
      at = close < 0 ? (code === 96 ? next : text.length) : close + 1;
    } else if (token === "--" || token === "#") {
      const line = text.indexOf("\n", next);
      if (line < 0) types += "c";
      at = line < 0 ? text.length : line + 1;
    } else if (token.startsWith("/*")) {
      if (token.length > 2) at = next;
      else {
        const close = text.indexOf("*/", next);
        if (close < 0) types += "c";
        at = close < 0 ? text.length : close + 2;
      }
    } else {
      types += letterOf(token, text, next);
      at = next;
    }
  }
  // A `+` or a sign beside a keyword adds nothing, and many clients write blanks as `+`.
  return { types: types.includes("+") ? types.replace(SIGN_BESIDE_WORD, "") : types, end: at };
}

/** What a token that begins with each character may be. */
const ALONE = 1;
const NAME = 2;
const KIND = new Uint8Array(128);
for (const sign of "\"'`(),;.{}[]~+\\%^?$") KIND[sign.charCodeAt(0)] = ALONE;
for (const letter of "abcdefghijklmnopqrstuvwxyz_") KIND[letter.charCodeAt(0)] = NAME;
const NAME_LENGTH_MAX = 81;

/** As `TOKEN` says, but without it for names and for signs that stand alone: nearly all tokens. */
function endOfToken(text: string, at: number, code: number): number {
  const kind = code < 128 ? KIND[code] : 0;
  if (kind === ALONE) return at + 1;
  if (kind === NAME) {
    let end = at + 1;
    while (end - at < NAME_LENGTH_MAX && isNamePart(text.charCodeAt(end))) end++;
    return end;
  }
  TOKEN.lastIndex = at;
  TOKEN.test(text);
  return TOKEN.lastIndex;
}

const isNamePart = (code: number) =>
  code >= 97 && code <= 122 || code >= 48 && code <= 57 || code === 95 || code === 36 ||
  code >= 65 && code <= 90 || code >= 0xc0;

/** A short rest is the application's own quote coming; a long one is just text. */
const REST_MAX = 80;
const TINY_REST_MAX = 3;

function unclosed(code: number, rest: number): string {
  if (code === 96) return ".";
  return rest <= TINY_REST_MAX ? "t" : rest <= REST_MAX ? "u" : "s";
}

function closing(text: string, from: number, quote: string): number {
  let at = text.indexOf(quote, from);
  while (at > 0 && text.charCodeAt(at - 1) === 92 && text.charCodeAt(at - 2) !== 92) {
    at = text.indexOf(quote, at + 1);
  }
  return at;
}

function letterOf(token: string, text: string, next: number): string {
  const code = token.charCodeAt(0);
  if (code === 32 || (code >= 9 && code <= 13) || code === 0xa0) return "";
  if (code === 43) return "+";
  if (code >= 48 && code <= 57) return "1";
  if (code === 64) return token.length > 1 ? "v" : "";
  if (code === 95 || (code >= 97 && code <= 122) || code >= 0xc0) return ofWord(token, text, next);
  if (token === "||") return "P";
  if (token === "&&") return "A";
  if ("<=>!:".includes(token[0])) return token === "!" ? "N" : token === ":" ? "." : "=";
  if (token === "~") return "N";
  if (token === "*/") return "";
  if ("-*/%&|^".includes(token)) return "+";
  if ("(),;.{}".includes(token)) return token;
  // `[name]` and `\` as MySQL's end of line.
  return "";
}

function ofWord(word: string, text: string, next: number): string {
  const part = PART_OF.get(word);
  const follows = text.charCodeAt(skipBlanks(text, next));
  if (follows === 40) {
    if (DANGEROUS_FUNCTIONS.has(word)) return "d";
    if (part !== "T" && KNOWN_FUNCTIONS.has(word)) return "f";
  }
  if (part) return part;
  if (follows === 46 && text.charCodeAt(next) === 46 && DANGEROUS_FUNCTIONS.has(word)) return "d";
  // `x'41'`, `n'a'`, `_utf8'a'`: a prefix of the string, not a name.
  const after = text.charCodeAt(next);
  if (
    (after === 39 || after === 34) &&
    (word === "x" || word === "n" || word === "b" || word[0] === "_")
  ) {
    return "";
  }
  return DIGITS_FOLLOW.test(word) && /^\d/.test(word) ? "1" : "w";
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (text.charCodeAt(at) === 32 && at - from < 8) at++;
  return at;
}
