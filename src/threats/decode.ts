/**
 * Takes encodings off a value until nothing changes, three layers at most, as a chain of careless
 * servers would: percent, `%u`, overlong UTF-8, `\x` and `\u` escapes, HTML entities, full-width
 * letters. Reports which tricks it met; what they are worth is for signals/encoding.ts.
 */
import { PERCENT_TRICK, unpercent } from "../percent.ts";
import { unentity, unescape } from "./entities.ts";
import { TRAIT, traitsOf } from "./traits.ts";

/** Tricks seen while decoding, as bits. */
export const TRICK = {
  /** A second layer of percent-encoding hid characters that interpreters act on. */
  layered: 1,
  overlong: PERCENT_TRICK.overlong,
  nul: 4,
  percentU: PERCENT_TRICK.percentU,
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
  const sent = text;
  if (wrapped && text.includes("%")) [text, tricks] = unpercent(text);
  const once = text;
  // Signs that encoded nothing the first time encode nothing the second time.
  let mayUnpercent = !wrapped || once !== sent;
  for (let layer = 0; layer < LAYERS_MAX; layer++) {
    const before = text;
    if (mayUnpercent && text.includes("%")) {
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
    mayUnpercent = true;
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
