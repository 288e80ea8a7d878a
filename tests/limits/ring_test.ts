import { assert, assertEquals, assertFalse, assertGreaterOrEqual } from "@std/assert";
import fc from "fast-check";
import {
  countsAt,
  isCredible,
  ringOf,
  ringShape,
  slotAt,
  slotLeavesAt,
  total,
} from "../../src/limits/ring.ts";
import { DAY, HOUR, MINUTE, SECOND } from "../../src/time.ts";

const windows = fc.oneof(
  fc.integer({ min: SECOND, max: DAY }),
  fc.constantFrom(SECOND, 10 * SECOND, MINUTE, 5 * MINUTE, HOUR, DAY),
);

Deno.test("ringShape() cuts a minute into twenty slots of three seconds", () => {
  const shape = ringShape(MINUTE, 0);
  assertEquals(shape, { slotMs: 3_000, past: 20, ahead: 20, size: 41, lifeMs: 126_000 });
});

Deno.test("ringShape() counts longer when clocks may be 2.5 s off", () => {
  assertEquals(ringShape(MINUTE, 2_500).past, 22, "5 s are two slots of 3 s");
  assertEquals(ringShape(MINUTE, 1).past, 21);
  assertEquals(ringShape(HOUR, 2_500).past, 21);
  assertEquals(ringShape(10 * SECOND, 2_500).past, 30, "5 s are ten slots of 500 ms");
});

Deno.test("slotLeavesAt() keeps every use for a whole window and at most one slot longer", () => {
  fc.assert(fc.property(windows, fc.integer({ min: 0, max: 4e12 }), (windowMs, nowMs) => {
    const shape = ringShape(windowMs, 0);
    const keptMs = slotLeavesAt(slotAt(nowMs, shape), shape) - nowMs;
    assertGreaterOrEqual(keptMs, windowMs);
    assert(keptMs <= shape.past * shape.slotMs + shape.slotMs);
  }));
});

Deno.test("slotLeavesAt() keeps a use of the slowest clock for a window of the fastest one", () => {
  const skews = fc.integer({ min: -2_500, max: 2_500 });
  const times = fc.integer({ min: 1e12, max: 2e12 });
  fc.assert(fc.property(windows, times, skews, skews, (windowMs, nowMs, skewOne, skewOther) => {
    const shape = ringShape(windowMs, 2_500);
    const leavesAt = slotLeavesAt(slotAt(nowMs + skewOne, shape), shape) - skewOther;
    assertGreaterOrEqual(leavesAt - nowMs, windowMs);
  }));
});

const shape = ringShape(MINUTE, 0);
const countLists = fc.array(fc.integer({ min: 0, max: 200 }), {
  minLength: shape.size,
  maxLength: shape.size,
});

Deno.test("ringOf() and countsAt() give back the same counts at the same slot", () => {
  fc.assert(fc.property(countLists, fc.integer({ min: 100, max: 1e9 }), (counts, j) => {
    assertEquals(countsAt(j, ringOf(j, counts, 1, shape), shape), counts);
  }));
});

Deno.test("ringOf() stores no zeros at either end", () => {
  const counts = new Array<number>(shape.size).fill(0);
  counts[4] = 7;
  counts[6] = 9;
  assertEquals(ringOf(1_000, counts, 5, shape), { j: 1_000, f: 984, u: [7, 0, 9], w: 5 });
  const empty = ringOf(1_000, new Array<number>(shape.size).fill(0), 5, shape);
  assertEquals(empty.u, []);
  assertEquals(total(countsAt(1_000, empty, shape)), 0);
});

Deno.test("countsAt() forgets a slot as the ring turns, and never one that still counts", () => {
  fc.assert(fc.property(countLists, fc.integer({ min: 0, max: 60 }), (counts, steps) => {
    const ring = ringOf(1_000, counts, 1, shape);
    const turned = countsAt(1_000 + steps, ring, shape);
    assertEquals(turned.length, shape.size);
    assertEquals(total(turned), total(counts.slice(steps)));
    turned.forEach((count, index) => assertEquals(count, counts[index + steps] ?? 0));
  }));
});

Deno.test("countsAt() of no ring is all zeros", () => {
  assertEquals(countsAt(5, undefined, shape), new Array<number>(shape.size).fill(0));
});

Deno.test("countsAt() reads a ring of another shape as far as the two overlap", () => {
  const guarded = ringShape(MINUTE, 2_500);
  const counts = Array.from({ length: guarded.size }, (_, index) => index + 1);
  const ring = ringOf(500, counts, 1, guarded);
  // The guarded ring begins two slots earlier; both end at the same one.
  assertEquals(countsAt(500, ring, shape), counts.slice(2));
  assertEquals(countsAt(500, ringOf(500, counts.slice(2), 1, shape), guarded), [
    0,
    0,
    ...counts.slice(2),
  ]);
});

Deno.test("isCredible() refuses a ring from a clock a window or more ahead", () => {
  const ringAt = (j: number) => ({ j, f: j, u: [200], w: 1 });
  assert(isCredible(ringAt(1_000), 1_000, shape));
  assert(isCredible(ringAt(1_000), 2_000, shape), "an old ring is just empty by now");
  assert(isCredible(ringAt(1_000 + shape.size), 1_000, shape));
  assertFalse(isCredible(ringAt(1_001 + shape.size), 1_000, shape));
});
