/**
 * Follows something that others change: reads it again every few seconds while somebody asks, and
 * for ten minutes after; then sleeps until the next question. A read that fails leaves what is
 * known as it is.
 */
import type { Log } from "../log.ts";
import { type Clock, MINUTE } from "../time.ts";
import { createBatchTimer } from "./batch_timer.ts";

export interface AwakePollOptions {
  readonly everyMs: number;
  readonly read: () => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
  /** Name of the log line when reads begin to fail. */
  readonly staleEvent: string;
}

export interface AwakePoll {
  /** Somebody asks: for the hot path, it costs a look at the clock. */
  awake(): void;
  /** The same, and reads now. Never rejects. */
  wake(): Promise<void>;
  stop(): Promise<void>;
}

const IDLE_MS = 10 * MINUTE;

export function createAwakePoll(options: AwakePollOptions): AwakePoll {
  const { everyMs, read, clock, log, staleEvent } = options;
  let askedAt = -Infinity;
  let isAwake = false;
  let isFailing = false;

  const poller = createBatchTimer({
    everyMs,
    async work() {
      try {
        await read();
        isFailing = false;
      } catch (error) {
        // What is known goes on holding; one line when it begins.
        if (!isFailing) log.warn(staleEvent, { error });
        isFailing = true;
      }
      isAwake = clock.now() - askedAt < IDLE_MS;
      if (isAwake) poller.ask();
    },
  });

  const wake = () => {
    askedAt = clock.now();
    isAwake = true;
    return poller.run();
  };
  return {
    wake,
    awake() {
      if (isAwake) askedAt = clock.now();
      else void wake();
    },
    stop: poller.stop,
  };
}

/** Resolves when the work is done, or after `limitMs`. The work must not reject. */
export function waitAtMost(work: Promise<void>, limitMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, limitMs);
    work.then(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
