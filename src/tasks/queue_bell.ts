/**
 * KV's own queue as a doorbell, where the runtime has it. A ring says no more than "look", so
 * many tasks that wait for the same second share one.
 */
import { KvUnavailableError } from "../kv/failure.ts";
import { keys, prefixes } from "../kv/keys.ts";
import type { Kv } from "../kv/kv.ts";
import type { Log } from "../log.ts";
import { type Clock, DAY, SECOND } from "../time.ts";

export interface QueueBellOptions {
  readonly kv: Kv;
  readonly clock: Clock;
  readonly log: Log;
  readonly onRing: () => void;
}

export interface QueueBell {
  /** Rings all isolates about when the task is due. Never rejects, and may do nothing. */
  ring(id: string, at: number): Promise<void>;
  listen(): void;
  /** Takes away what no listener could be given; its sweep is under way. Answers how many. */
  clearUnheard(): Promise<number>;
}

/** Seconds a ring is already under way for. */
const PLANNED_MAX = 1_000;
/** The queue takes 30 days; who waits longer is found by the poller or the cron. */
const DELAY_MAX_MS = 29 * DAY;
const UNHEARD_ROWS = 50;

export function createQueueBell({ kv, clock, log, onRing }: QueueBellOptions): QueueBell {
  const planned = new Set<number>();
  let isSilent = false;

  return {
    async ring(id, at) {
      const second = Math.ceil(Math.max(at, clock.now()) / SECOND);
      const delayMs = Math.max(0, at - clock.now());
      if (isSilent || planned.has(second) || delayMs > DELAY_MAX_MS) return;
      if (planned.size >= PLANNED_MAX) planned.clear();
      planned.add(second);
      try {
        const hasQueue = await kv.enqueue({ task: id }, {
          delayMs,
          ifUndelivered: keys.taskUnheard(id),
        });
        if (!hasQueue) isSilent = true;
      } catch (cause) {
        if (!(cause instanceof KvUnavailableError)) log.warn("tasks.bell_failed", { cause });
      }
    },
    // The handler returns at once: a message that is worked on for longer is delivered again.
    listen: () => kv.listen(() => onRing()),
    async clearUnheard() {
      if (isSilent) return 0;
      const { items } = await kv.page(prefixes.tasksUnheard(), { limit: UNHEARD_ROWS });
      if (items.length === 0) return 0;
      await kv.commit((atomic) => {
        for (const { key } of items) atomic.delete({ parts: key });
      });
      return items.length;
    },
  };
}
