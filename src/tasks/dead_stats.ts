/** The numbers of the dead letters, from counters and two index ends; no record is read. */
import { prefixes } from "../kv/keys.ts";
import type { Kv } from "../kv/kv.ts";
import { DAY, HOUR, SECOND } from "../time.ts";
import { readCounts, total } from "./counts.ts";
import { hourOf } from "./rows.ts";
import { readSeries } from "./series.ts";

export interface DeadStats {
  readonly total_failed_tasks: number;
  readonly by_status: Readonly<Record<"dead" | "abandoned" | "retrying", number>>;
  readonly by_task: Readonly<Record<string, number>>;
  readonly by_category: Readonly<Record<string, number>>;
  readonly by_age: Readonly<Record<typeof AGES[number][0], number>>;
  readonly oldest:
    | { readonly id: string; readonly dead_at: string; readonly age_seconds: number }
    | null;
  /** Of the retries that have ended, the share that succeeded; null when none has. */
  readonly retry_success_rate: number | null;
  readonly last_24h: {
    readonly died: number;
    readonly retried: number;
    readonly failed_attempts: number;
  };
}

/** By whole hours: an age is up to an hour off. */
const AGES = [
  ["under_1_hour", HOUR],
  ["1_to_24_hours", DAY],
  ["1_to_7_days", 7 * DAY],
  ["over_7_days", Infinity],
] as const;

const DAY_MINUTES = 1_440;

export async function readDeadStats(kv: Kv, now: number): Promise<DeadStats> {
  const [dead, abandoned, retrying, categories, hours, redrives, oldest, series] = await Promise
    .all([
      readCounts(kv, "dead"),
      readCounts(kv, "abandoned"),
      readCounts(kv, "redriven"),
      readCounts(kv, "category"),
      readCounts(kv, "hour"),
      readCounts(kv, "redrive"),
      readOldest(kv, now),
      readSeries(kv, now, DAY_MINUTES),
    ]);
  const succeeded = redrives.get("succeeded") ?? 0;
  const ended = succeeded + (redrives.get("failed") ?? 0);
  const sum = (event: "dead" | "redriven" | "failed") =>
    series.reduce((count, minute) => count + minute[event], 0);
  return {
    total_failed_tasks: total(dead) + total(abandoned),
    by_status: { dead: total(dead), abandoned: total(abandoned), retrying: total(retrying) },
    by_task: merge(dead, abandoned),
    by_category: Object.fromEntries(categories),
    by_age: agesOf(hours, now),
    oldest,
    retry_success_rate: ended === 0 ? null : succeeded / ended,
    last_24h: { died: sum("dead"), retried: sum("redriven"), failed_attempts: sum("failed") },
  };
}

function merge(...all: readonly ReadonlyMap<string, number>[]): Record<string, number> {
  const merged: Record<string, number> = {};
  for (const [name, count] of all.flatMap((counts) => [...counts])) {
    merged[name] = (merged[name] ?? 0) + count;
  }
  return merged;
}

function agesOf(hours: ReadonlyMap<string, number>, now: number): DeadStats["by_age"] {
  const ages = { under_1_hour: 0, "1_to_24_hours": 0, "1_to_7_days": 0, over_7_days: 0 };
  for (const [hour, count] of hours) {
    const ageMs = (Number(hourOf(now)) - Number(hour)) * HOUR;
    const [name] = AGES.find(([, upToMs]) => ageMs < upToMs) ?? AGES[3];
    ages[name] += count;
  }
  return ages;
}

async function readOldest(kv: Kv, now: number): Promise<DeadStats["oldest"]> {
  const { items: [first] } = await kv.page(prefixes.tasksDead("all"), { limit: 1 });
  if (!first) return null;
  const deadAt = Number(first.key[2]);
  return {
    id: String(first.key[3]),
    dead_at: new Date(deadAt).toISOString(),
    age_seconds: Math.max(0, Math.floor((now - deadAt) / SECOND)),
  };
}
