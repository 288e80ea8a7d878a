/**
 * Takes encodings off a value until nothing changes, three layers at most, as a chain of careless
 * servers would: percent, `%u`, overlong UTF-8, `\x` and `\u` escapes, HTML entities, full-width
 * letters. Reports which tricks it met; what they are worth is for signals/encoding.ts.
 */
import { unentity, unescape } from "./entities.ts";
import { TRAIT, traitsOf } from "./traits.ts";

/** Tricks seen while decoding, as bits. */
export const TRICK = {
  /** A second layer of percent-encoding hid characters that interpreters act on. */
  layered: 1,
  overlong: 2,
  nul: 4,
  /** `%uXXXX`, which only old IIS reads. */
  percentU: 8,
  invisible: 16,
} as const;

export interface Decoded {
  /** With only the encoding of its place taken off, letters as they were sent. */
  readonly once: string;
  /** Lower-cased, as far as it could be decoded. */
  readonly text: string;
  readonly tricks: number;
}

const LAYERS_MAX = 3;
const INVISIBLE = /[\u200b-\u200f\u2060\ufeff\u00ad\u{e0000}-\u{e007f}]/gu;
const COMPATIBLE =
  /[\u2024-\u2026\u2044\u2215-\u2216\u2460-\u24ff\u3002\uff00-\uffef\u{1d400}-\u{1d7ff}]/u;
const SPECIAL = /[<>"'()\\/.;|&$`%{}\r\n=]/;

/** `plus`: in queries and forms a `+` is a space. `wrapped`: its place is percent-encoded by rule. */
export function decode(raw: string, wrapped: boolean, plus: boolean): Decoded {
  let tricks = 0;
  let text = plus && raw.includes("+") ? raw.replaceAll("+", " ") : raw;
  if (wrapped && text.includes("%")) [text, tricks] = unpercent(text);
  const once = text;
  for (let layer = 0; layer < LAYERS_MAX; layer++) {
    const before = text;
    if (text.includes("%")) {
      const [decoded, seen] = unpercent(text);
      if (decoded !== text) {
        tricks |= seen;
        // A URL inside JSON is encoded once with good reason.
        if ((wrapped || layer > 0) && addsSpecial(text, decoded)) tricks |= TRICK.layered;
        text = decoded;
      }
    }
    if (text.includes("\\")) text = unescape(text);
    if (text.includes("&")) text = unentity(text);
    if (text === before) break;
  }
  return { once, ...polish(text, tricks) };
}

/** What is left when nothing is encoded any more: characters nobody sees, and their look-alikes. */
function polish(decoded: string, tricks: number): Omit<Decoded, "once"> {
  let text = decoded;
  const traits = traitsOf(text);
  if (traits & TRAIT.control) {
    if (text.includes("\0")) tricks |= TRICK.nul;
    // deno-lint-ignore no-control-regex -- control characters are what is being removed
    text = text.replace(/[\x00-\x08\x0e-\x1f\x7f]/g, "");
  }
  if (traits & TRAIT.wide) {
    const visible = text.replace(INVISIBLE, "");
    if (visible !== text) tricks |= TRICK.invisible;
    text = COMPATIBLE.test(visible) ? fold(visible) : visible;
  }
  text = text.toLowerCase();
  if (text.includes("0x")) {
    text = text.replaceAll("0x2f", "/").replaceAll("0x5c", "\\").replaceAll("0x2e", ".");
  }
  return { text, tricks };
}

const fold = (text: string) =>
  text.replace(/[\u2215\u2044]/g, "/").replace(/\u2216/g, "\\").replace(/\u3002/g, ".")
    .normalize("NFKC");

function addsSpecial(before: string, after: string): boolean {
  return before.length !== after.length && SPECIAL.test(after);
}

/** One layer of `%XX` and `%uXXXX`, reading the bytes as UTF-8 that may be overlong. */
export function unpercent(text: string): [text: string, tricks: number] {
  let out = "";
  let tricks = 0;
  let from = 0;
  let at = text.indexOf("%");
  while (at !== -1) {
    const byte = hexAt(text, at + 1, 2);
    if (byte >= 0) {
      out += text.slice(from, at);
      const [character, next, overlong] = utf8At(text, at, byte);
      if (overlong) tricks |= TRICK.overlong;
      out += character;
      from = at = next;
    } else if ((text.charCodeAt(at + 1) | 32) === 117 && hexAt(text, at + 2, 4) >= 0) {
      out += text.slice(from, at) + String.fromCharCode(hexAt(text, at + 2, 4));
      tricks |= TRICK.percentU;
      from = at = at + 6;
    } else at++;
    at = text.indexOf("%", at);
  }
  return from === 0 ? [text, tricks] : [out + text.slice(from), tricks];
}

/** The character whose first byte is at `%XX`; a lone byte is read as Latin-1. */
function utf8At(text: string, at: number, lead: number): [string, next: number, overlong: boolean] {
  if (lead < 0xc0 || lead > 0xf7) return [String.fromCharCode(lead), at + 3, false];
  const more = lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
  let code = lead & (0x3f >> more);
  let next = at + 3;
  for (let read = 0; read < more; read++, next += 3) {
    const byte = text.charCodeAt(next) === 37 ? hexAt(text, next + 1, 2) : -1;
    // C0 and C1 begin nothing valid, so whatever follows them is meant to be masked.
    if (byte < 0 || ((byte & 0xc0) !== 0x80 && lead > 0xc1)) {
      return [String.fromCharCode(lead), at + 3, false];
    }
    code = (code << 6) | (byte & 0x3f);
  }
  const overlong = code < [0, 0x80, 0x800, 0x10000][more];
  return [code <= 0x10ffff ? String.fromCodePoint(code) : "\ufffd", next, overlong];
}

function hexAt(text: string, at: number, digits: number): number {
  let value = 0;
  const end = at + digits;
  for (; at < end; at++) {
    const code = text.charCodeAt(at);
    const digit = code >= 48 && code <= 57
      ? code - 48
      : (code | 32) >= 97 && (code | 32) <= 102
      ? (code | 32) - 87
      : -1;
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}
