/**
 * No expression that sees what strangers send may become slow: not by its shape, and not on text
 * made of its own parts. Every expression of the tree is found and tried; there is no list to keep.
 */
import { assert, assertEquals } from "@std/assert";
import safe from "safe-regex2";
import { createCpuClock } from "../../bench/threats/cpu_clock.ts";
import { pumpsOf } from "../../bench/threats/pumps.ts";
import { HOT_PATH, HOT_WORDS } from "../../src/threats/hot_words.ts";
import { SIGNALS } from "../../src/threats/signals/mod.ts";
import { BREAKOUTS, SENTENCES } from "../../src/threats/sql/patterns.ts";
import { type Expression, expressionsOf, literalsIn } from "./_expressions.ts";

const SIZE = 65_536;
/** Where a quadratic expression already takes 8 ms, and a linear one a fraction of one. */
const SCREEN_SIZE = 4_096;
const SCREEN_MS = 1;
/** Four times the text: a linear expression takes four times as long, a quadratic one sixteen. */
const GROWTH = 4;
const GROWTH_MAX = 9;
/** Of computing alone; the dearest linear one takes 20, a quadratic one takes seconds. */
const CEILING_MS = 250;
/** `verify` reads the operator's own site, from the operator's own machine. */
const FOLDERS = ["src", "routes"];
const APART = /^src\/verify\//;

const cpu = createCpuClock();

const RULES = SIGNALS.flatMap(({ name, rules, hint }) => [
  ...rules.map(({ id, pattern }) => ({ name: `${name}/${id}`, pattern })),
  ...(hint ? [{ name: `${name} hint`, pattern: hint }] : []),
]);
const GRAMMAR = [...BREAKOUTS, ...SENTENCES].map(({ id, pattern }) => ({
  name: `sql/${id}`,
  pattern,
}));
const WORDS = [
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

Deno.test("literalsIn() finds expressions, and no divisions, comments or strings", () => {
  const source = [
    'const a = /x\\/[/"]+/g; // not /this/',
    'const b = "/nor this/" + `/or ${1 / 2} this/`;',
    "const c = (1 + 2) / 3 / 4; return /y/;",
    "f(/z/i, /* /no/ */ /'/)",
  ].join("\n");
  assertEquals(literalsIn(source).map(String), ['/x\\/[/"]+/g', "/y/", "/z/i", "/'/"]);
});

/** What `pattern` takes on `pump` over and over, and an end that nothing waits for. */
function timeOf(pattern: RegExp, pump: string, size: number, tries: number): number {
  const text = `${pump.repeat(Math.ceil(size / pump.length)).slice(0, size - 1)}\u0001`;
  let best = Infinity;
  for (let at = 0; at < tries; at++) {
    pattern.lastIndex = 0;
    const start = cpu();
    pattern.test(text);
    best = Math.min(best, cpu() - start);
  }
  return best;
}

/** Why an expression is too slow, or undefined. */
function slownessOf({ where, pattern }: Expression): string | undefined {
  let worst = 0;
  let worstPump = "a";
  for (const pump of pumpsOf(pattern)) {
    const ms = timeOf(pattern, pump, SCREEN_SIZE, 1);
    if (ms > worst) [worst, worstPump] = [ms, pump];
    if (ms < SCREEN_MS) continue;
    const small = timeOf(pattern, pump, SCREEN_SIZE, 3);
    if (small < SCREEN_MS) continue;
    if (small > CEILING_MS) return `${where}: ${pattern} took ${small} ms on ${pump}`;
    const large = timeOf(pattern, pump, SCREEN_SIZE * GROWTH, 2);
    if (large > small * GROWTH_MAX) {
      return `${where}: ${pattern} grows ${(large / small).toFixed(1)} times on ${pump}`;
    }
  }
  const ms = timeOf(pattern, worstPump, SIZE, 2);
  return ms > CEILING_MS ? `${where}: ${pattern} took ${ms} ms on ${worstPump}` : undefined;
}

Deno.test("no expression of the tree is slow on 64 KiB of its own parts", async () => {
  const byText = new Map<string, Expression>();
  for (const expression of await expressionsOf(FOLDERS)) {
    if (!APART.test(expression.where)) byText.set(String(expression.pattern), expression);
  }
  assert(byText.size > 400, `only ${byText.size} expressions were found`);
  const slow = [...byText.values()].map(slownessOf).filter((reason) => reason !== undefined);
  assertEquals(slow, []);
});

Deno.test("the search for slow expressions finds the kinds it is for", () => {
  for (const pattern of [/\d{8,}\//, /(?:\.{2,}[\\/]{1,3}){2}/, /a[^b]*c/, /\s+$/]) {
    assert(slownessOf({ where: "here", pattern }), String(pattern));
  }
  for (const pattern of [/\d{8}\//, /<a[^<>]{0,200}>/, /^\s+x/]) {
    assertEquals(slownessOf({ where: "here", pattern }), undefined, String(pattern));
  }
});
