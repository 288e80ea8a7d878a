/**
 * When the rule book is read again: every three seconds as long as requests come. The first request
 * of all, or after a long sleep, may wait for it a moment, so that a new isolate does not refuse
 * what an administrator has long exempted.
 */
import type { Log } from "../log.ts";
import { createAwakePoll, waitAtMost } from "../resilience/awake_poll.ts";
import { type Clock, SECOND } from "../time.ts";

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
const OLD_MS = 5 * SECOND;
const CATCH_UP_MAX_MS = 300;

export function createRulePoll({ read, clock, log }: RulePollOptions): RulePoll {
  let triedAt = -Infinity;
  let waking: Promise<void> | undefined;

  const poll = createAwakePoll({
    everyMs: POLL_MS,
    async read() {
      triedAt = clock.now();
      try {
        await read();
      } finally {
        // Also its end is a try: a KV that hangs makes nobody wait again.
        triedAt = clock.now();
      }
    },
    clock,
    log,
    staleEvent: "threat_rules.stale",
  });

  return {
    stop: poll.stop,
    awake: poll.awake,
    catchUp() {
      if (waking || clock.now() - triedAt <= OLD_MS) return waking;
      waking = waitAtMost(poll.wake(), CATCH_UP_MAX_MS).then(() => {
        waking = undefined;
      });
      return waking;
    },
  };
}
