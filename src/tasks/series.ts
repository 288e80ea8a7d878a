/** What happened in each of the last minutes: attempts by outcome, deaths, redrives. */
import { prefixes } from "../kv/keys.ts";
import type { Kv } from "../kv/kv.ts";
import { DAY, MINUTE } from "../time.ts";
import { keyOf, walk } from "./counts.ts";

export const TASK_EVENTS = ["succeeded", "failed", "crashed", "dead", "redriven"] as const;
export type TaskEvent = typeof TASK_EVENTS[number];

export type TaskMinute = { readonly minute: string } & Readonly<Record<TaskEvent, number>>;

/** Minutes are kept for two days; `sum` has no expiry, so the clean-up deletes them. */
const KEPT_MS = 2 * DAY;
const ROWS_MAX = 2 * 1_440 * TASK_EVENTS.length;
const DELETES_MAX = 800;

const minuteOf = (time: number) => Math.floor(time / MINUTE);

/** The last `minutes` minutes up to this one, oldest first, also those in which nothing was. */
export async function readSeries(kv: Kv, now: number, minutes: number): Promise<TaskMinute[]> {
  const last = minuteOf(now);
  const first = last - minutes + 1;
  const byMinute = new Map<number, Record<TaskEvent, number>>();
  for (let minute = first; minute <= last; minute++) {
    byMinute.set(minute, { succeeded: 0, failed: 0, crashed: 0, dead: 0, redriven: 0 });
  }
  const range = { from: [first], until: [last + 1] };
  for await (const { key, value } of walk(kv, prefixes.taskMinutes(), ROWS_MAX, range)) {
    const event = TASK_EVENTS.find((known) => known === key[2]);
    const counts = byMinute.get(Number(key[1]));
    if (event && counts) counts[event] = Number(value.value);
  }
  return [...byMinute].map(([minute, counts]) => ({
    minute: new Date(minute * MINUTE).toISOString(),
    ...counts,
  }));
}

/** Deletes minutes that are over two days old. */
export async function dropOldMinutes(kv: Kv, now: number): Promise<void> {
  const range = { until: [minuteOf(now - KEPT_MS)] };
  let old: Deno.KvKey[] = [];
  const drop = () => kv.commit((atomic) => old.forEach((parts) => atomic.delete(keyOf(parts))));
  for await (const { key } of walk(kv, prefixes.taskMinutes(), ROWS_MAX, range)) {
    old.push(key);
    if (old.length < DELETES_MAX) continue;
    await drop();
    old = [];
  }
  if (old.length > 0) await drop();
}
