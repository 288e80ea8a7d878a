import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import fc from "fast-check";
import { readPath } from "../../src/paths/request_path.ts";
import { combineRisk, decide } from "../../src/threats/decision.ts";
import { excerptOf } from "../../src/threats/excerpt.ts";
import { createKnownClean } from "../../src/threats/known_clean.ts";
import { createThreatRules, type ThreatMode } from "../../src/threats/path_rules.ts";
import { addScore, type Finding, scoreField } from "../../src/threats/score.ts";
import type { Family } from "../../src/threats/signal.ts";

const finding = (signal: string, family: Family, confidence: number): Finding => ({
  signal,
  family,
  confidence,
  field: "query.q",
  excerpt: "",
});

Deno.test("scoreField() takes a signal's strongest rule, once", () => {
  assertAlmostEquals(scoreField([finding("a/1", "sqli", 0.6), finding("a/2", "sqli", 0.5)]), 0.6);
});

Deno.test("scoreField() lets signals of a family support each other", () => {
  assertAlmostEquals(scoreField([finding("a/1", "sqli", 0.6), finding("b/1", "sqli", 0.5)]), 0.8);
});

Deno.test("scoreField() counts a weak family half", () => {
  assertAlmostEquals(
    scoreField([finding("a/1", "sqli", 0.4), finding("b/1", "xss", 0.4)]),
    1 - 0.8 * 0.8,
  );
});

Deno.test("addScore() leaves out fields that say next to nothing", () => {
  assertEquals(addScore(0.3, 0.25), 0.3);
  assertAlmostEquals(addScore(0.5, 0.5), 0.75);
});

Deno.test("combineRisk() stays in 0..1 and never falls when an input rises", () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(fc.property(share, share, share, share, (payload, reputation, behaviour, more) => {
    const risk = combineRisk({ payload, reputation, behaviour });
    assert(risk >= 0 && risk <= 1);
    const higher = Math.max(payload, more);
    assert(combineRisk({ payload: higher, reputation, behaviour }) >= risk - 1e-12);
  }));
});

Deno.test("combineRisk() refuses nobody for reputation and behaviour alone", () => {
  assert(combineRisk({ payload: 0, reputation: 1, behaviour: 1 }) <= 0.8);
  assertAlmostEquals(combineRisk({ payload: 0, reputation: 1 }), 0.6);
  assert(combineRisk({ payload: 0.55, reputation: 1 }) > 0.8);
});

Deno.test("decide() acts above a threshold, and enforces in one mode only", () => {
  const thresholds = { risk: 0.8, block: 0.9 };
  const at = (risk: number, mode: ThreatMode) => decide({ risk, unread: false }, mode, thresholds);
  assertEquals(at(0.8, "enforce"), { action: "pass", enforced: true });
  assertEquals(at(0.81, "enforce"), { action: "refuse", enforced: true });
  assertEquals(at(0.95, "monitor"), { action: "refuse_and_block", enforced: false });
  assertEquals(at(1, "off"), { action: "pass", enforced: false });
});

Deno.test("decide() refuses what could not be read, and holds it against nobody", () => {
  const thresholds = { risk: 0.8, block: 0.9 };
  const at = (risk: number, mode: ThreatMode) => decide({ risk, unread: true }, mode, thresholds);
  assertEquals(at(0, "enforce"), { action: "refuse", enforced: true });
  assertEquals(at(0, "monitor"), { action: "refuse", enforced: false });
  assertEquals(at(0, "off"), { action: "pass", enforced: false });
  assertEquals(at(0.95, "enforce"), { action: "refuse_and_block", enforced: true });
});

Deno.test("excerptOf() is short and shows no secrets", () => {
  const text = `mail anna@example.com card 4111111111111111 token ${"a1".repeat(20)} ' or 1=1 ${
    "x ".repeat(200)
  }`;
  const excerpt = excerptOf(text, 0, text.length);
  assert(excerpt.length <= 60, excerpt);
  assert(!/anna|4111|a1a1/.test(excerpt), excerpt);
});

Deno.test("createThreatRules() takes the first rule that fits, or the mode of the house", () => {
  const rules = createThreatRules([
    { method: "POST", path: "/pages/*", mode: "enforce", exempt: ["body"] },
    { method: "*", path: "/pages/*", mode: "monitor", exempt: [] },
    { method: "*", path: "/a/*/c", mode: "off", exempt: [] },
  ], "enforce");
  assertEquals(rules.match(["POST"], readPath("/pages/1/x")!).exempt?.has("form.body"), true);
  assertEquals(rules.match(["GET"], readPath("/pages/1")!), { mode: "monitor", exempt: undefined });
  assertEquals(rules.match(["GET"], readPath("/a/b/c")!).mode, "off");
  assertEquals(rules.match(["GET"], readPath("/a/b/d")!).mode, "enforce");
  assertEquals(createThreatRules([], "monitor").match(["GET"], readPath("/")!).mode, "monitor");
});

Deno.test("createKnownClean() keeps no more than its size, and nothing long", () => {
  const known = createKnownClean(2);
  for (const text of ["a", "b", "c", "x".repeat(1_000)]) known.add(text);
  assertEquals(["a", "b", "c", "x".repeat(1_000)].map((text) => known.has(text)), [
    false,
    false,
    true,
    false,
  ]);
});
