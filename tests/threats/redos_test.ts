/** No rule may become slow: not by its shape, and not on text made to slow it. */
import { assert, assertEquals } from "@std/assert";
import safe from "safe-regex2";
import { HOSTILE } from "../../bench/threats/hostile.ts";
import { HOT_PATH, HOT_WORDS } from "../../src/threats/hot_words.ts";
import { SIGNALS } from "../../src/threats/signals/mod.ts";
import { BREAKOUTS, SENTENCES } from "../../src/threats/sql/patterns.ts";
import { PLACE, Value, type View } from "../../src/threats/value.ts";

interface Pattern {
  readonly name: string;
  readonly pattern: RegExp;
  readonly view?: View;
}

const SIZE = 65_536;
/** A linear rule takes some milliseconds; a quadratic one takes minutes. */
const CEILING_MS = 2_000;

const RULES: readonly Pattern[] = SIGNALS.flatMap(({ name, rules, hint }) => [
  ...rules.map(({ id, pattern, view }) => ({ name: `${name}/${id}`, pattern, view })),
  ...(hint ? [{ name: `${name} hint`, pattern: hint }] : []),
]);
const GRAMMAR: readonly Pattern[] = [...BREAKOUTS, ...SENTENCES]
  .map(({ id, pattern }) => ({ name: `sql/${id}`, pattern }));
const WORDS: readonly Pattern[] = [
  { name: "hot words", pattern: HOT_WORDS },
  { name: "hot paths", pattern: HOT_PATH },
];

/** Bounded repeats cost at most their bound, so only the unbounded ones are checked for nesting. */
const unbounded = (pattern: RegExp) =>
  new RegExp(
    pattern.source.replace(/\{\d+(?:,\d+)?\}/g, "").replace(/(?<![(\\])\?/g, ""),
    pattern.flags,
  );

Deno.test("no rule nests an unbounded repeat in another", () => {
  const nested = [...RULES, ...GRAMMAR, ...WORDS].filter(({ pattern }) =>
    !safe(unbounded(pattern), { limit: 1_000 })
  );
  assertEquals(nested.map(({ name }) => name), []);
});

Deno.test("no rule ignores case or looks back at what it matched, but the tautology", () => {
  for (const { name, pattern } of [...RULES, ...GRAMMAR, ...WORDS]) {
    assert(!pattern.flags.includes("i"), name);
    const looksBack = /\\[1-9]/.test(pattern.source);
    assert(!looksBack || /tautology|having/.test(name), name);
  }
});

for (const { name, unit } of HOSTILE) {
  Deno.test(`no rule is slow on 64 KiB of ${name}`, () => {
    const text = unit.repeat(Math.ceil(SIZE / unit.length)).slice(0, SIZE);
    const value = new Value(PLACE.text, "x", text, 0);
    for (const { name: rule, pattern, view = "text" } of [...RULES, ...WORDS]) {
      const read = value.view(view);
      const start = performance.now();
      pattern.test(read);
      const tookMs = performance.now() - start;
      assert(tookMs < CEILING_MS, `${rule} took ${tookMs} ms`);
    }
  });
}

Deno.test("no pattern of the SQL grammar is slow on long sentences", () => {
  for (const letter of "1svwdfcUSOAPNL=l+FWGETVDK(),;.ut") {
    for (
      const sentence of [
        letter.repeat(3_000),
        `O${letter}=`.repeat(1_000),
        `(${letter},`.repeat(1_000),
      ]
    ) {
      for (const { name, pattern } of GRAMMAR) {
        const start = performance.now();
        pattern.test(sentence);
        assert(performance.now() - start < CEILING_MS, `${name} on ${sentence.slice(0, 9)}…`);
      }
    }
  }
});
