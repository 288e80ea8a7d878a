/** One isolate, one request after the other: nothing may be off by one. */
import { assert, assertEquals, assertGreater, assertLess, assertLessOrEqual } from "@std/assert";
import fc from "fast-check";
import { peak } from "../../bench/simulate/score.ts";
import { HOUR, MINUTE, SECOND } from "../../src/time.ts";
import { createBed, limitOf } from "./_lease_bed.ts";

for (const [quota, windowMs] of [[200, MINUTE], [60, MINUTE], [1, MINUTE], [5, 5 * MINUTE]]) {
  for (const strict of [false, true]) {
    const name = `${quota} in ${windowMs / SECOND} s${strict ? ", strict" : ""}`;

    Deno.test(`LeaseLimiter.take() admits exactly ${name}, and the next after Retry-After`, async () => {
      const { time, limiter, play } = createBed();
      const claims = [{ limit: limitOf(quota, { windowMs, strict }), subject: "a" }];
      const admitted: [number, number][] = [];
      await play(async () => {
        for (let window = 0; window < 3; window++) {
          for (let n = 0; n < quota; n++) {
            assert((await limiter.take(claims, 1)).allowed, `${n + 1} of ${quota}`);
            admitted.push([time.nowMs, 1]);
            await time.sleep(9);
          }
          const refused = await limiter.take(claims, 1);
          assertEquals([refused.allowed, refused.violated, refused.remaining], [false, 0, [0]]);
          assertGreater(refused.retryAfterMs, windowMs - quota * 50);
          assertLessOrEqual(refused.retryAfterMs, windowMs * 21 / 20);
          await time.sleep(Math.ceil(refused.retryAfterMs / SECOND) * SECOND);
        }
      });
      assertEquals(peak(admitted, windowMs), quota);
    });
  }
}

Deno.test("LeaseLimiter.take() lets a client that knocks on and on have 95 % of its quota", async () => {
  const { time, limiter, play } = createBed();
  const claims = [{ limit: limitOf(200), subject: "a" }];
  const admitted: [number, number][] = [];
  await play(async () => {
    for (let n = 0; n < 10 * 60 * 10; n++) {
      if ((await limiter.take(claims, 1)).allowed) admitted.push([time.nowMs, 1]);
      await time.sleep(100);
    }
  });
  assertEquals(peak(admitted, MINUTE), 200);
  assertGreater(admitted.length, 10 * 200 * 0.95);
});

interface Step {
  readonly gapMs: number;
  readonly cost: number;
}

const steps = fc.array(
  fc.record({
    gapMs: fc.oneof(fc.constant(0), fc.nat(300), fc.nat(6_000), fc.nat(70_000)),
    cost: fc.integer({ min: 1, max: 6 }),
  }),
  { minLength: 1, maxLength: 120 },
);
const settings = fc.record({
  quota: fc.integer({ min: 6, max: 60 }),
  windowMs: fc.constantFrom(10 * SECOND, MINUTE, 5 * MINUTE, HOUR),
  strict: fc.boolean(),
  rttMs: fc.integer({ min: 1, max: 300 }),
  seed: fc.nat(),
});

interface Settings {
  readonly quota: number;
  readonly windowMs: number;
  readonly strict: boolean;
  readonly rttMs: number;
  readonly seed: number;
}

/** Makes the requests of a script; after each refusal waits as long as told, and asks again. */
async function follow(script: readonly Step[], { quota, windowMs, strict, ...bed }: Settings) {
  const { time, limiter, play } = createBed(bed);
  const claims = [{ limit: limitOf(quota, { windowMs, strict }), subject: "a" }];
  const slotMs = Math.ceil(windowMs / 20);
  const admitted: [number, number][] = [];
  let last = { left: quota, slot: -1 };
  await play(async () => {
    for (const { gapMs, cost } of script) {
      await time.sleep(gapMs);
      let verdict = await limiter.take(claims, cost);
      if (!verdict.allowed) {
        assertLess(verdict.remaining[0], cost, "less is left than was asked for");
        await time.sleep(Math.ceil(verdict.retryAfterMs / SECOND) * SECOND);
        verdict = await limiter.take(claims, cost);
        assert(verdict.allowed, "Retry-After was waited for");
      }
      admitted.push([time.nowMs, cost]);
      const slot = Math.floor(time.nowMs / slotMs);
      const left = verdict.remaining[0];
      if (slot === last.slot) assertEquals(left, last.left - cost, "nothing returns in a slot");
      assert(verdict.resetMs[0] > 0 && verdict.resetMs[0] <= windowMs + 2 * slotMs);
      last = { left, slot };
    }
  });
  return peak(admitted, windowMs);
}

Deno.test("LeaseLimiter.take() passes after exactly the wait it bade, whatever came before", async () => {
  await fc.assert(
    fc.asyncProperty(steps, settings, async (script, options) => {
      assertLessOrEqual(await follow(script, options), options.quota);
    }),
    { numRuns: 1_000 },
  );
});

Deno.test("LeaseLimiter.take() says 'remaining: n' and then admits n more at once, and no more", async () => {
  const quotas = fc.integer({ min: 1, max: 200 });
  await fc.assert(
    fc.asyncProperty(quotas, fc.nat(), fc.boolean(), async (quota, before, strict) => {
      const { time, limiter, play } = createBed({ rttMs: 1 });
      const claims = [{ limit: limitOf(quota, { strict }), subject: "a" }];
      await play(async () => {
        // So that all of it falls into one slot.
        await time.sleep(1);
        let remaining = quota;
        for (let n = 0; n <= before % quota; n++) {
          remaining = (await limiter.take(claims, 1)).remaining[0];
        }
        for (; remaining > 0; remaining--) {
          const verdict = await limiter.take(claims, 1);
          assertEquals([verdict.allowed, verdict.remaining[0]], [true, remaining - 1]);
        }
        const verdict = await limiter.take(claims, 1);
        assertEquals([verdict.allowed, verdict.remaining[0]], [false, 0]);
      });
    }),
    { numRuns: 200 },
  );
});
