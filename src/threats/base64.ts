/**
 * Sees through one layer of base64: the text inside a value that is nothing but base64 of printable
 * text. Tokens, hashes and ids are refused after their first few bytes.
 */
const SHAPE = /^[A-Za-z0-9+/_-]{8,}={0,2}$/;
const LENGTH_MAX = 65_536;
// deno-lint-ignore no-control-regex -- the control characters that text contains
const READABLE = /^[\x09\x0a\x0d\x20-\x7e]+$/;
const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

const VALUE_OF = new Int8Array(128).fill(-1);
for (let value = 0; value < 64; value++) VALUE_OF[DIGITS.charCodeAt(value)] = value;
VALUE_OF["-".charCodeAt(0)] = 62;
VALUE_OF["_".charCodeAt(0)] = 63;

/** The readable text that `value` is the base64 of, or undefined. */
export function fromBase64(value: string): string | undefined {
  if (value.length < 8 || value.length > LENGTH_MAX || !beginsReadable(value)) return undefined;
  if (!SHAPE.test(value)) return undefined;
  const body = value.replace(/={1,2}$/, "").replaceAll("-", "+").replaceAll("_", "/");
  if (body.length % 4 === 1) return undefined;
  const text = atob(body);
  return READABLE.test(text) ? text : undefined;
}

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
      const readable = byte >= 32 && byte < 127 || byte === 10 || byte === 13 || byte === 9;
      if (!readable && !(at === 4 && value.length === 8 && byte === 0)) return false;
    }
  }
  return true;
}
