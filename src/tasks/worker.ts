/**
 * What runs in this isolate: how many at once, which alone, and how they are let go at a stop.
 * Where the tasks come from is the sweep's affair.
 */
import type { Log } from "../log.ts";
import { createPermits, type Permits } from "../resilience/permits.ts";
import { waitAtMost } from "../resilience/timers.ts";
import { SECOND } from "../time.ts";
import { beginAlone } from "./begin_alone.ts";
import type { Task } from "./define.ts";
import { createHeld, type Held, type HeldOptions } from "./held.ts";
import type { Stored } from "./rows.ts";
import { type Run, type RunEnd, type RunOptions, startRun } from "./run.ts";
import { extend, release } from "./transitions.ts";

export interface WorkerOptions extends Omit<RunOptions, "log">, HeldOptions {
  readonly log: Log;
  readonly taskOf: (name: string) => Task<unknown> | undefined;
  readonly concurrency: number;
  /** Called at each end; must not throw. */
  readonly onEnd: (end: RunEnd, run: Run) => void;
}

export interface Worker {
  readonly permits: Permits;
  /** Whether new tasks may begin here: not while a suspect runs or waits, nor after a stop. */
  readonly isOpen: boolean;
  holds(id: string): boolean;
  /** Runs a task whose claim has been written. `giveBack` returns its permit. */
  run(stored: Stored, giveBack: () => void): void;
  /** Closes the worker until the claimed suspect has run with nothing beside it. */
  runAlone(claimSuspect: () => Promise<Stored | undefined>): Promise<boolean>;
  /** Waits `graceMs` for what runs, then releases the rest. */
  stop(graceMs: number): Promise<void>;
}

/** How long a stop waits for KV to take back what was not done. */
const RELEASE_MS = 3 * SECOND;

export function createWorker(options: WorkerOptions): Worker {
  const { taskOf, onEnd, timers } = options;
  const permits = createPermits(options.concurrency);
  const runs = new Map<string, Run>();
  /** A suspect that waits for this isolate to be empty; its heart beats already. */
  let waiting: string | undefined;
  /** Pending while a suspect is claimed, waits or runs. */
  let alone: Promise<void> | undefined;
  let stopping = false;
  const isStopping = () => stopping;

  /** Resolves when nothing runs, and no claim is under way. */
  const allEnded = async () => {
    while (permits.taken > 0) await permits.returned();
    await alone;
  };

  /** Resolves when the attempt is settled, and its permit is back. */
  const run = async (held: Held, giveBack: () => void): Promise<void> => {
    const { id, name } = held.record;
    const task = taskOf(name);
    if (!task || !await isStillOurs(held, options)) return giveBack();
    if (stopping) {
      await held.change(release).catch(() => {});
      return giveBack();
    }
    const run = startRun(held, task, options);
    runs.set(id, run);
    const end = await run.settled;
    runs.delete(id);
    giveBack();
    onEnd(end, run);
  };

  return {
    permits,
    get isOpen() {
      return !alone && !stopping;
    },
    holds: (id) => runs.has(id) || waiting === id,
    run: (stored, giveBack) => void run(createHeld(options, stored), giveBack),
    async runAlone(claimSuspect) {
      if (alone || stopping) return false;
      const ended = Promise.withResolvers<void>();
      alone = ended.promise;
      try {
        const claimed = await claimSuspect();
        if (!claimed) return false;
        const held = createHeld(options, claimed);
        waiting = claimed.record.id;
        const hasBegun = await beginAlone(held, { ...options, permits, isStopping });
        waiting = undefined;
        if (hasBegun) await run(held, permits.take() ?? (() => {}));
        return true;
      } finally {
        waiting = undefined;
        alone = undefined;
        ended.resolve();
      }
    },
    async stop(graceMs) {
      stopping = true;
      if (graceMs > 0) await waitAtMost(timers, graceMs, allEnded());
      for (const { stop } of runs.values()) stop();
      // Also for claims whose commits are under way. What KV does not take now, the lease ends.
      await waitAtMost(timers, RELEASE_MS, allEnded());
    },
  };
}

/** Between the claim and here this isolate may have been frozen for longer than its lease. */
async function isStillOurs(
  held: Held,
  { clock, leaseMs }: Pick<WorkerOptions, "clock" | "leaseMs">,
): Promise<boolean> {
  return clock.now() < held.record.at || await held.change(extend(leaseMs)).catch(() => false);
}
