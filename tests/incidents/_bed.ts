/** Isolates that share one KV and one clock, each with its own incidents. */
import { createIncidents, type Incidents } from "../../src/incidents/incidents.ts";
import type { NewSecurityEvent, SecurityEventType } from "../../src/incidents/event_types.ts";
import { openKv } from "../../src/kv/open.ts";
import { silentLog } from "../../src/log.ts";
import { createTestClock, type TestClock } from "../_clock.ts";
import { createFaultKv, type FaultKv } from "../_fault_kv.ts";

export interface IncidentsBed extends AsyncDisposable {
  readonly clock: TestClock;
  readonly incidents: Incidents;
  readonly raw: FaultKv;
  readonly other: Incidents;
  /** Types as the metrics hear of them. */
  readonly heard: SecurityEventType[];
  /** Keys in KV, by their first part. */
  keys(): Promise<Record<string, number>>;
}

export const DAYS = 30;

export async function createIncidentsBed(): Promise<IncidentsBed> {
  const over = await Deno.openKv(":memory:");
  const clock = createTestClock();
  const heard: SecurityEventType[] = [];
  const create = async (seed: number) => {
    const raw = await createFaultKv({ over, seed });
    const kv = await openKv({ path: ":memory:", raw, clock, log: silentLog, deadlineMs: 5_000 });
    const onEvent = (type: SecurityEventType) => heard.push(type);
    return { raw, incidents: createIncidents({ kv, clock, log: silentLog, days: DAYS, onEvent }) };
  };
  const isolates = [await create(1), await create(2)];
  return {
    clock,
    heard,
    raw: isolates[0].raw,
    incidents: isolates[0].incidents,
    other: isolates[1].incidents,
    async keys() {
      const counts: Record<string, number> = {};
      for await (const { key } of over.list({ prefix: [] })) {
        counts[String(key[0])] = (counts[String(key[0])] ?? 0) + 1;
      }
      return counts;
    },
    async [Symbol.asyncDispose]() {
      for (const { incidents, raw } of isolates) {
        await incidents.stop();
        raw.close();
      }
      over.close();
    },
  };
}

/** A refused SQL injection, unless told otherwise. */
export function threat(event: Partial<NewSecurityEvent> = {}): NewSecurityEvent {
  return {
    type: "threat",
    action: "refuse",
    ip: "203.0.113.9",
    country: "NZ",
    method: "GET",
    path: "/us/products",
    score: 0.97,
    signals: [
      { name: "sql/union_select", confidence: 0.95, field: "query.q", excerpt: "union select" },
      { name: "sql/comment", confidence: 0.3, field: "query.q" },
    ],
    ...event,
  };
}
