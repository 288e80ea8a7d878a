/** The task that delivers a webhook. A repetition has the same `webhook-id`: that of the task. */
import { z } from "zod";
import { MINUTE, SECOND } from "../time.ts";
import type { Webhooks } from "./webhooks.ts";

const schema = z.object({
  url: z.string().max(2_000),
  event: z.string().regex(/^[\w.:-]{1,100}$/),
  body: z.json(),
});

export interface WebhookTaskOptions extends Pick<Webhooks, "deliver"> {
  /** How long a receiver may be out of order before its webhook is given up, in milliseconds. */
  readonly retryForMs: number;
}

/** For `defineTask`. */
export function webhookTask({ deliver, retryForMs }: WebhookTaskOptions) {
  return {
    name: "webhook.deliver",
    schema,
    // Nobody sits and waits for it, so a receiver that is long out is asked twice an hour.
    retry: { forMs: retryForMs, capMs: 30 * MINUTE },
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
