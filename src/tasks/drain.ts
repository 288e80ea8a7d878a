/** What a cron tick does: sweeps until there is nothing left to do, within its budget. */
import { sleep, type Timers, waitAtMost } from "../resilience/timers.ts";
import type { Clock } from "../time.ts";
import type { Poller } from "./poller.ts";

export interface DrainOptions {
  readonly poller: Poller;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly budgetMs: number;
  readonly isIdle: () => boolean;
  /** Resolves when a task ends. */
  readonly ended: () => Promise<void>;
}

const LOOK_AGAIN_MS = 1_000;

/** For a cron tick: sweeps until nothing moves, runs or is watched, at most `budgetMs`. */
export async function drain(options: DrainOptions): Promise<number> {
  const { poller, clock, timers, budgetMs, isIdle, ended } = options;
  const startedAt = clock.monotonic();
  let total = 0;
  for (;;) {
    const { moved, watched } = await poller.sweepNow();
    total += moved;
    const leftMs = budgetMs - (clock.monotonic() - startedAt);
    if (moved + watched === 0 && isIdle() || leftMs <= 0) return total;
    const pauseMs = Math.min(leftMs, LOOK_AGAIN_MS);
    if (!isIdle()) await waitAtMost(timers, pauseMs, ended());
    else if (moved === 0) await sleep(timers, pauseMs);
  }
}
