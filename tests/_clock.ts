/** A clock that is turned by hand. */
import type { Clock } from "../src/time.ts";

export interface TestClock extends Clock {
  /** Moves both hands on. */
  turn(ms: number): void;
}

/** Starts at 2026-11-21T00:00:00Z unless told otherwise. */
export function createTestClock(startMs = Date.UTC(2026, 10, 21)): TestClock {
  let time = startMs;
  return {
    now: () => Math.floor(time),
    monotonic: () => time,
    turn(ms) {
      time += ms;
    },
  };
}
