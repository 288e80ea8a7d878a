/**
 * Time, read in this one file. Everything that depends on it takes a `Clock`, so that tests turn
 * the hands instead of waiting.
 */

/** One second in milliseconds, the unit of every duration here. */
export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Two hands: wall time for what is stored or shown, monotonic time for durations. */
export interface Clock {
  /** Milliseconds since the epoch, an integer. May jump when the machine's clock is set. */
  now(): number;
  /** Milliseconds since an arbitrary moment, fractional. Never goes back. */
  monotonic(): number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
};

/** A clock that can be made to stand still. */
export interface MomentClock extends Clock {
  /**
   * Until `release` it is now, for all that happens at once: reading the time costs a request as
   * much as a limit does, and a dozen rooms want to know it. Only around code that does not wait.
   */
  hold(): void;
  release(): void;
}

/** The monotonic hand goes on while the other is held, since it measures what happens meanwhile. */
export function createMomentClock(clock: Clock): MomentClock {
  let isHeld = false;
  let moment = 0;
  return {
    now: () => isHeld ? moment : clock.now(),
    monotonic: () => clock.monotonic(),
    hold() {
      moment = clock.now();
      isHeld = true;
    },
    release() {
      isHeld = false;
    },
  };
}
