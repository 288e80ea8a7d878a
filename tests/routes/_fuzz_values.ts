/** Values for a schema: right ones of every size, and ones with a single thing wrong. */
import type { Schema } from "./_document.ts";

export interface Random {
  whole(min: number, max: number): number;
  pick<Item>(from: readonly Item[]): Item;
}

/** The same numbers for the same seed (mulberry32). */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const whole = (min: number, max: number) => min + Math.floor(next() * (max - min + 1));
  return { whole, pick: (from) => from[whole(0, from.length - 1)] };
}

export type Size = "least" | "some" | "most";

/** Values by field name that lead further than invented ones: ids and passwords that exist. */
export type Hints = Readonly<Record<string, readonly unknown[]>>;

const LETTERS = "abcdefghijklmnopqrstuvwxyz ABC-_.0123456789@éß日";

export interface Values {
  of(schema: Schema, size: Size, name?: string): unknown;
  /** Just past a bound of the schema; undefined where it has none. */
  beyond(schema: Schema): unknown;
  text(length: number): string;
}

export function createValues(random: Random, hints: Hints): Values {
  const text = (length: number) => Array.from({ length }, () => random.pick([...LETTERS])).join("");
  const count = (size: Size, min = 0, max = min + 5) =>
    size === "least" ? min : size === "most" ? max : random.whole(min, Math.min(max, min + 20));

  const stringOf = (schema: Schema, size: Size): string => {
    const { format, pattern, minLength, maxLength } = schema;
    if (format === "date-time") {
      return random.pick(["2026-11-21T00:00:00Z", "2031-01-01T00:00:00Z"]);
    }
    if (pattern?.includes("\\d{1,12}")) return String(random.whole(0, 250));
    const length = count(size, minLength, maxLength);
    return pattern ? "k".repeat(length) : text(length);
  };
  const of: Values["of"] = (schema, size, name = "") => {
    if (hints[name] && random.whole(0, 2) > 0) return random.pick(hints[name]);
    if (schema.const !== undefined) return schema.const;
    if (schema.enum) return random.pick(schema.enum);
    if (schema.anyOf) return of(random.pick(schema.anyOf), size, name);
    const { type, items = {}, minItems, maxItems, properties = {}, required = [] } = schema;
    if (type === "string") return stringOf(schema, size);
    if (type === "boolean") return random.pick([true, false]);
    if (type === "integer" || type === "number") {
      return random.whole(schema.minimum ?? 0, Math.min(schema.maximum ?? 100, 1_000));
    }
    if (type === "array") {
      return Array.from({ length: count(size, minItems, maxItems) }, () => of(items, size));
    }
    if (type !== "object") return null;
    const names = Object.keys(properties).filter((one) =>
      required.includes(one) || size === "most" || (size === "some" && random.whole(0, 1) === 1)
    );
    return Object.fromEntries(names.map((one) => [one, of(properties[one], size, one)]));
  };
  const beyond: Values["beyond"] = ({ type, minLength = 0, maxLength, maxItems, items = {} }) => {
    if (type === "array") {
      return Array.from({ length: (maxItems ?? 100) + 1 }, () => of(items, "some"));
    }
    if (type === "integer" || type === "number") return Number.MAX_SAFE_INTEGER;
    const isShort = minLength > 0 && random.whole(0, 1) === 1;
    return text(isShort ? minLength - 1 : (maxLength ?? 2_000) + 1);
  };
  return { of, beyond, text };
}

/** What breaks programs that expected a word. */
export const ODD_TEXTS: readonly string[] = [
  "\u0000",
  "a\u0000b",
  "\ud800",
  "\u202eexe.txt",
  "👩‍👩‍👧‍👦".repeat(10),
  "e" + "\u0301".repeat(500),
  "ﷺ".repeat(50),
  "' OR 1=1 --",
  "<script>alert(1)</script>",
  "${7*7}{{7*7}}",
  "../../etc/passwd",
  "=HYPERLINK(0)",
  "\r\nset-cookie: a=b",
  "__proto__",
  "constructor",
  "NaN",
];

/** Of a type that no field of ours has, or only few. */
export const ODD_VALUES: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e308,
  -0,
  "",
  "text",
  [],
  [[]],
  {},
  { length: 3 },
  [null],
  { toString: null },
];
