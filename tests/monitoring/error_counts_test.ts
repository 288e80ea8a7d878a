import { assert, assertEquals } from "@std/assert";
import * as fc from "fast-check";
import type { SparseCounts } from "../../src/kv/error_records.ts";
import {
  countSlots,
  countsSince,
  countWithin,
  mergeCounts,
} from "../../src/monitoring/error_counts.ts";

/** The same in the plainest form. */
type Model = Map<number, number>;

const anyModel = fc.array(fc.tuple(fc.nat(60), fc.integer({ min: 1, max: 9 })), { maxLength: 30 })
  .map((pairs): Model => new Map(pairs));

const sparse = (model: Model): SparseCounts => [...model].sort(([a], [b]) => a - b).flat();

const sumOf = (model: Model, wanted: (unit: number) => boolean) =>
  [...model].reduce((sum, [unit, count]) => wanted(unit) ? sum + count : sum, 0);

Deno.test("mergeCounts() adds what is in both, in order, and in either direction", () => {
  fc.assert(fc.property(anyModel, anyModel, (a, b) => {
    const both = new Map(a);
    for (const [unit, count] of b) both.set(unit, (both.get(unit) ?? 0) + count);
    assertEquals(mergeCounts(sparse(a), sparse(b)), sparse(both));
    assertEquals(mergeCounts(sparse(b), sparse(a)), sparse(both));
  }));
});

Deno.test("countsSince() and countWithin() count what the range holds", () => {
  fc.assert(fc.property(anyModel, fc.nat(60), fc.nat(60), (model, from, to) => {
    const since = countsSince(sparse(model), from);
    assertEquals(countWithin(since, 0, Infinity), sumOf(model, (unit) => unit >= from));
    const within = sumOf(model, (unit) => unit >= from && unit <= to);
    assertEquals(countWithin(sparse(model), from, to), within);
  }));
});

Deno.test("countSlots() spreads the last units over equal slots, oldest first", () => {
  assertEquals(countSlots([1, 1, 6, 2, 10, 4, 11, 8, 12, 16], 11, 5, 2), [2, 12]);
  fc.assert(fc.property(anyModel, fc.integer({ min: 1, max: 7 }), (model, width) => {
    const slots = countSlots(sparse(model), 60, width, 5);
    assertEquals(slots.length, 5);
    const sum = slots.reduce((all, count) => all + count, 0);
    assert(sum === sumOf(model, (unit) => unit > 60 - 5 * width));
  }));
});
