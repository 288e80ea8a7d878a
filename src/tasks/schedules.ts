/**
 * Virtual crons: rows in KV that say when a task is due again. The sweep of any isolate enqueues
 * it in the commit that moves the row on, so that two sweeps, or two real crons, make one task.
 */
import { keys } from "../kv/keys.ts";
import type { Kv } from "../kv/kv.ts";
import type { Clock } from "../time.ts";
import type { Task } from "./define.ts";
import type { Enqueue } from "./enqueue.ts";

export interface Schedule {
  readonly name: string;
  readonly task: Task<unknown>;
  readonly payload: unknown;
  /** At every whole multiple of this time (UTC), such as `DAY`. */
  readonly everyMs: number;
  /** After the multiple; 3 h for 03:00 of a `DAY`. */
  readonly offsetMs: number;
}

export interface ScheduleOptions<Input> {
  readonly name: string;
  readonly task: Task<Input>;
  readonly payload: Input;
  readonly everyMs: number;
  readonly offsetMs?: number;
}

export function defineSchedule<Input>(options: ScheduleOptions<Input>): Schedule {
  const { name, task, payload, everyMs, offsetMs = 0 } = options;
  if (!(everyMs >= 1_000)) throw new RangeError(`Cannot schedule "${name}" every ${everyMs} ms`);
  return { name, task, payload, everyMs, offsetMs };
}

/** The first slot after `now`. */
export function nextSlot({ everyMs, offsetMs }: Schedule, now: number): number {
  return (Math.floor((now - offsetMs) / everyMs) + 1) * everyMs + offsetMs;
}

export interface RunSchedulesOptions {
  readonly kv: Kv;
  readonly clock: Clock;
  readonly schedules: readonly Schedule[];
  readonly enqueue: Enqueue;
}

/** Enqueues what is due; of slots that were missed only the last. Answers how many. */
export async function runSchedules(options: RunSchedulesOptions): Promise<number> {
  const { kv, schedules } = options;
  if (schedules.length === 0) return 0;
  const rows = await kv.getMany(schedules.map(({ name }) => keys.taskSchedule(name)));
  let fired = 0;
  for (const [index, schedule] of schedules.entries()) {
    const { value, versionstamp } = rows[index];
    if (await fire(options, schedule, value?.nextAt, versionstamp)) fired++;
  }
  return fired;
}

async function fire(
  { kv, clock, enqueue }: RunSchedulesOptions,
  schedule: Schedule,
  dueAt: number | undefined,
  versionstamp: string | null,
): Promise<boolean> {
  const now = clock.now();
  const key = keys.taskSchedule(schedule.name);
  const nextAt = nextSlot(schedule, now);
  if (dueAt === undefined) {
    await kv.commit((atomic) => atomic.check(key, versionstamp).set(key, { nextAt }));
    return false;
  }
  // A schedule that was made more frequent does not wait for its old slot.
  if (dueAt > now && dueAt <= nextAt) return false;
  const isDue = dueAt <= now;
  const draft = isDue ? enqueue.draft(schedule.task, schedule.payload) : undefined;
  const commit = await kv.commit((atomic) => {
    atomic.check(key, versionstamp).set(key, { nextAt, lastId: draft?.id });
    if (draft) enqueue.addTo(atomic, draft);
  });
  return isDue && commit.ok;
}
