/**
 * When the rule book is read again: every three seconds as long as requests come. The first request
 * of all, or after a long sleep, may wait for it a moment, so that a new isolate does not refuse
 * what an administrator has long exempted.
 */
import type { Log } from "../log.ts";
import { createBatchTimer } from "../resilience/batch_timer.ts";
import { type Clock, MINUTE, SECOND } from "../time.ts";

export interface RulePollOptions {
  readonly read: () => Promise<unknown>;
  readonly clock: Clock;
  readonly log: Log;
}

export interface RulePoll {
  /** A request came: the poll goes on for a while. */
  awake(): void;
  /** Something to wait for when the last try is long ago. */
  catchUp(): Promise<void> | undefined;
  stop(): Promise<void>;
}

/** With the time of one read, everybody follows within 5 seconds. */
const POLL_MS = 3 * SECOND;
/** An idle isolate asks for a while longer, then sleeps until the next request. */
const IDLE_MS = 10 * MINUTE;
const OLD_MS = 5 * SECOND;
const CATCH_UP_MAX_MS = 300;

export function createRulePoll({ read, clock, log }: RulePollOptions): RulePoll {
  let askedAt = -Infinity;
  let triedAt = -Infinity;
  let isAwake = false;
  let isFailing = false;
  let waking: Promise<void> | undefined;

  const poller = createBatchTimer({
    everyMs: POLL_MS,
    async work() {
      triedAt = clock.now();
      try {
        await read();
        isFailing = false;
      } catch (error) {
        // What is known goes on holding; one line when it begins.
        if (!isFailing) log.warn("threat_rules.stale", { error });
        isFailing = true;
      }
      // Also its end is a try: a KV that hangs makes nobody wait again.
      triedAt = clock.now();
      isAwake = triedAt - askedAt < IDLE_MS;
      if (isAwake) poller.ask();
    },
  });

  return {
    stop: poller.stop,
    awake() {
      askedAt = clock.now();
      if (isAwake) return;
      isAwake = true;
      void poller.run();
    },
    catchUp() {
      if (waking || clock.now() - triedAt <= OLD_MS) return waking;
      askedAt = clock.now();
      isAwake = true;
      waking = within(poller.run(), CATCH_UP_MAX_MS).then(() => {
        waking = undefined;
      });
      return waking;
    },
  };
}

function within(work: Promise<void>, limitMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, limitMs);
    work.then(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
