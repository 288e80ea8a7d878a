/**
 * Wiring of the work nobody waits for: the task queue, the tasks the app itself has, and the rooms
 * they come from. services.ts hands this over to the rest.
 */
import type { Identity } from "./auth/identity.ts";
import type { Config } from "./config.ts";
import type { Feeds } from "./ip/feeds.ts";
import type { Reputation } from "./ip/reputation.ts";
import { feedsTask } from "./ip/feeds_task.ts";
import { reputationTask } from "./ip/reputation_task.ts";
import { parseRange } from "./ip/cidr.ts";
import type { Kv } from "./kv/kv.ts";
import type { Log } from "./log.ts";
import { createMailer } from "./mail/mailer.ts";
import type { Metrics } from "./metrics/catalog.ts";
import type { ErrorJournal } from "./monitoring/error_journal.ts";
import { retentionTask } from "./monitoring/retention_task.ts";
import type { OrderMailing } from "./origin/demo/orders.ts";
import { defineTask, type Task } from "./tasks/define.ts";
import { defineSchedule } from "./tasks/schedules.ts";
import { createTasks, type Tasks } from "./tasks/tasks.ts";
import { type Clock, DAY, HOUR } from "./time.ts";
import { postPinned } from "./webhooks/pinned_post.ts";
import { resolveAddresses } from "./webhooks/resolve.ts";
import { webhookTask } from "./webhooks/webhook_task.ts";
import { createWebhooks, type Webhooks } from "./webhooks/webhooks.ts";
import { z } from "zod";

export interface BackgroundOptions {
  /** Whether KV is on this machine. */
  readonly kvIsNear: boolean;
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  readonly fetch: typeof fetch;
  readonly kv: Kv;
  readonly metrics: Metrics;
  readonly errors: ErrorJournal;
  readonly identity: Identity;
  readonly reputation: Reputation;
  readonly feeds: Feeds;
}

export interface Background {
  readonly tasks: Tasks;
  readonly webhooks: Webhooks;
  /** Puts the delivery of a webhook into the queue. */
  sendWebhook(webhook: { url: string; event: string; body: unknown }): Promise<void>;
  /** Confirms orders of the demo shop by mail; absent where another site is served. */
  readonly orderMailing?: OrderMailing;
}

/** At night in Europe and America, when nobody waits for KV. */
const RETENTION_AT_MS = 3 * HOUR;

const NEAR_POLL = { minMs: 500, maxMs: 1_300 };

export async function createBackground(options: BackgroundOptions): Promise<Background> {
  const { config, errors, identity, log, reputation, feeds } = options;
  const webhooks = createWebhooks({
    ...options,
    secrets: [config.WEBHOOK_SECRET, ...config.WEBHOOK_SECRET_PREVIOUS].filter((one) =>
      one !== undefined
    ),
    resolve: resolveAddresses,
    post: postPinned,
    parseRange,
    allowPrivate: config.WEBHOOK_ALLOW_PRIVATE,
  });
  const retryForMs = config.DELIVERY_RETRY_HOURS * HOUR;
  const webhook = defineTask(webhookTask({ ...webhooks, retryForMs }));
  const lookUp = defineTask(reputationTask({
    lookUp: ({ ip, subject, payload }) => reputation.ask({ ip, subject }, payload),
  }));
  const retention = defineTask(retentionTask({
    sweeps: [{ name: "error_patterns", run: (signal) => errors.tidy(signal) }],
    log,
  }));
  const readFeeds = defineTask(feedsTask(feeds));
  const orderMail = config.ORIGIN_URL ? undefined : await orderMailOf(options);
  const tasks = createTasks({
    ...options,
    definitions: [webhook, lookUp, retention, readFeeds, ...orderMail ? [orderMail] : []],
    schedules: [
      defineSchedule({
        name: "retention",
        task: retention,
        payload: {},
        everyMs: DAY,
        offsetMs: RETENTION_AT_MS,
      }),
      ...config.REPUTATION_FEEDS.length > 0
        ? [defineSchedule({ name: "feeds", task: readFeeds, payload: {}, everyMs: HOUR })]
        : [],
    ],
    categorize: (error) => errors.note(error, "task.attempt_failed"),
    audit: (atomic, entry, by) => identity.audit.entry({ ...entry, by }).join(atomic),
    concurrency: config.TASKS_CONCURRENCY,
    // A file is looked at often and cheaply; a remote KV is far and paid by the look.
    poll: options.kvIsNear ? NEAR_POLL : undefined,
    doorbell: config.TASKS_DOORBELL,
    wake: config.TASKS_WAKE_SECRET === undefined ? undefined : {
      url: config.TASKS_WAKE_URL?.href,
      secret: config.TASKS_WAKE_SECRET,
      fetch: options.fetch,
    },
  });
  reputation.deferTo(async ({ ip, subject }, payload) => {
    await tasks.enqueue(lookUp, { ip, subject, payload }, { key: subject, keyTtlMs: HOUR });
  });
  return {
    tasks,
    webhooks,
    async sendWebhook({ url, event, body }) {
      await webhooks.checkUrl(url);
      await tasks.enqueue(webhook, { url, event, body: z.json().parse(body) });
    },
    orderMailing: orderMail && {
      draft: (owner, id) => tasks.draft(orderMail, { owner, order_id: id }),
      addTo: tasks.addTo,
      ring: tasks.ring,
    },
  };
}

/** Loaded where the demo shop is, because its words are. */
async function orderMailOf(options: BackgroundOptions): Promise<Task<OrderMailPayload>> {
  const { orderMailTask } = await import("./origin/demo/order_mail_task.ts");
  const { createOrders } = await import("./origin/demo/orders.ts");
  const mailer = createMailer(options);
  const { find } = createOrders(options);
  const retryForMs = options.config.DELIVERY_RETRY_HOURS * HOUR;
  return defineTask(orderMailTask({ findOrder: find, send: mailer.send, retryForMs }));
}

interface OrderMailPayload {
  readonly owner: string;
  readonly order_id: string;
}
