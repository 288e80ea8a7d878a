/** The task that asks the reputation services about an address; nobody waits for its result. */
import { z } from "zod";
import { MINUTE, SECOND } from "../time.ts";

const schema = z.object({
  ip: z.string().min(2).max(64),
  /** What the address is counted under: itself, or its network. */
  subject: z.string().min(2).max(64),
  /** Threat score of the request that made us ask, 0 to 1. */
  payload: z.number().min(0).max(1),
});

export interface ReputationTaskOptions {
  readonly lookUp: (asked: z.output<typeof schema>, signal: AbortSignal) => Promise<unknown>;
}

/** For `defineTask`. */
export function reputationTask({ lookUp }: ReputationTaskOptions) {
  return {
    name: "ip.reputation",
    schema,
    priority: "low" as const,
    // An answer that comes much later is about somebody who has left.
    retry: { forMs: 5 * MINUTE },
    timeoutMs: 20 * SECOND,
    concurrency: 4,
    async run(
      asked: z.output<typeof schema>,
      { signal }: { readonly signal: AbortSignal },
    ): Promise<void> {
      await lookUp(asked, signal);
    },
  };
}
