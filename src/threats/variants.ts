/**
 * The ways an application may read one text: as it is, and without the comments that stand inside
 * its words, as filters take them out (`un<!---->ion`, `un/-**-/ion`).
 */
import type { Effort } from "./sql/effort.ts";
import { type Origin, Value } from "./value.ts";

const IN_A_WORD = /[a-z](?:<!--|\/\*)/;
const COMMENTS = [["<!--", "-->"], ["/*", "*/"]] as const;

export function variants(
  place: number,
  field: string,
  text: string,
  tricks: number,
  effort: Effort,
  origin: Origin,
): Value[] {
  const value = new Value(place, field, text, tricks, effort, origin);
  if (!IN_A_WORD.test(text)) return [value];
  return [value, new Value(place, field, withoutComments(text), tricks, effort, origin)];
}

/** Takes out every comment that has an end. */
export function withoutComments(text: string): string {
  return COMMENTS.reduce((rest, [open, close]) => without(rest, open, close), text);
}

function without(text: string, open: string, close: string): string {
  let out = "";
  let from = 0;
  for (let at = text.indexOf(open); at !== -1; at = text.indexOf(open, from)) {
    const end = text.indexOf(close, at + open.length);
    if (end === -1) break;
    out += text.slice(from, at);
    from = end + close.length;
  }
  return out + text.slice(from);
}
