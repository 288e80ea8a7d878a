/** Timers as a thing that is handed over, so that a simulation can run on its own time. */
export interface Timers {
  /** Runs `run` after `ms`, unless the function it answers is called before. */
  after(ms: number, run: () => void): () => void;
}

/** Longest time a timer of the platform can wait; later ones would fire at once. */
const LONGEST_MS = 2 ** 31 - 1;

export const systemTimers: Timers = {
  after(ms, run) {
    const timer = setTimeout(run, Math.min(Math.max(ms, 0), LONGEST_MS));
    return () => clearTimeout(timer);
  },
};

/** Resolves after `ms`. */
export function sleep(timers: Timers, ms: number): Promise<void> {
  return new Promise((resolve) => {
    timers.after(ms, resolve);
  });
}

/** Waits for the first of two: that `until` resolves, or that `ms` are over. Leaves no timer. */
export async function waitAtMost(
  timers: Timers,
  ms: number,
  until: Promise<unknown>,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const cancel = timers.after(ms, resolve);
  await Promise.race([until, promise]);
  cancel();
}
