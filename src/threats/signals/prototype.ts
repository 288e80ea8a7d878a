/** Pollution of JavaScript's prototypes. */
import type { Signal } from "../signal.ts";
import { TRAIT } from "../traits.ts";

export const prototype: Signal = {
  name: "prototype",
  family: "proto",
  needs: 0,
  any: TRAIT.underscore | TRAIT.dot | TRAIT.bracket | TRAIT.brace,
  hint: /__|prototype/,
  rules: [
    { id: "proto", confidence: 0.93, pattern: /(?:^|[^\w])__proto__(?:[^\w]|$)/, why: "__proto__" },
    {
      id: "constructor",
      confidence: 0.92,
      pattern:
        /\bconstructor['"\]]{0,3}\s{0,3}(?:\[\s{0,3}['"]?|\.|['"]?\s{0,3}:\s{0,3}\{\s{0,3}['"]?)prototype/,
      why: "constructor.prototype",
    },
    {
      id: "accessor",
      confidence: 0.9,
      pattern: /__(?:define|lookup)(?:g|s)etter__/,
      why: "defines accessors",
    },
  ],
};
