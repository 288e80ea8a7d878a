/**
 * When to sweep: at once when a doorbell rings or a permit comes free while there is more, at a
 * known time when a task of ours waits for it, and else now and then, ever more seldom while
 * nothing happens.
 */
import { KvUnavailableError } from "../kv/failure.ts";
import type { Log } from "../log.ts";
import type { Timers } from "../resilience/timers.ts";
import type { Clock } from "../time.ts";
import { createAlarm } from "./alarm.ts";
import type { Sweep, Swept } from "./sweep.ts";

export interface PollerOptions {
  readonly sweep: Sweep;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: () => number;
  readonly log: Log;
  /** The pause while there is work, and the longest one while there is none; each ±50 %. */
  readonly minMs: number;
  readonly maxMs: number;
}

export interface Poller {
  start(): void;
  /** Ends after the sweep under way. */
  stop(): Promise<void>;
  /** Sweeps as soon as it can. */
  ring(): void;
  ringAt(time: number): void;
  /** A task has ended: worth a look when there was more. */
  freed(): void;
  /** One whole sweep, not beside another one. Never rejects. */
  sweepNow(): Promise<Swept>;
}

const NOTHING: Swept = { moved: 0, more: false, watched: 0 };
const SLOWER = 1.5;

export function createPoller(options: PollerOptions): Poller {
  const { sweep, random, log, minMs, maxMs } = options;
  const alarm = createAlarm(options);
  let isRunning = false;
  let loop: Promise<void> = Promise.resolve();
  let hasMore = false;
  let sweeping: Promise<Swept> | undefined;

  const runSweep = async (whole: boolean): Promise<Swept> => {
    try {
      const swept = await sweep.run(whole);
      hasMore = swept.more;
      return swept;
    } catch (cause) {
      if (!(cause instanceof KvUnavailableError)) log.error("tasks.sweep_failed", { cause });
      return NOTHING;
    }
  };

  /** One at a time: who asks while one is under way waits for it and then has his own. */
  const sweepOnce = async (whole: boolean): Promise<Swept> => {
    while (sweeping) await sweeping;
    sweeping = runSweep(whole);
    const swept = await sweeping;
    sweeping = undefined;
    return swept;
  };

  const run = async () => {
    let pauseMs = minMs;
    while (isRunning) {
      const isForced = alarm.taken();
      const { moved } = await sweepOnce(false);
      pauseMs = moved > 0 || isForced ? minMs : Math.min(pauseMs * SLOWER, maxMs);
      if (isRunning) await alarm.wait(pauseMs * (0.5 + random()));
    }
  };

  return {
    ring: alarm.ring,
    ringAt: alarm.ringAt,
    freed() {
      if (hasMore) alarm.ring();
    },
    start() {
      if (isRunning) return;
      isRunning = true;
      loop = run();
    },
    async stop() {
      isRunning = false;
      alarm.clear();
      alarm.ring();
      await loop;
    },
    sweepNow: () => sweepOnce(true),
  };
}
