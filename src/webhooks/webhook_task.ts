/** The task that delivers a webhook. A repetition has the same `webhook-id`: that of the task. */
import { z } from "zod";
import { MINUTE, SECOND } from "../time.ts";
import type { Webhooks } from "./webhooks.ts";

const schema = z.object({
  url: z.string().max(2_000),
  event: z.string().regex(/^[\w.:-]{1,100}$/),
  body: z.json(),
});

/** For `defineTask`. */
export function webhookTask({ deliver }: Pick<Webhooks, "deliver">) {
  return {
    name: "webhook.deliver",
    schema,
    // A receiver may be down for an evening: with these the last try is some three hours later.
    retry: { attempts: 12, baseMs: 10 * SECOND, capMs: 30 * MINUTE },
    timeoutMs: 30 * SECOND,
    concurrency: 10,
    async run(
      webhook: z.output<typeof schema>,
      { id, signal }: { readonly id: string; readonly signal: AbortSignal },
    ): Promise<void> {
      await deliver({ ...webhook, id }, signal);
    },
  };
}
