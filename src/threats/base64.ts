/**
 * Sees through one layer of base64: the text inside a value that is nothing but base64 of printable
 * text. Tokens, hashes and ids are refused after their first few bytes.
 */
/** Of the digits. */
const LENGTH_MIN = 8;
const LENGTH_MAX = 65_536;
const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

const VALUE_OF = new Int8Array(128).fill(-1);
for (let value = 0; value < 64; value++) VALUE_OF[DIGITS.charCodeAt(value)] = value;
VALUE_OF["-".charCodeAt(0)] = 62;
VALUE_OF["_".charCodeAt(0)] = 63;

/** A value is asked twice for what is inside: to tell whether it is harmless, and to read it. */
export class Base64 {
  #asked = "";
  #inside: string | undefined;

  inside(value: string): string | undefined {
    if (value !== this.#asked) {
      this.#asked = value;
      this.#inside = fromBase64(value);
    }
    return this.#inside;
  }
}

/** The readable text that `value` is the base64 of, or undefined. */
export function fromBase64(value: string): string | undefined {
  if (value.length < LENGTH_MIN || value.length > LENGTH_MAX || !beginsReadable(value)) {
    return undefined;
  }
  const digits = digitsOf(value);
  if (digits % 4 === 1 || digits < LENGTH_MIN) return undefined;
  let text = "";
  // In pieces, as a call takes only so many arguments; a piece that cannot be read ends it.
  for (let from = 0; from < digits; from += PIECE_LENGTH) {
    const codes = readable(value, from, Math.min(from + PIECE_LENGTH, digits));
    if (codes === undefined) return undefined;
    text += String.fromCharCode(...codes);
  }
  return text;
}

const PIECE_LENGTH = 4_096;

/** Without the one or two signs that fill it up. */
function digitsOf(value: string): number {
  let end = value.length;
  while (end > value.length - 2 && value.charCodeAt(end - 1) === 61) end--;
  return end;
}

/** The bytes of whole groups of digits and of a last one that is short, when all are readable. */
function readable(value: string, from: number, to: number): number[] | undefined {
  const codes: number[] = [];
  let bits = 0;
  for (let at = from; at < to; at++) {
    const code = value.charCodeAt(at);
    const digit = code < 128 ? VALUE_OF[code] : -1;
    if (digit < 0) return undefined;
    const place = (at - from) & 3;
    bits = (bits << 6) | digit;
    if (place === 0) continue;
    const byte = (bits >> (6 - 2 * place)) & 0xff;
    if (!isReadable(byte)) return undefined;
    codes.push(byte);
  }
  return codes;
}

const isReadable = (byte: number) =>
  byte >= 32 && byte < 127 || byte === 10 || byte === 13 || byte === 9;

/** What `value` is the base64 of, whatever it is, its bytes read as UTF-8; undefined when it is none. */
export function textOfBase64(value: string): string | undefined {
  try {
    const body = value.replace(/={1,2}$/, "").replaceAll("-", "+").replaceAll("_", "/");
    return new TextDecoder().decode(Uint8Array.from(atob(body), (byte) => byte.charCodeAt(0)));
  } catch {
    return undefined;
  }
}

/** Whether the first eight digits decode to six readable bytes; one in 400 random tokens does. */
function beginsReadable(value: string): boolean {
  for (let at = 0; at < 8; at += 4) {
    let bits = 0;
    for (let i = at; i < at + 4; i++) {
      const code = value.charCodeAt(i);
      const digit = code < 128 ? VALUE_OF[code] : -1;
      if (digit < 0 && !(code === 61 && i >= 6)) return false;
      bits = (bits << 6) | Math.max(digit, 0);
    }
    for (let shift = 16; shift >= 0; shift -= 8) {
      const byte = (bits >> shift) & 0xff;
      if (!isReadable(byte) && !(at === 4 && value.length === 8 && byte === 0)) return false;
    }
  }
  return true;
}
