/** `/api/v1/onboarding/admin/dlq/…`: tasks that failed for good, and what to do about them. */
import { z } from "zod";
import { CATEGORIES } from "../src/errors/codes.ts";
import type { Services } from "../src/services.ts";
import { TASK_NAME } from "../src/tasks/define.ts";
import { reply } from "./endpoint/definition.ts";
import { idParam, pageOf, time, timeText, wholeText } from "./endpoint/fields.ts";
import type { Endpoints } from "./endpoint/register.ts";

const ROOT = "/api/v1/onboarding/admin/dlq";
const read = { role: "analyst", scope: "tasks:read" } as const;
const write = { role: "admin", scope: "tasks:write" } as const;
const LIMIT_MAX = 100;
const LIMIT = 25;
const HOURS_MAX = 24 * 365;
/** An empty one is no filter that was left out, but a mistake: it would clear everything. */
const taskName = z.string().regex(TASK_NAME, "must be a task's name, such as webhook.deliver");

const count = z.number().int().min(0);
const counts = z.record(z.string(), count);
const params = idParam("Id of the task");

const DeadTask = z.object({
  id: z.string(),
  name: z.string(),
  status: z.string(),
  category: z.string(),
  severity: z.string(),
  error: z.object({ code: z.string(), message: z.string() }),
  attempts: count,
  crashes: count,
  retries: count,
  created_at: time,
  first_failed_at: time.nullable(),
  dead_at: time,
  age_seconds: z.number(),
  correlation_id: z.string().nullable(),
});

const Detail = DeadTask.extend({
  priority: z.string(),
  attempts_max: count,
  payload: z.unknown().describe("Secrets in it are masked"),
  progress: z.number().nullable(),
  traceparent: z.string().nullable(),
  history: z.array(z.object({
    started_at: time,
    duration_ms: z.number(),
    outcome: z.string(),
    worker: z.string(),
    category: z.string().nullable(),
    severity: z.string().nullable(),
    code: z.string().nullable(),
    message: z.string().nullable(),
  })),
  stack: z.string().nullable(),
  redrives: z.array(z.object({ at: time, by: z.string(), force: z.boolean() })),
  can_retry: z.boolean(),
  retry_blockers: z.array(z.string()),
});

const Stats = z.object({
  total_failed_tasks: count,
  by_status: counts,
  by_task: counts,
  by_category: counts,
  by_age: counts,
  oldest: z.object({ id: z.string(), dead_at: time, age_seconds: z.number() }).nullable(),
  retry_success_rate: z.number().nullable(),
  last_24h: z.object({ died: count, retried: count, failed_attempts: count }),
});

export function deadLetterRoutes(endpoints: Endpoints, services: Services): void {
  readingRoutes(endpoints, services);
  taskRoutes(endpoints, services);
  clearRoute(endpoints, services);
}

function readingRoutes(endpoints: Endpoints, { tasks: { deadLetters } }: Services): void {
  endpoints.define({
    method: "GET",
    path: `${ROOT}/tasks`,
    summary: "Failed tasks, newest first",
    access: read,
    query: z.object({
      status: z.enum(["dead", "abandoned", "retrying"]).optional(),
      name: taskName.optional(),
      category: z.enum(CATEGORIES).optional(),
      from: timeText.optional(),
      to: timeText.optional(),
      order: z.enum(["newest", "oldest"]).optional(),
      limit: wholeText(1, LIMIT_MAX).default(LIMIT),
      cursor: z.string().max(1_000).optional(),
    }),
    csv: [
      { name: "id" },
      { name: "name" },
      { name: "status" },
      { name: "category" },
      { name: "severity" },
      { name: "code", from: "error.code" },
      { name: "message", from: "error.message" },
      { name: "attempts" },
      { name: "created_at" },
      { name: "dead_at" },
    ],
    answers: {
      200: { about: "A page; it may be short and still have a next one", schema: pageOf(DeadTask) },
    },
    errors: ["INVALID_CURSOR"],
    handle: async ({ query }) => reply(200, await deadLetters.list(query)),
  });

  endpoints.define({
    method: "GET",
    path: `${ROOT}/stats`,
    summary: "Failed tasks in numbers",
    access: read,
    csv: [
      { name: "total_failed_tasks" },
      { name: "by_status" },
      { name: "by_task" },
      { name: "by_category" },
      { name: "by_age" },
      { name: "retry_success_rate" },
    ],
    answers: { 200: { about: "The numbers", schema: Stats } },
    handle: async () => reply(200, await deadLetters.stats()),
  });

  endpoints.define({
    method: "GET",
    path: `${ROOT}/tasks/{id}`,
    summary: "A failed task: payload, context and every attempt",
    access: read,
    params,
    answers: { 200: { about: "The task", schema: Detail } },
    errors: ["NOT_FOUND"],
    handle: async ({ params }) => reply(200, await deadLetters.show(params.id)),
  });
}

function taskRoutes(endpoints: Endpoints, { tasks: { deadLetters } }: Services): void {
  endpoints.define({
    method: "POST",
    path: `${ROOT}/tasks/{id}/retry`,
    summary: "Run a failed task again",
    access: write,
    params,
    idempotent: true,
    body: z.object({
      force: z.boolean().default(false).describe("Also when abandoned or over its attempts"),
    }),
    example: { force: false },
    answers: {
      200: {
        about: "It waits to run",
        schema: z.object({ id: z.string(), status: z.literal("retrying"), run_at: time }),
      },
    },
    errors: [
      "NOT_FOUND",
      "TASK_NOT_RETRYABLE",
      "TASK_RUNNING",
      "TASK_PAYLOAD_OUTDATED",
      "CONFLICT",
    ],
    handle: async ({ params, body, caller }) =>
      reply(200, await deadLetters.retry(params.id, body, caller.actor)),
  });

  endpoints.define({
    method: "DELETE",
    path: `${ROOT}/tasks/{id}/delete`,
    summary: "Delete a failed task",
    access: write,
    params,
    answers: {
      200: {
        about: "It is gone",
        schema: z.object({ id: z.string(), deleted: z.literal(true) }),
      },
    },
    errors: ["NOT_FOUND", "TASK_RUNNING", "CONFLICT"],
    handle: async ({ params, caller }) =>
      reply(200, await deadLetters.delete(params.id, caller.actor)),
  });
}

function clearRoute(endpoints: Endpoints, { tasks: { deadLetters } }: Services): void {
  endpoints.define({
    method: "DELETE",
    path: `${ROOT}/clear`,
    summary: "Delete many; without `confirm` it only says how many",
    access: write,
    body: z.object({
      status: z.enum(["dead", "abandoned"]).optional(),
      name: taskName.optional(),
      older_than_hours: z.number().min(0).max(HOURS_MAX).optional(),
      confirm: z.boolean().default(false),
      expected_count: count.optional().describe("Refused when the number is another by a tenth"),
    }),
    example: { status: "abandoned", older_than_hours: 168, confirm: true },
    answers: {
      200: {
        about: "What was deleted, or would be; called again while `complete` is false",
        schema: z.object({
          confirmed: z.boolean(),
          would_delete: count,
          deleted: count,
          complete: z.boolean(),
        }),
      },
    },
    errors: ["TASK_COUNT_CHANGED", "CONFLICT"],
    handle: async ({ body, caller }) => reply(200, await deadLetters.clear(body, caller.actor)),
  });
}
