/**
 * The life of a task, as pure functions from one record to the next. Nothing here knows KV, time
 * or chance: the moment and the random mark of a change are handed in. What each change means for
 * indexes and counters follows from the records (rows.ts).
 *
 *     pending ──claim──▶ running ──succeed──▶ succeeded
 *                 ▲         │ fail, release, snooze, recover
 *              retrying ◀───┤
 *                 ▲         ▼
 *              redrive ◀── dead ──abandon──▶ abandoned ──▶ deleted
 */
import type { ErrorCategory, Severity } from "../errors/codes.ts";
import type { TaskAttempt, TaskRecord } from "../kv/task_record.ts";

/** When a change is made, and the random text by which its writer knows it again. */
export interface Mark {
  readonly now: number;
  readonly write: string;
}

export type Transition = (record: TaskRecord, mark: Mark) => TaskRecord;

/** An attempt's failure, judged. */
export interface Failure {
  readonly category: ErrorCategory;
  readonly severity: Severity;
  readonly code: string;
  readonly message: string;
  readonly stack?: string;
  /** Whether another attempt may help; it gets one if any are left. */
  readonly retryable: boolean;
  readonly delayMs: number;
  /** Where time counts: how long it may be tried, and the attempts that fit into it. */
  readonly budget?: { readonly forMs: number; readonly attempts: number };
}

export interface Claim {
  readonly worker: string;
  readonly leaseMs: number;
  readonly slot?: number;
}

export const HISTORY_MAX = 20;
export const REDRIVES_MAX = 20;
/** Processes that may disappear while they run a task before it is taken for the cause. */
export const CRASHES_MAX = 3;
const SNOOZES_MAX = 1_000;

/** An attempt begins; from now on `write` is its fence. A suspect has not begun by this alone. */
export const claim = ({ worker, leaseMs, slot }: Claim): Transition => (record, mark) => ({
  ...record,
  status: "running",
  at: mark.now + leaseMs,
  attempts: record.attempts + 1,
  token: mark.write,
  write: mark.write,
  worker,
  slot,
  began: !record.suspect,
  startedAt: mark.now,
  triedSince: record.attempts === 0 ? mark.now : triedSince(record, mark),
});

/**
 * The time after it was due, in which nobody tried, does not count: the machine was off, or its clock
 * was put right. Else the first failure after it, of a network that is not up yet, would be the last.
 */
function triedSince({ triedSince, at }: TaskRecord, { now }: Mark): number {
  return triedSince === undefined ? now : triedSince + Math.max(0, now - at);
}

/** A suspect whose process is empty now. */
export const begin = (leaseMs: number): Transition => (record, { now, write }) => ({
  ...record,
  at: now + leaseMs,
  began: true,
  startedAt: now,
  write,
});

export const extend = (leaseMs: number): Transition => (record, { now, write }) => ({
  ...record,
  at: now + leaseMs,
  write,
});

/** Changes nothing, but is refused when the task has been lost. */
export const touch: Transition = (record, { write }) => ({ ...record, write });

export const advance = (progress: number, cursor?: string): Transition => (record, { write }) => ({
  ...record,
  progress,
  cursor: cursor ?? record.cursor,
  write,
});

export const succeed: Transition = (record, mark) => ({
  ...ended(record, mark, { outcome: "succeeded" }),
  status: "succeeded",
  at: mark.now,
  progress: 100,
  suspect: false,
  cursor: undefined,
  stack: undefined,
});

/**
 * It threw, so it is no suspect: it ends in an orderly way. The budget is that of today's code, also
 * for a task that was enqueued under another.
 */
export const fail = (failure: Failure): Transition => (record, mark) => {
  const { stack, retryable, delayMs, budget, ...reason } = failure;
  const failed = {
    ...ended(record, mark, { outcome: "failed", ...reason }),
    attemptsMax: budget?.attempts ?? record.attemptsMax,
    suspect: false,
    stack,
  };
  const triedMs = mark.now - (record.triedSince ?? mark.now);
  const isUsedUp = budget ? triedMs >= budget.forMs : record.attempts >= record.attemptsMax;
  const isOver = !retryable || isUsedUp;
  return isOver ? died(failed, mark) : waiting(failed, mark.now + delayMs);
};

