/**
 * Turning a fake clock over work that also waits for KV, sockets or streams. `tickAsync` promises
 * one turn of the event loop before the timers ring and none after, so no test may lean on more.
 */
import { assert } from "@std/assert";
import type { FakeTime } from "@std/testing/time";
import { MINUTE } from "../src/time.ts";

/** Moves the clock on, and lets run what its timers set free. */
export async function pass(time: FakeTime, ms: number): Promise<void> {
  await time.tickAsync(ms);
  await time.runMicrotasks();
}

/** Moves the clock on step by step, however many it takes, until the promise is settled. */
export async function passUntilSettled(
  time: FakeTime,
  promise: Promise<unknown>,
  step: () => Promise<void> = () => pass(time, 1),
): Promise<void> {
  let settled = false;
  const settle = () => void (settled = true);
  promise.then(settle, settle);
  for (const startedAt = time.now; !settled;) {
    assert(time.now - startedAt < 10 * MINUTE, "nothing came of it within 10 minutes");
    await step();
  }
}
