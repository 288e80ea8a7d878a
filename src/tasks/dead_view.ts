/** Dead letters as they are shown: times as ISO texts, payloads masked, reasons in plain fields. */
import type { TaskAttempt, TaskRecord } from "../kv/task_record.ts";
import { SECOND } from "../time.ts";
import { mask } from "./mask.ts";
import { categoryOf } from "./rows.ts";
import { reasonOf } from "./transitions.ts";

export interface DeadItem {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly category: string;
  readonly severity: string;
  readonly error: { readonly code: string; readonly message: string };
  readonly attempts: number;
  readonly crashes: number;
  readonly retries: number;
  readonly created_at: string;
  readonly first_failed_at: string | null;
  readonly dead_at: string;
  readonly age_seconds: number;
  readonly correlation_id: string | null;
}

export interface DeadAttempt {
  readonly started_at: string;
  readonly duration_ms: number;
  readonly outcome: string;
  readonly worker: string;
  readonly category: string | null;
  readonly severity: string | null;
  readonly code: string | null;
  readonly message: string | null;
}

export interface DeadDetail extends DeadItem {
  readonly priority: string;
  readonly attempts_max: number;
  readonly payload: unknown;
  readonly progress: number | null;
  readonly traceparent: string | null;
  readonly history: readonly DeadAttempt[];
  readonly stack: string | null;
  readonly redrives: readonly {
    readonly at: string;
    readonly by: string;
    readonly force: boolean;
  }[];
  readonly can_retry: boolean;
  /** Why only `force` would do, or nothing would. */
  readonly retry_blockers: readonly string[];
}

const iso = (time: number) => new Date(time).toISOString();

export function itemOf(record: TaskRecord, now: number): DeadItem {
  const { id, name, status, attempts, crashes, history, deadAt = record.createdAt } = record;
  const reason = reasonOf(record);
  const firstFailure = history.find(({ outcome }) => outcome !== "succeeded");
  return {
    id,
    name,
    status,
    category: categoryOf(record),
    severity: reason?.severity ?? "LOW",
    error: { code: reason?.code ?? "ABANDONED", message: reason?.message ?? "" },
    attempts,
    crashes,
    retries: record.redrives?.length ?? 0,
    created_at: iso(record.createdAt),
    first_failed_at: firstFailure ? iso(firstFailure.startedAt + firstFailure.durationMs) : null,
    dead_at: iso(deadAt),
    age_seconds: Math.max(0, Math.floor((now - deadAt) / SECOND)),
    correlation_id: record.correlationId ?? null,
  };
}

const attemptOf = (attempt: TaskAttempt): DeadAttempt => ({
  started_at: iso(attempt.startedAt),
  duration_ms: attempt.durationMs,
  outcome: attempt.outcome,
  worker: attempt.worker,
  category: attempt.category ?? null,
  severity: attempt.severity ?? null,
  code: attempt.code ?? null,
  message: attempt.message ?? null,
});

export function detailOf(
  record: TaskRecord,
  payload: unknown,
  blockers: readonly string[],
  now: number,
): DeadDetail {
  return {
    ...itemOf(record, now),
    priority: record.priority,
    attempts_max: record.attemptsMax,
    payload: mask(payload),
    progress: record.progress ?? null,
    traceparent: record.traceparent ?? null,
    history: record.history.map(attemptOf),
    stack: record.stack ?? null,
    redrives: (record.redrives ?? []).map(({ at, by, force }) => ({ at: iso(at), by, force })),
    can_retry: blockers.length === 0,
    retry_blockers: blockers,
  };
}
