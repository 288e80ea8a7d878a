/**
 * What KV holds of a task. The record is the truth; every index row and counter follows from it
 * (src/tasks/rows.ts). Times are Unix time in milliseconds.
 */
import type { ErrorCategory, Severity } from "../errors/codes.ts";

export type TaskStatus = "pending" | "running" | "retrying" | "succeeded" | "dead" | "abandoned";

export type TaskPriority = "high" | "normal" | "low";

/** One attempt that has ended. The texts are redacted. */
export interface TaskAttempt {
  readonly startedAt: number;
  readonly durationMs: number;
  readonly worker: string;
  /** The fence under which it ran; tells a settled attempt again when the reply was lost. */
  readonly token: string;
  readonly outcome: "succeeded" | "failed" | "crashed";
  readonly category?: ErrorCategory;
  readonly severity?: Severity;
  readonly code?: string;
  readonly message?: string;
}

/** One time a dead task was sent out again. */
export interface TaskRedrive {
  readonly at: number;
  readonly by: string;
  readonly force: boolean;
}

export interface TaskRecord {
  /** Shape of this record. */
  readonly v: 1;
  readonly id: string;
  readonly name: string;
  /** Version of the payload's schema. */
  readonly version: number;
  /** The payload as JSON text; absent when it lies in chunks. */
  readonly payload?: string;
  /** How many gzipped chunks hold the payload; absent when it is in the record. */
  readonly chunks?: number;
  readonly status: TaskStatus;
  readonly priority: TaskPriority;
  /** When it is due (pending, retrying), or when its lease ends (running). */
  readonly at: number;
  /** Attempts begun, but for those that ended by no fault of the task. */
  readonly attempts: number;
  readonly attemptsMax: number;
  /** Times the process that ran it disappeared. */
  readonly crashes: number;
  /** It ran in a process that disappeared, so it runs alone until it has shown what it does. */
  readonly suspect: boolean;
  /** The fence of the attempt under way. */
  readonly token?: string;
  /** Random mark of the last change, by which its writer knows it again. */
  readonly write: string;
  readonly worker?: string;
  /** Whether the attempt has reached the handler; a suspect waits for its process to be empty. */
  readonly began?: boolean;
  /** Which of its name's places it takes, where those are limited. */
  readonly slot?: number;
  readonly progress?: number;
  /** Where the handler wants to go on, as JSON text. */
  readonly cursor?: string;
  readonly correlationId?: string;
  readonly traceparent?: string;
  /** What makes a second enqueue of the same thing no second task. */
  readonly key?: string;
  readonly createdAt: number;
  readonly startedAt?: number;
  /**
   * When the first of its attempts began, of those since it was last sent out again; later by the
   * time in which it was due and nobody tried.
   */
  readonly triedSince?: number;
  readonly endedAt?: number;
  /** When it last died or was given up; kept while it is sent out again. */
  readonly deadAt?: number;
  /** The first ended attempt and the last 19, oldest first. */
  readonly history: readonly TaskAttempt[];
  readonly stack?: string;
  readonly snoozes?: number;
  /** The last 20. */
  readonly redrives?: readonly TaskRedrive[];
}

/** A row of the due index: enough to see whether this code can run the task. */
export interface DueRow {
  readonly name: string;
  readonly version: number;
}

/** A row of the dead-letter index: what filters look at, and what a bulk delete must know. */
export interface DeadRow {
  readonly name: string;
  readonly status: TaskStatus;
  readonly category: ErrorCategory;
  readonly key?: string;
  readonly chunks?: number;
}

/** The task that an idempotency key stands for, until that time. */
export interface TaskKey {
  readonly id: string;
  readonly until: number;
}

/** When a schedule fires next, and the task its last slot became. */
export interface TaskScheduleRow {
  readonly nextAt: number;
  readonly lastId?: string;
}
