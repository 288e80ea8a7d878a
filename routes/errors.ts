/** `/api/v1/monitoring/errors…`: what goes wrong, by cause. */
import { z } from "zod";
import { CATEGORIES } from "../src/errors/codes.ts";
import type { Services } from "../src/services.ts";
import { reply } from "./endpoint/definition.ts";
import { time, timeText, wholeText } from "./endpoint/fields.ts";
import type { Endpoints } from "./endpoint/register.ts";

const PATTERNS_MAX = 500;
const PATTERNS = 50;
const count = z.number().int().min(0);

const Pattern = z.object({
  fingerprint: z.string(),
  category: z.string(),
  severity: z.string(),
  code: z.string(),
  message: z.string(),
  frame: z.string(),
  state: z.enum(["new", "ongoing", "regressed", "resolved"]),
  count: count.describe("In the range"),
  total_count: count,
  trend: z.enum(["rising", "steady", "falling"]),
  first_seen: time,
  last_seen: time,
  resolved_at: time.nullable(),
  hours: z.array(z.object({ hour: time, count })).describe("The last 24 of the range"),
});

const Report = z.object({
  from: time,
  to: time,
  complete: z.boolean().describe("False while KV is out: then of this isolate alone"),
  total: count,
  by_category: z.record(z.string(), count),
  by_severity: z.record(z.string(), count),
  patterns: z.array(Pattern).describe("The most frequent first"),
});

export function errorRoutes(endpoints: Endpoints, { errors }: Pick<Services, "errors">): void {
  endpoints.define({
    method: "GET",
    path: "/api/v1/monitoring/errors",
    summary: "Errors by cause",
    access: { role: "analyst", scope: "monitoring:read" },
    query: z.object({
      from: timeText.optional(),
      to: timeText.optional(),
      category: z.enum(CATEGORIES).optional(),
      limit: wholeText(1, PATTERNS_MAX).default(PATTERNS),
    }),
    answers: { 200: { about: "The report", schema: Report } },
    handle: async ({ query }) => reply(200, await errors.report(query)),
  });

  endpoints.define({
    method: "POST",
    path: "/api/v1/monitoring/errors/{fingerprint}/resolve",
    summary: "Mark a cause as mended; if it comes back it is a regression",
    access: { role: "admin", scope: "monitoring:write" },
    params: z.object({ fingerprint: z.string().regex(/^[0-9a-f]{16}$/) }),
    answers: { 200: { about: "The pattern", schema: Pattern } },
    errors: ["NOT_FOUND", "CONFLICT"],
    handle: async ({ params, caller }) =>
      reply(200, await errors.resolve(params.fingerprint, caller.actor)),
  });
}
