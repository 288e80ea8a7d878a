/**
 * Percent-decoding as careless servers do it: `%XX` as UTF-8 that may be overlong or incomplete,
 * and the `%uXXXX` of old IIS. Says which tricks it met; what they are worth is for others.
 */

/** Tricks seen while decoding, as bits. */
export const PERCENT_TRICK = {
  overlong: 2,
  /** `%uXXXX`, which only old IIS reads. */
  percentU: 8,
} as const;

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
      if (overlong) tricks |= PERCENT_TRICK.overlong;
      out += character;
      from = at = next;
    } else if ((text.charCodeAt(at + 1) | 32) === 117 && hexAt(text, at + 2, 4) >= 0) {
      out += text.slice(from, at) + String.fromCharCode(hexAt(text, at + 2, 4));
      tricks |= PERCENT_TRICK.percentU;
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