/** The handler asked to be called later. Who only ever puts it off uses up attempts in the end. */
export const snooze = (delayMs: number): Transition => (record, mark) => {
  const snoozes = (record.snoozes ?? 0) + 1;
  const attempts = snoozes > SNOOZES_MAX ? record.attempts : record.attempts - 1;
  const idle = { ...left(record, mark), attempts, snoozes };
  return attempts >= record.attemptsMax ? died(idle, mark) : waiting(idle, mark.now + delayMs);
};

/** This process stops; what had not ended goes back as if it had not begun. */
export const release: Transition = (record, mark) =>
  waiting({ ...left(record, mark), attempts: record.attempts - 1 }, mark.now);

const POISON = {
  category: "SYSTEM",
  severity: "HIGH",
  code: "POISON",
  message: "The process that ran it disappeared",
} as const;

/**
 * The lease lapsed: its process is gone. The attempt does not count as one, the crash does, and
 * from now on it runs alone, so that its neighbours of then are not taken for the cause. One that
 * only waited for its process to be empty had no part in it.
 */
export const recover: Transition = (lapsed, mark) => {
  const record = { ...lapsed, triedSince: triedSince(lapsed, mark) };
  const attempts = record.attempts - 1;
  if (!record.began) return waiting({ ...left(record, mark), attempts }, mark.now);
  const crashed = {
    ...ended(record, mark, { outcome: "crashed", ...POISON }),
    attempts,
    crashes: record.crashes + 1,
    suspect: true,
  };
  return crashed.crashes >= CRASHES_MAX ? died(crashed, mark) : waiting(crashed, mark.now);
};

/** A dead or abandoned task is sent out again; a crash suspect stays one. */
export const redrive =
  (by: string, force: boolean, delayMs: number): Transition => (record, mark) => {
    const redrives = [...record.redrives ?? [], { at: mark.now, by, force }].slice(-REDRIVES_MAX);
    const fresh = { ...record, attempts: 0, crashes: 0, snoozes: 0, redrives, write: mark.write };
    return { ...waiting(fresh, mark.now + delayMs), status: "retrying", endedAt: undefined };
  };

/** Given up, by an admin or by age; what waited is a dead letter from then on. */
export const abandon: Transition = (record, { now, write }) => ({
  ...record,
  status: "abandoned",
  at: now,
  deadAt: now,
  endedAt: record.endedAt ?? now,
  write,
});

/** Why a record is a dead letter: the reason of its last failed attempt. */
export function reasonOf(record: TaskRecord): TaskAttempt | undefined {
  return record.history.findLast(({ outcome }) => outcome !== "succeeded");
}

type AttemptEnd = Pick<TaskAttempt, "outcome" | "category" | "severity" | "code" | "message">;

/** The attempt under way goes into the history, and its lease ends. */
function ended(record: TaskRecord, mark: Mark, end: AttemptEnd): TaskRecord {
  const startedAt = record.startedAt ?? mark.now;
  const attempt: TaskAttempt = {
    startedAt,
    durationMs: Math.max(0, mark.now - startedAt),
    worker: record.worker ?? "",
    token: record.token ?? "",
    ...end,
  };
  const history = shortened([...record.history, attempt]);
  return { ...left(record, mark), history, endedAt: mark.now };
}

/** How it began stays known, however long it goes on. */
function shortened(history: readonly TaskAttempt[]): readonly TaskAttempt[] {
  if (history.length <= HISTORY_MAX) return history;
  return [history[0], ...history.slice(1 - HISTORY_MAX)];
}

function left(record: TaskRecord, { write }: Mark): TaskRecord {
  return {
    ...record,
    token: undefined,
    worker: undefined,
    slot: undefined,
    began: undefined,
    write,
  };
}

/** Only what was never tried is pending. */
function waiting(record: TaskRecord, at: number): TaskRecord {
  const isUntried = record.attempts === 0 && record.history.length === 0;
  return { ...record, status: isUntried ? "pending" : "retrying", at };
}

function died(record: TaskRecord, { now }: Mark): TaskRecord {
  return { ...record, status: "dead", at: now, deadAt: now, endedAt: now };
}
