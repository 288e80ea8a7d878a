/** `/api/v1/security/threats…`: what was refused and why, and who is behind it. */
import { z } from "zod";
import { AppError } from "../src/errors/app_error.ts";
import type { SecurityEvent } from "../src/kv/keys.ts";
import type { Services } from "../src/services.ts";
import { reply } from "./endpoint/definition.ts";
import { iso, pageFields, pageOf, time, timeText } from "./endpoint/fields.ts";
import type { Endpoints } from "./endpoint/register.ts";

const access = { role: "analyst", scope: "security:read" } as const;

/** A score or confidence in a query. */
const share = z.string().regex(/^(?:0(?:\.\d{1,4})?|1(?:\.0{1,4})?)$/, "must be 0 to 1")
  .transform(Number);

const Indicator = z.object({
  kind: z.enum(["ip", "pattern"]),
  value: z.string().describe("An address, or the name of a signal"),
  confidence: z.number().min(0).max(1),
  first_seen: time,
  last_seen: time,
  hits: z.number().int(),
});

const Event = z.object({
  id: z.string(),
  at: time,
  type: z.string(),
  action: z.string(),
  request_id: z.string().nullable(),
  ip: z.string().nullable(),
  country: z.string().nullable(),
  method: z.string().nullable(),
  path: z.string().nullable(),
  score: z.number().nullable(),
  user: z.string().nullable(),
  signals: z.array(z.object({
    name: z.string(),
    confidence: z.number(),
    field: z.string().nullable(),
    excerpt: z.string().nullable(),
  })),
});

function eventOf(event: SecurityEvent): z.input<typeof Event> {
  const { id, at, type, action, signals = [] } = event;
  return {
    id,
    at: iso(at),
    type,
    action,
    request_id: event.requestId ?? null,
    ip: event.ip ?? null,
    country: event.country ?? null,
    method: event.method ?? null,
    path: event.path ?? null,
    score: event.score ?? null,
    user: event.user ?? null,
    signals: signals.map(({ name, confidence, field = null, excerpt = null }) => ({
      name,
      confidence,
      field,
      excerpt,
    })),
  };
}

export function threatRoutes(endpoints: Endpoints, services: Services): void {
  indicatorRoutes(endpoints, services);
  eventRoutes(endpoints, services);
}

function indicatorRoutes(endpoints: Endpoints, { incidents }: Services): void {
  endpoints.define({
    method: "GET",
    path: "/api/v1/security/threats",
    summary: "Threat indicators, the last seen first",
    access,
    query: z.object({
      ...pageFields,
      kind: z.enum(["ip", "pattern"]).optional(),
      value: z.string().max(100).optional(),
      min_confidence: share.optional(),
      since: timeText.optional(),
    }),
    csv: [
      { name: "kind" },
      { name: "value" },
      { name: "confidence" },
      { name: "first_seen" },
      { name: "last_seen" },
      { name: "hits" },
    ],
    answers: { 200: { about: "A page of indicators", schema: pageOf(Indicator) } },
    errors: ["INVALID_CURSOR"],
    async handle({ query: { min_confidence, ...query } }) {
      const found = await incidents.indicators({ ...query, minConfidence: min_confidence });
      const items = found.items.map((
        { kind, value, confidence, firstSeenAt, lastSeenAt, hits },
      ) => ({
        kind,
        value,
        confidence,
        first_seen: iso(firstSeenAt),
        last_seen: iso(lastSeenAt),
        hits,
      }));
      return reply(200, { items, next_cursor: found.next_cursor });
    },
  });
}

function eventRoutes(endpoints: Endpoints, { incidents }: Services): void {
  endpoints.define({
    method: "GET",
    path: "/api/v1/security/events",
    summary: "Security events, newest first",
    access,
    query: z.object({
      ...pageFields,
      type: z.string().max(40).optional(),
      ip: z.string().max(50).optional(),
      action: z.string().max(20).optional(),
      min_score: share.optional(),
      from: timeText.optional(),
      to: timeText.optional(),
    }),
    csv: [
      { name: "at" },
      { name: "type" },
      { name: "action" },
      { name: "request_id" },
      { name: "ip" },
      { name: "country" },
      { name: "method" },
      { name: "path" },
      { name: "score" },
      { name: "user" },
      { name: "signals" },
    ],
    answers: { 200: { about: "A page of events", schema: pageOf(Event) } },
    errors: ["INVALID_CURSOR"],
    async handle({ query: { min_score, ...query } }) {
      const found = await incidents.events({ ...query, minScore: min_score });
      return reply(200, { items: found.items.map(eventOf), next_cursor: found.next_cursor });
    },
  });

  endpoints.define({
    method: "GET",
    path: "/api/v1/security/events/{request_id}",
    summary: "Why a request was refused, by the id its answer showed",
    access,
    params: z.object({ request_id: z.string().min(1).max(100) }),
    answers: { 200: { about: "The event", schema: Event } },
    errors: ["NOT_FOUND"],
    async handle({ params }) {
      const event = await incidents.explain(params.request_id);
      if (!event) throw new AppError("NOT_FOUND");
      return reply(200, eventOf(event));
    },
  });
}
