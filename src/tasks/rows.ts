/**
 * Indexes and counters are functions of the record. A change writes the difference between what
 * the old and the new record imply, together with the record in one atomic commit under one check,
 * so that no index and no counter can ever disagree with a record.
 */
import type { ErrorCategory } from "../errors/codes.ts";
import { type Key, keys } from "../kv/keys.ts";
import type { Atomic } from "../kv/kv.ts";
import type { DeadRow, TaskPriority, TaskRecord } from "../kv/task_record.ts";
import { DAY, MINUTE } from "../time.ts";
import { reasonOf } from "./transitions.ts";

/** Index of the due rows of one urgency. Suspects have their own: they are claimed one by one. */
export const BANDS: Readonly<Record<TaskPriority, number>> = { high: 0, normal: 1, low: 2 };
export const SUSPECT_BAND = 3;

/** How long the record of a success is kept. */
export const SUCCESS_KEPT_MS = DAY;

/** A record as it was read. */
export interface Stored {
  readonly record: TaskRecord;
  readonly versionstamp: string | null;
}

interface Row {
  readonly key: Key<unknown>;
  readonly value: unknown;
}

const row = <Value>(key: Key<Value>, value: Value): Row => ({ key, value });

export function bandOf({ suspect, priority }: TaskRecord): number {
  return suspect ? SUSPECT_BAND : BANDS[priority];
}

const isDeadLetter = ({ deadAt, status }: TaskRecord) =>
  deadAt !== undefined && status !== "succeeded";

const isGivenUp = ({ status }: TaskRecord) => status === "dead" || status === "abandoned";

export function categoryOf(record: TaskRecord): ErrorCategory {
  return reasonOf(record)?.category ?? "SYSTEM";
}

/** The lists of dead letters one is on. */
export function deadFilters({ name, status, category }: DeadRow): string[] {
  return ["all", `name:${name}`, `status:${status}`, `category:${category}`];
}

/** Every index row that a record has. */
export function rowsOf(record: TaskRecord): Row[] {
  const { id, name, version, status, at, slot, deadAt = 0, key, chunks } = record;
  const rows: Row[] = [];
  if (status === "pending" || status === "retrying") {
    rows.push(row(keys.taskDue(bandOf(record), at, id), { name, version }));
  }
  if (status === "running") {
    rows.push(row(keys.taskLease(at, id), name));
    if (slot !== undefined) rows.push(row(keys.taskSlot(name, slot), id));
  }
  if (isDeadLetter(record)) {
    const dead: DeadRow = { name, status, category: categoryOf(record), key, chunks };
    for (const filter of deadFilters(dead)) rows.push(row(keys.taskDead(filter, deadAt, id), dead));
  }
  return rows;
}

/** The hour counters tell the age of dead letters without reading them. */
export const hourOf = (time: number) => String(Math.floor(time / (60 * MINUTE)));

/**
 * Every counter that a record counts in, as [kind, of]. What runs is not counted: the lease index
 * is as short as the fleet is wide, and these two sums would be the dearest of all.
 */
export function countsOf(record: TaskRecord): [kind: string, of: string][] {
  const { name, status, deadAt = 0 } = record;
  const counts: [string, string][] = status === "running" ? [] : [[status, name]];
  if (isGivenUp(record)) counts.push(["category", categoryOf(record)], ["hour", hourOf(deadAt)]);
  else if (isDeadLetter(record)) counts.push(["redriven", name]);
  return counts;
}

/** What a change is in the series of a minute, and in the totals of redrives. */
function eventsOf(before: TaskRecord | null, after: TaskRecord): string[] {
  const events: string[] = [];
  const last = after.history.at(-1);
  if (last && last !== before?.history.at(-1)) events.push(last.outcome);
  if (after.status === "dead" && before?.status === "running") events.push("dead");
  if ((after.redrives?.at(-1)?.at ?? 0) !== (before?.redrives?.at(-1)?.at ?? 0)) {
    events.push("redriven");
  }
  return events;
}

/** How redriven tasks ended, for the success rate. */
function redriveEnd(before: TaskRecord | null, after: TaskRecord): string | undefined {
  if (before?.status !== "running" || before.deadAt === undefined) return undefined;
  if (after.status === "succeeded") return "succeeded";
  return after.status === "dead" ? "failed" : undefined;
}

/** Changes of counters, kept together so that one commit sums each only once. */
export class Sums {
  readonly #sums = new Map<string, { key: Key<Deno.KvU64>; by: number }>();

  add(key: Key<Deno.KvU64>, by: number): this {
    const text = JSON.stringify(key.parts);
    const sum = this.#sums.get(text) ?? { key, by: 0 };
    sum.by += by;
    this.#sums.set(text, sum);
    return this;
  }

  count(record: TaskRecord | null, by: 1 | -1): this {
    for (const [kind, of] of record ? countsOf(record) : []) this.add(keys.taskCount(kind, of), by);
    return this;
  }

  writeTo(atomic: Atomic): void {
    for (const { key, by } of this.#sums.values()) {
      if (by !== 0) atomic.sum(key, BigInt(by));
    }
  }
}

const isSame = (one: Row, other: Row) =>
  JSON.stringify([one.key.parts, one.value]) === JSON.stringify([other.key.parts, other.value]);

/**
 * Adds one change of one task to a commit: check, record, rows, counters. `before` is null for a
 * new task. Successes are counted for good, although their records go after a day.
 */
export function writeChange(
  atomic: Atomic,
  before: Stored | null,
  after: TaskRecord,
  now: number,
): void {
  const { id } = after;
  const old = before?.record ?? null;
  const isDone = after.status === "succeeded";
  atomic.check(keys.task(id), before?.versionstamp ?? null);
  const kept: TaskRecord = isDone ? { ...after, chunks: undefined } : after;
  atomic.set(keys.task(id), kept, isDone ? { expireIn: SUCCESS_KEPT_MS } : {});

  const [gone, wanted] = [old ? rowsOf(old) : [], rowsOf(after)];
  for (const one of gone) {
    const isKept = wanted.some(({ key }) => String(key.parts) === String(one.key.parts));
    if (!isKept) atomic.delete(one.key);
  }
  for (const one of wanted) {
    if (!gone.some((other) => isSame(one, other))) atomic.set(one.key, one.value);
  }
  for (let part = 0; isDone && part < (after.chunks ?? 0); part++) {
    atomic.delete(keys.taskChunk(id, part));
  }
  if (old && isGivenUp(old)) atomic.set(keys.taskDeadGate(), after.write);

  const sums = new Sums().count(old, -1).count(after, 1);
  const minute = Math.floor(now / MINUTE);
  for (const event of eventsOf(old, after)) sums.add(keys.taskMinute(minute, event), 1);
  const end = redriveEnd(old, after);
  if (end) sums.add(keys.taskCount("redrive", end), 1);
  sums.writeTo(atomic);
}
