/** Encodings nobody uses by accident. */
import { TRICK } from "../decode.ts";
import type { Match, Signal } from "../signal.ts";
import { PLACE, type Value } from "../value.ts";

const TRICKS: readonly (readonly [trick: number, id: string, confidence: number])[] = [
  [TRICK.overlong, "overlong", 0.86],
  [TRICK.nul, "nul", 0.82],
  [TRICK.percentU, "percent_u", 0.6],
  [TRICK.layered, "layered", 0.25],
];

export const encoding: Signal = {
  name: "encoding",
  family: "protocol",
  needs: 0,
  places: PLACE.path | PLACE.query | PLACE.form | PLACE.json | PLACE.cookie | PLACE.header |
    PLACE.name | PLACE.filename,
  rules: [],
  detect: ({ tricks, text }: Value): readonly Match[] => {
    if (tricks === 0) return [];
    return TRICKS.filter(([trick]) => tricks & trick).map(([, id, confidence]) => ({
      rule: { id, confidence },
      text,
      index: 0,
      length: Math.min(text.length, 40),
    }));
  },
};
