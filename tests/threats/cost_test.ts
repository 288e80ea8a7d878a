/**
 * What a hostile request may cost. The bench measures 10,000 of them exactly; here a few hundred must
 * stay below what no quadratic reading and no thousand of readings would.
 */
import { assert } from "@std/assert";
import { measureHostile } from "../../bench/threats/cost.ts";
import { createThreatEngine } from "../../src/threats/engine.ts";

/** The bar of the bench is 6; this leaves room for a machine that others use. */
const WORST_MS = 40;

Deno.test("no hostile request of 64 KiB costs much", () => {
  const { measured, worstMs, worst } = measureHostile(createThreatEngine(), 500);
  assert(measured > 100, `only ${measured} were measured`);
  assert(worstMs < WORST_MS, `${worstMs} ms for ${worst}`);
});
