/** `/api/v1/auth/audit`: what admins and their keys changed. */
import { z } from "zod";
import type { Services } from "../src/services.ts";
import { iso, pageFields, pageOf, time, timeText } from "./endpoint/fields.ts";
import { reply } from "./endpoint/definition.ts";
import type { Endpoints } from "./endpoint/register.ts";

const Entry = z.object({
  id: z.string(),
  at: time,
  by: z.string(),
  action: z.string(),
  target: z.string(),
  request_id: z.string(),
  details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
});

export function auditRoutes(endpoints: Endpoints, { identity: { audit } }: Services): void {
  endpoints.define({
    method: "GET",
    path: "/api/v1/auth/audit",
    summary: "The audit log",
    access: { role: "admin", scope: "audit:read" },
    query: z.object({ ...pageFields, from: timeText.optional(), to: timeText.optional() }),
    csv: [
      { name: "at" },
      { name: "by" },
      { name: "action" },
      { name: "target" },
      { name: "request_id" },
      { name: "details" },
    ],
    answers: { 200: { about: "Newest first", schema: pageOf(Entry) } },
    errors: ["INVALID_CURSOR"],
    async handle({ query }) {
      const { items, next_cursor } = await audit.list(query);
      const rows = items.map(({ requestId, at, details, ...rest }) => ({
        ...rest,
        at: iso(at),
        request_id: requestId,
        details: { ...details },
      }));
      return reply(200, { items: rows, next_cursor });
    },
  });
}
