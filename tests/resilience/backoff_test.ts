import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { attemptsWithin, type Backoff, backoffMs } from "../../src/resilience/backoff.ts";
import { DAY, HOUR, MINUTE, SECOND } from "../../src/time.ts";

const OUTAGE: Backoff = { baseMs: SECOND, steadyMs: MINUTE, capMs: 10 * MINUTE };
const share = fc.double({ min: 0, max: 0.999, noNaN: true });
const longest = () => 0.999_999;

/** The end of each wait after a first failure at 0, as long as they are within `untilMs`. */
function waitsUntil(untilMs: number, random: () => number): number[] {
  const ends: number[] = [];
  for (let at = 0; at < untilMs;) ends.push(at += backoffMs(OUTAGE, ends.length + 1, random));
  return ends;
}

Deno.test("backoffMs() doubles up to the steady wait, then grows by a tenth up to the cap", () => {
  const seconds = [1, 2, 7, 8, 31, 32, 500].map((attempt) =>
    Math.round(backoffMs(OUTAGE, attempt, longest) / SECOND)
  );
  assertEquals(seconds, [1, 2, 61, 67, 596, 600, 600]);
  assertEquals(backoffMs({ baseMs: 2_000, capMs: 900_000 }, 9, longest), 512_000);
  assertEquals(backoffMs({ baseMs: 2_000, capMs: 900_000 }, 1_000, longest), 900_000);
});

Deno.test("backoffMs() never shrinks, and half of it is chance", () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 3_000 }), share, (attempt, random) => {
    const fullMs = backoffMs(OUTAGE, attempt, longest);
    assert(backoffMs(OUTAGE, attempt + 1, longest) >= fullMs);
    const waitMs = backoffMs(OUTAGE, attempt, () => random);
    assert(waitMs >= Math.floor(fullMs / 2) && waitMs <= fullMs);
  }));
});

Deno.test("the end of an outage is seen within a minute and a fifth of its length, or the cap", () => {
  const outages = [10 * SECOND, MINUTE, 3 * MINUTE, 30 * MINUTE, 2 * HOUR, 12 * HOUR];
  fc.assert(
    fc.property(fc.constantFrom(...outages), fc.infiniteStream(share), (lastMs, chances) => {
      const ends = waitsUntil(lastMs, () => chances.next().value);
      const seenAfterMs = ends[ends.length - 1] - lastMs;
      assert(seenAfterMs <= Math.min(MINUTE + lastMs / 5, 10 * MINUTE));
    }),
  );
});

Deno.test("attemptsWithin() is what the shortest waits allow, and bounded", () => {
  assertEquals(attemptsWithin(OUTAGE, DAY, 5_000), waitsUntil(DAY, () => 0).length + 1);
  assert(attemptsWithin(OUTAGE, DAY, 5_000) < 400);
  assertEquals(attemptsWithin({ baseMs: 0, capMs: 0 }, DAY, 5_000), 5_000);
});
