import { assert, assertEquals } from "@std/assert";
import type { Webhook } from "../../src/webhooks/webhooks.ts";
import { webhookTask } from "../../src/webhooks/webhook_task.ts";

Deno.test("the task delivers what it was given, under its own id and signal", async () => {
  const delivered: Webhook[] = [];
  const signals: (AbortSignal | undefined)[] = [];
  const task = webhookTask({
    retryForMs: 7,
    deliver(webhook, given) {
      delivered.push(webhook);
      signals.push(given);
      return Promise.resolve({ status: 200 });
    },
  });
  const payload = { url: "https://hooks.test/", event: "alert.firing", body: { a: [1, null] } };
  const { signal } = new AbortController();
  await task.run(task.schema.parse(payload), { id: "task-1", signal });
  assertEquals(delivered, [{ ...payload, id: "task-1" }]);
  assert(signals[0] === signal);
  assertEquals(task.retry.forMs, 7);
  assert(!task.schema.safeParse({ ...payload, event: "a b" }).success);
  assert(!task.schema.safeParse({ ...payload, body: undefined }).success);
});
