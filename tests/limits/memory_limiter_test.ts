import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { createMemoryLimiter } from "../../src/limits/memory_limiter.ts";
import { HOUR } from "../../src/time.ts";
import { createTestClock } from "../_clock.ts";

Deno.test("memoryLimiter.take() refuses the 51st request in an hour", () => {
  const clock = createTestClock();
  const limiter = createMemoryLimiter({ clock, quota: 50 });
  for (let i = 0; i < 50; i++) assert(limiter.take("a", 1).allowed);
  assertEquals(limiter.take("a", 1), { allowed: false, remaining: 0, retryAfterMs: HOUR });
  assert(limiter.take("b", 1).allowed);
});

Deno.test("memoryLimiter.take() lets a request pass exactly when it said so", () => {
  const clock = createTestClock();
  const limiter = createMemoryLimiter({ clock, quota: 2 });
  limiter.take("a", 1);
  clock.turn(1_000);
  limiter.take("a", 1);
  const { retryAfterMs } = limiter.take("a", 1);
  clock.turn(retryAfterMs - 1);
  assert(!limiter.take("a", 1).allowed);
  clock.turn(1);
  assert(limiter.take("a", 1).allowed);
});

Deno.test("memoryLimiter.take() takes all of a cost or none of it", () => {
  const limiter = createMemoryLimiter({ clock: createTestClock(), quota: 5 });
  assertEquals(limiter.take("a", 3).remaining, 2);
  assertEquals(limiter.take("a", 3).allowed, false);
  assertEquals(limiter.take("a", 2).remaining, 0);
});

Deno.test("memoryLimiter.take() admits no more than the quota in any window", () => {
  const schedule = fc.array(fc.tuple(fc.nat(400), fc.integer({ min: 1, max: 3 })), {
    maxLength: 200,
  });
  fc.assert(fc.property(fc.integer({ min: 1, max: 20 }), schedule, (quota, steps) => {
    const clock = createTestClock();
    const limiter = createMemoryLimiter({ clock, quota, windowMs: 1_000 });
    const admitted: number[] = [];
    for (const [ms, cost] of steps) {
      clock.turn(ms);
      if (limiter.take("a", cost).allowed) admitted.push(...Array(cost).fill(clock.now()));
      const inWindow = admitted.filter((time) => time > clock.now() - 1_000);
      assert(inWindow.length <= quota);
    }
  }));
});

Deno.test("memoryLimiter holds two generations of keys and no more", () => {
  const limiter = createMemoryLimiter({ clock: createTestClock(), quota: 1, keysMax: 100 });
  for (let i = 0; i < 10_000; i++) limiter.take(`key-${i}`, 1);
  assert(limiter.size <= 200);
});

Deno.test("memoryLimiter remembers a key that keeps coming through a flood of others", () => {
  const limiter = createMemoryLimiter({ clock: createTestClock(), quota: 1, keysMax: 100 });
  assert(limiter.take("me", 1).allowed);
  for (let i = 0; i < 5_000; i++) {
    limiter.take(`key-${i}`, 1);
    if (i % 50 === 0) assert(!limiter.take("me", 1).allowed);
  }
});
