/**
 * KV's own queue, used as a doorbell only: a message may come late, twice or never. The current
 * Deno Deploy and KV Connect have no queues, and say so only when one enqueues.
 */
import type { Log } from "../log.ts";
import type { Guard } from "./guard.ts";
import type { Kv } from "./kv.ts";
import type { RawKv } from "./raw.ts";

const NO_QUEUES = /not supported|not implemented/i;

export function createQueue(
  raw: RawKv,
  guard: Guard,
  log: Log,
): Pick<Kv, "enqueue" | "listen"> {
  let hasQueues = raw.enqueue !== undefined;

  return {
    async enqueue(message, { delayMs = 0, ifUndelivered } = {}) {
      const { enqueue } = raw;
      if (!hasQueues || !enqueue) return false;
      const options = {
        delay: Math.ceil(delayMs),
        keysIfUndelivered: ifUndelivered ? [ifUndelivered.parts] : [],
      };
      // What KV cannot do at all must not count as its failure, so it becomes an answer.
      const send = () =>
        enqueue.call(raw, message, options).then(() => true, (error) => {
          if (error instanceof Error && NO_QUEUES.test(error.message)) return false;
          throw error;
        });
      hasQueues = await guard.run("commit", (trip) => trip(send));
      return hasQueues;
    },
    listen(handler) {
      // Ends when KV is closed; where there are no queues it stays pending for ever.
      const hear = async (message: unknown) => await handler(message);
      raw.listenQueue?.(hear).catch((cause) => log.warn("kv.queue_unheard", { cause }));
    },
  };
}
