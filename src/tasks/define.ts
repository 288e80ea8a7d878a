/**
 * What a task is: a name, the shape of its payload, what it does, and how often it may fail.
 * Decides nothing about when or where it runs.
 */
import type { z } from "zod";
import { AppError } from "../errors/app_error.ts";
import type { TaskPriority } from "../kv/task_record.ts";
import { attemptsWithin, type Backoff } from "../resilience/backoff.ts";
import { MINUTE, SECOND } from "../time.ts";
import { PermanentError } from "./verdicts.ts";

/** What a handler gets beside its payload. `id` is the idempotency key for calls to others. */
export interface TaskContext {
  readonly id: string;
  readonly name: string;
  /** 1 at the first try. */
  readonly attempt: number;
  readonly correlationId?: string;
  readonly traceparent?: string;
  /** Aborted at the time limit, at a stop, and when another isolate has taken the task over. */
  readonly signal: AbortSignal;
  /** What `progress` kept, in this attempt or an earlier one. */
  readonly cursor: unknown;
  /** Whether the task is still ours; to be asked right before what cannot be undone. */
  stillMine(): Promise<boolean>;
  /** Keeps how far it is (0 to 100), and where to go on; at most 4 KiB as JSON. */
  progress(percent: number, cursor?: unknown): Promise<void>;
}

export interface RetryPolicy extends Backoff {
  /** Attempts in all. With `forMs` it is worked out: the most that fit into that time. */
  readonly attempts: number;
  /**
   * For tasks that need somebody else's server: how long after its first attempt it is still tried
   * again. The first failure after that is the last.
   */
  readonly forMs?: number;
}

export interface TaskOptions<Schema extends z.ZodType> {
  /** Lower-case letters, digits, `.`, `_` and `-`, at most 60. */
  readonly name: string;
  /** Checked when it is enqueued and again before it runs. The payload must be plain JSON. */
  readonly schema: Schema;
  readonly run: (payload: z.output<Schema>, context: TaskContext) => Promise<void> | void;
  /** To be raised when payloads written before no longer fit; 1 when absent. */
  readonly version?: number;
  /**
   * 5 attempts, 2 s doubling up to 15 min, unless said. With `forMs`: 1 s doubling up to a minute,
   * then a tenth more each time, up to 10 min.
   */
  readonly retry?: Partial<RetryPolicy>;
  /** How long one attempt may take; 60 s when absent. */
  readonly timeoutMs?: number;
  readonly priority?: TaskPriority;
  /** At most so many of this name at once, over all isolates; 1 to 50. */
  readonly concurrency?: number;
  /** At most `count` starts of this name in `perMs`, over all isolates. */
  readonly rate?: TaskRate;
}

export interface TaskRate {
  readonly count: number;
  readonly perMs: number;
}

/** A defined task; `Input` is what `enqueue` takes. */
export interface Task<Input> {
  readonly name: string;
  readonly version: number;
  readonly retry: RetryPolicy;
  readonly timeoutMs: number;
  readonly priority: TaskPriority;
  readonly concurrency?: number;
  readonly rate?: TaskRate;
  /** Never set; it carries the type. */
  readonly input?: Input;
  /** The payload as JSON text. Throws `AppError("VALIDATION_FAILED")`. */
  encode(payload: unknown): string;
  /** Whether a stored payload would be accepted today. */
  accepts(payload: unknown): boolean;
  /** Checks the stored payload and runs the handler. */
  perform(payload: unknown, context: TaskContext): Promise<void>;
}

/** How the name of every task looks. */
export const TASK_NAME = /^[a-z0-9._-]{1,60}$/;
export const SLOTS_MAX = 50;
const RETRY: RetryPolicy = { attempts: 5, baseMs: 2 * SECOND, capMs: 15 * MINUTE };
const OUTAGE_BACKOFF: Backoff = { baseMs: SECOND, steadyMs: MINUTE, capMs: 10 * MINUTE };
const ATTEMPTS_MAX = 100;
/** Of a policy said in time; a week of the waits above are 2,300. */
const TIMED_ATTEMPTS_MAX = 5_000;
const TIMEOUT_MS = MINUTE;

/** Throws `RangeError` when the name or a number cannot be. */
export function defineTask<Schema extends z.ZodType>(
  options: TaskOptions<Schema>,
): Task<z.input<Schema>> {
  const { name, schema, run, version = 1, timeoutMs = TIMEOUT_MS, priority = "normal" } = options;
  const { concurrency, rate } = options;
  const retry = retryOf(options.retry);
  checkOptions(name, retry, timeoutMs, concurrency, rate);
  return {
    name,
    version,
    retry,
    timeoutMs,
    priority,
    concurrency,
    rate,
    encode(payload) {
      const checked = schema.safeParse(payload);
      if (checked.success) return JSON.stringify(payload) ?? "null";
      throw new AppError("VALIDATION_FAILED", {
        extensions: { errors: checked.error.issues.map(problemOf) },
      });
    },
    accepts: (payload) => schema.safeParse(payload).success,
    async perform(payload, context) {
      const checked = schema.safeParse(payload);
      if (!checked.success) {
        const fields = checked.error.issues.map(({ path }) => path.join("/")).join(", ");
        throw new PermanentError(`The payload no longer fits its schema: ${fields}`);
      }
      await run(checked.data, context);
    },
  };
}

function retryOf(said: Partial<RetryPolicy> = {}): RetryPolicy {
  if (said.forMs === undefined) return { ...RETRY, ...said };
  const backoff = { ...OUTAGE_BACKOFF, ...said };
  const attempts = attemptsWithin(backoff, said.forMs, TIMED_ATTEMPTS_MAX);
  return { ...backoff, attempts };
}

const problemOf = ({ path, message }: { path: PropertyKey[]; message: string }) => ({
  pointer: `/${path.map(String).join("/")}`,
  detail: message,
});

function checkOptions(
  name: string,
  { attempts, baseMs, capMs, forMs }: RetryPolicy,
  timeoutMs: number,
  concurrency: number | undefined,
  rate: TaskRate | undefined,
): void {
  const wrong = (what: string, value: unknown) => {
    throw new RangeError(`Cannot define task "${name}": ${what}, current value is ${value}`);
  };
  if (!TASK_NAME.test(name)) wrong("its name must match [a-z0-9._-]{1,60}", name);
  if (forMs !== undefined) {
    if (!(forMs >= 1)) wrong("forMs must be at least 1", forMs);
    if (attempts >= TIMED_ATTEMPTS_MAX) wrong("its waits must be longer for so long a time", forMs);
  } else if (!(attempts >= 1 && attempts <= ATTEMPTS_MAX)) {
    wrong(`attempts must be 1 to ${ATTEMPTS_MAX}`, attempts);
  }
  if (!(baseMs >= 0 && capMs >= baseMs)) wrong("capMs must be at least baseMs", capMs);
  if (!(timeoutMs >= 1)) wrong("timeoutMs must be at least 1", timeoutMs);
  const slots = concurrency ?? 1;
  if (!(Number.isInteger(slots) && slots >= 1 && slots <= SLOTS_MAX)) {
    wrong(`concurrency must be 1 to ${SLOTS_MAX}`, slots);
  }
  if (rate && !(rate.count >= 1 && rate.perMs >= 1)) wrong("rate must be positive", rate.count);
}
