/** What follows from what a handler threw: another attempt, when, or none. Pure. */
import { AppError } from "../errors/app_error.ts";
import type { ErrorCategory, Severity } from "../errors/codes.ts";
import type { TaskRecord } from "../kv/task_record.ts";
import { redact } from "../log.ts";
import { backoffMs } from "../resilience/backoff.ts";
import { DAY, SECOND } from "../time.ts";
import type { RetryPolicy } from "./define.ts";
import { fail, snooze, type Transition } from "./transitions.ts";
import { PermanentError, RetryAfterError, SnoozeError } from "./verdicts.ts";

/** What an error is, and whether trying again can help. */
export interface ErrorKind {
  readonly category: ErrorCategory;
  readonly severity: Severity;
  readonly code: string;
  readonly retryable: boolean;
  /** When the other side said how long to wait. */
  readonly retryAfterMs?: number;
}

export type Categorize = (error: unknown) => ErrorKind;

/** 20 attempts of this length and the stack stay within a record (tests/tasks/record_size_test). */
const MESSAGE_MAX = 300;
const STACK_MAX = 2_000;

/** Enough without the room of errors: our own codes, time limits, and the rest is SYSTEM. */
export function categorizePlainly(error: unknown): ErrorKind {
  if (error instanceof AppError) return { code: error.code, ...error.spec };
  if (error instanceof DOMException && error.name === "TimeoutError") {
    return { category: "TIMEOUT", severity: "MEDIUM", code: "TASK_TIMEOUT", retryable: true };
  }
  const code = error instanceof Error ? error.name : "THROWN";
  return { category: "SYSTEM", severity: "MEDIUM", code, retryable: true };
}

export interface JudgeOptions {
  readonly categorize: Categorize;
  readonly retry: RetryPolicy;
  readonly random: () => number;
}

/** The transition that ends the attempt. */
export function judge(
  error: unknown,
  { attempts }: Pick<TaskRecord, "attempts">,
  { categorize, retry, random }: JudgeOptions,
): Transition {
  if (error instanceof SnoozeError) return snooze(waitOf(error.afterMs));
  const kind = kindOf(error, categorize);
  const { category, severity, code, retryable } = kind;
  const delayMs = delayOf(kind, attempts, retry, random);
  const budget = retry.forMs === undefined
    ? undefined
    : { forMs: retry.forMs, attempts: retry.attempts };
  return fail({ category, severity, code, retryable, delayMs, budget, ...textOf(error) });
}

/** Never sooner than the other side asked for; nor, while a time counts, than our own wait. */
function delayOf(
  { retryAfterMs }: ErrorKind,
  attempts: number,
  retry: RetryPolicy,
  random: () => number,
): number {
  if (retryAfterMs === undefined) return backoffMs(retry, attempts, random);
  const askedMs = waitOf(retryAfterMs) + Math.round(random() * SECOND);
  return retry.forMs === undefined
    ? askedMs
    : Math.max(askedMs, backoffMs(retry, attempts, random));
}

function kindOf(error: unknown, categorize: Categorize): ErrorKind {
  if (error instanceof PermanentError) {
    return { category: "VALIDATION", severity: "MEDIUM", code: "PERMANENT", retryable: false };
  }
  if (error instanceof RetryAfterError) {
    const { afterMs: retryAfterMs } = error;
    const code = "RETRY_AFTER";
    return { category: "RATE_LIMIT", severity: "LOW", code, retryable: true, retryAfterMs };
  }
  return categorize(error);
}

const waitOf = (ms: number) => Math.min(Math.max(Math.round(ms) || 0, 0), DAY);

function textOf(error: unknown): { message: string; stack?: string } {
  if (!(error instanceof Error)) return { message: redact(String(error)).slice(0, MESSAGE_MAX) };
  const frames = error.stack?.split("\n").filter((line) => /^\s+at /.test(line)).join("\n");
  return {
    message: redact(error.message).slice(0, MESSAGE_MAX),
    stack: frames ? redact(frames).slice(0, STACK_MAX) : undefined,
  };
}
