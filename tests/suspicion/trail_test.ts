import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { THRESHOLDS, WINDOW_MS } from "../../src/suspicion/thresholds.ts";
import { joinTrails, noteOf, tally, timeOf, TRAIL_MAX } from "../../src/suspicion/trail.ts";

const NOW = Date.UTC(2026, 10, 21);
const SINCE = NOW - WINDOW_MS;

const note = fc.record({
  agoMs: fc.integer({ min: 0, max: 2 * WINDOW_MS }),
  serial: fc.nat(300),
  status: fc.constantFrom(400, 401, 403, 404, 422),
}).map(({ agoMs, serial, status }) => noteOf(NOW - agoMs, serial, status));

const trail = fc.array(note, { maxLength: 80 });
const counts = (notes: readonly number[]) =>
  THRESHOLDS.map((_, index) => tally(notes, index, SINCE).count);

Deno.test("noteOf() keeps the time and stays an exact number", () => {
  const last = noteOf(NOW, 255, 404);
  assert(Number.isSafeInteger(last));
  assertEquals(timeOf(last), NOW);
});

Deno.test("joinTrails() leaves every count as it was, up to its threshold", () => {
  fc.assert(fc.property(trail, trail, (one, other) => {
    const all = [...new Set([...one, ...other])].sort((a, b) => a - b);
    const joined = joinTrails(one, other, SINCE);
    assertEquals(counts(joined), counts(all));
    assert(joined.length <= TRAIL_MAX);
    assert(joined.every((value, at) => at === 0 || joined[at - 1] < value));
  }));
});

Deno.test("joinTrails() is a union: order, repetition and grouping do not matter", () => {
  fc.assert(fc.property(trail, trail, trail, (a, b, c) => {
    const join = (x: readonly number[], y: readonly number[]) => joinTrails(x, y, SINCE);
    assertEquals(join(a, b), join(b, a));
    assertEquals(join(join(a, b), b), join(a, b));
    assertEquals(counts(join(join(a, b), c)), counts(join(a, join(b, c))));
  }));
});

Deno.test("tally() counts a 404 for scanning and for abuse, a 401 for stuffing and abuse", () => {
  const notes = [noteOf(NOW - 2, 0, 401), noteOf(NOW - 1, 1, 404), noteOf(NOW, 2, 422)];
  assertEquals(THRESHOLDS.map((_, index) => tally(notes, index, SINCE).count), [1, 1, 3]);
});
