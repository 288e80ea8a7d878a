/** JSON bodies for a schema: right ones, and ones with a single thing wrong. */
import type { Schema } from "./_document.ts";
import { ODD_TEXTS, ODD_VALUES, type Random, type Size, type Values } from "./_fuzz_values.ts";

/** What is wrong with a request. */
export const KINDS = [
  "right",
  "least",
  "most",
  "past a bound",
  "wrong type",
  "missing field",
  "extra field",
  "deep",
  "odd text",
  "huge",
  "wrong content type",
  "broken JSON",
  "odd fields",
] as const;
export type Kind = typeof KINDS[number];

export const SIZES: Partial<Record<Kind, Size>> = { least: "least", most: "most" };
const DEPTHS = [50, 500, 20_000];
/** The limit is 64 KiB. */
const HUGE_LENGTH = 66_000;
const EXTRA = '"__proto__":{"role":"admin","polluted":1},"extra":[1]}';

/** Answers the text of a body; a kind that is not about bodies gets a right one. */
export function createBodies(random: Random, values: Values) {
  return (schema: Schema, kind: Kind): string => {
    const body = values.of(schema, SIZES[kind] ?? "some") as Record<string, unknown>;
    const text = JSON.stringify(body);
    const name = random.pick(Object.keys(schema.properties ?? {}));
    const put = (value: unknown) => JSON.stringify({ ...body, [name]: value });
    const odd = random.pick(ODD_VALUES);
    const damaged: Partial<Record<Kind, () => string>> = {
      "past a bound": () => put(values.beyond(schema.properties?.[name] ?? {})),
      "wrong type": () => random.whole(0, 9) === 0 ? JSON.stringify(odd) : put(odd),
      "missing field": () => put(undefined),
      // By hand, as an object would lose the first of them.
      "extra field": () => text.slice(0, -1) + (text === "{}" ? "" : ",") + EXTRA,
      "deep": () => put("DEEP").replace('"DEEP"', nested(random.pick(DEPTHS))),
      "odd text": () => put(random.pick(ODD_TEXTS)),
      "huge": () => put(values.text(HUGE_LENGTH)),
      "broken JSON": () =>
        text.slice(0, random.whole(0, text.length - 1)) + random.pick(["", "}", "\u0000", "'"]),
    };
    return damaged[kind]?.() ?? text;
  };
}

function nested(depth: number): string {
  return "[".repeat(depth) + "]".repeat(depth);
}
