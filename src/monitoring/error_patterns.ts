/**
 * What the errors of one cause amount to: whether they are new, more than usual, or back after they
 * were thought to be gone. Pure: it is handed what is on record and what has come since.
 */
import type { ErrorPatternRecord } from "../kv/error_records.ts";
import { DAY, HOUR, MINUTE } from "../time.ts";
import { countSlots, countsSince, countWithin, mergeCounts } from "./error_counts.ts";

export type PatternEvent = "new" | "spike" | "regression";

export interface Judged {
  readonly record: ErrorPatternRecord;
  /** What somebody should hear about. */
  readonly event?: PatternEvent;
}

/** A slot is five minutes; its baseline are the 24 before it, as in notes/tasks.md section 6. */
const SLOT_MINUTES = 5;
const BASELINE_SLOTS = 24;
const MINUTES_KEPT = SLOT_MINUTES * (BASELINE_SLOTS + 2);
const HOURS_KEPT = 30 * 24;
const SPIKE_MIN = 10;
const SPIKE_SIGMAS = 3;
/** One spike is told once. */
const SPIKE_PAUSE_MS = HOUR;
/** Silent for so long, and it was thought to be gone. */
const SILENT_MS = 7 * DAY;

export const minuteOf = (atMs: number) => Math.floor(atMs / MINUTE);
export const hourOf = (atMs: number) => Math.floor(atMs / HOUR);

/** Puts what has come since (`fresh`) to what is stored, and says what that means. */
export function judgePattern(
  stored: ErrorPatternRecord | null,
  fresh: ErrorPatternRecord,
  nowMs: number,
): Judged {
  if (!stored) return { record: fresh, event: "new" };
  const record = mergePatterns(stored, fresh);
  if (isBack(stored, fresh)) {
    return {
      record: { ...record, resolvedAt: undefined, regressedAt: nowMs },
      event: "regression",
    };
  }
  if (nowMs - (stored.spikeAt ?? -Infinity) < SPIKE_PAUSE_MS || !isSpike(record)) return { record };
  return { record: { ...record, spikeAt: nowMs }, event: "spike" };
}

/** The same errors seen twice as often; texts and marks are those of the first. */
export function mergePatterns(a: ErrorPatternRecord, b: ErrorPatternRecord): ErrorPatternRecord {
  const lastSeenAt = Math.max(a.lastSeenAt, b.lastSeenAt);
  const minutes = mergeCounts(a.minutes, b.minutes);
  const hours = mergeCounts(a.hours, b.hours);
  return {
    ...a,
    firstSeenAt: Math.min(a.firstSeenAt, b.firstSeenAt),
    lastSeenAt,
    total: a.total + b.total,
    minutes: countsSince(minutes, minuteOf(lastSeenAt) - MINUTES_KEPT),
    hours: countsSince(hours, hourOf(lastSeenAt) - HOURS_KEPT),
  };
}

/** How many there were in the five minutes up to the last one. */
export function recentCount({ minutes, lastSeenAt }: ErrorPatternRecord): number {
  const last = minuteOf(lastSeenAt);
  return countWithin(minutes, last - SLOT_MINUTES + 1, last);
}

function isBack(stored: ErrorPatternRecord, fresh: ErrorPatternRecord): boolean {
  if (stored.resolvedAt !== undefined) return fresh.lastSeenAt > stored.resolvedAt;
  return fresh.firstSeenAt - stored.lastSeenAt > SILENT_MS;
}

function isSpike({ minutes, lastSeenAt }: ErrorPatternRecord): boolean {
  const slots = countSlots(minutes, minuteOf(lastSeenAt), SLOT_MINUTES, BASELINE_SLOTS + 1);
  const current = slots.pop() ?? 0;
  const mean = slots.reduce((sum, count) => sum + count, 0) / slots.length;
  const variance = slots.reduce((sum, count) => sum + (count - mean) ** 2, 0) / slots.length;
  return current >= SPIKE_MIN && current > mean + SPIKE_SIGMAS * Math.sqrt(variance);
}
