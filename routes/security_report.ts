/** `/api/v1/monitoring/security`: what happened at the gate in a time, in numbers. */
import { z } from "zod";
import type { Services } from "../src/services.ts";
import { HOUR } from "../src/time.ts";
import { reply } from "./endpoint/definition.ts";
import { iso, time, timeText, wholeText } from "./endpoint/fields.ts";
import type { Endpoints } from "./endpoint/register.ts";

const HOURS_MAX = 24 * 31;
const counts = z.record(z.string(), z.number().int());

const Report = z.object({
  from: time,
  to: time,
  events: counts.describe("By type"),
  actions: counts.describe("By what was done"),
  suspicious: counts.describe("Suspicious activity by type"),
  top_offenders: z.array(z.object({ ip: z.string(), count: z.number().int() })),
  top_patterns: z.array(z.object({ pattern: z.string(), count: z.number().int() })),
  top_countries: z.array(z.object({ country: z.string(), count: z.number().int() })),
  limits_exceeded: counts.describe("Refusals by rate limit, of the isolate that answers"),
  active_blocks: z.number().int(),
});

export function securityReportRoutes(
  endpoints: Endpoints,
  { incidents, blocks, metrics, clock }: Services,
): void {
  endpoints.define({
    method: "GET",
    path: "/api/v1/monitoring/security",
    summary: "Security report",
    access: { role: "analyst", scope: "monitoring:read" },
    query: z.object({
      hours: wholeText(1, HOURS_MAX).default(24),
      from: timeText.optional(),
      to: timeText.optional(),
    }),
    csv: [
      { name: "from" },
      { name: "to" },
      { name: "events" },
      { name: "actions" },
      { name: "suspicious" },
      { name: "active_blocks" },
    ],
    answers: { 200: { about: "The report", schema: Report } },
    async handle({ query }) {
      const to = query.to ?? clock.now();
      const from = query.from ?? to - query.hours * HOUR;
      const found = await incidents.report({ from, to });
      const exceeded = [...metrics.rateLimitExceeded.counts].filter(([, count]) => count > 0);
      return reply(200, {
        from: iso(found.from),
        to: iso(found.to),
        events: found.events,
        actions: found.actions,
        suspicious: found.suspicious,
        top_offenders: found.topOffenders,
        top_patterns: found.topPatterns,
        top_countries: found.topCountries,
        limits_exceeded: Object.fromEntries(exceeded),
        active_blocks: blocks.size,
      });
    },
  });
}
