/** A task before it is in KV: checked, with its id, its payload packed, and ready for a commit. */
import { keys } from "../kv/keys.ts";
import type { Atomic } from "../kv/kv.ts";
import type { TaskKey, TaskPriority, TaskRecord } from "../kv/task_record.ts";
import { type Clock, DAY } from "../time.ts";
import type { Task } from "./define.ts";
import { encodePayload, writeChunks } from "./payload.ts";
import { writeChange } from "./rows.ts";

export interface EnqueueOptions {
  /** A second enqueue of this name with the same key is no second task; at most 200 characters. */
  readonly key?: string;
  /** How long the key is remembered; 24 h when absent. */
  readonly keyTtlMs?: number;
  /** Not before so long from now. */
  readonly delayMs?: number;
  /** Not before this time (Unix, ms); wins over `delayMs`. */
  readonly at?: number;
  readonly priority?: TaskPriority;
  /** Such as the request's id; at most 100 characters are kept. */
  readonly correlationId?: string;
  readonly traceparent?: string;
}

/** A task that is checked and has its id, and is not in KV yet. */
export interface TaskDraft {
  readonly id: string;
  readonly record: TaskRecord;
  readonly chunks: readonly Uint8Array[];
  readonly key?: TaskKey;
  readonly task: Task<unknown>;
}

const KEY_CHARACTERS_MAX = 200;
const CORRELATION_CHARACTERS_MAX = 100;

export interface DraftDeps {
  readonly clock: Clock;
  readonly newId: () => string;
}

/** Throws `VALIDATION_FAILED`, `PAYLOAD_TOO_LARGE`, and `RangeError` for a key that cannot be. */
export function createDraft<Input>(
  { clock, newId }: DraftDeps,
  task: Task<Input>,
  payload: Input,
  options: EnqueueOptions = {},
): TaskDraft {
  const { key, keyTtlMs = DAY } = options;
  if (key !== undefined && (key === "" || key.length > KEY_CHARACTERS_MAX)) {
    throw new RangeError(`A task's key must have 1 to ${KEY_CHARACTERS_MAX} characters`);
  }
  const { payload: text, chunks } = encodePayload(task.encode(payload));
  const now = clock.now();
  const id = newId();
  const record: TaskRecord = {
    v: 1,
    id,
    name: task.name,
    version: task.version,
    payload: text,
    chunks: chunks.length || undefined,
    status: "pending",
    priority: options.priority ?? task.priority,
    at: Math.max(now, Math.round(options.at ?? now + (options.delayMs ?? 0))),
    attempts: 0,
    attemptsMax: task.retry.attempts,
    crashes: 0,
    suspect: false,
    write: newId(),
    correlationId: options.correlationId?.slice(0, CORRELATION_CHARACTERS_MAX),
    traceparent: options.traceparent?.slice(0, CORRELATION_CHARACTERS_MAX),
    key,
    createdAt: now,
    history: [],
  };
  return { id, record, chunks, task, key: key ? { id, until: now + keyTtlMs } : undefined };
}

/**
 * Adds the task to a commit, as `record` says: waiting, or born with its lease. `keyVersion` is
 * that of an earlier task's key whose time is over.
 */
export function writeDraft(
  atomic: Atomic,
  { id, chunks, key }: TaskDraft,
  record: TaskRecord,
  keyVersion: string | null,
  now: number,
): void {
  writeChange(atomic, null, record, now);
  writeChunks(atomic, id, chunks);
  if (!key || record.key === undefined) return;
  const place = keys.taskKey(record.name, record.key);
  atomic.check(place, keyVersion).set(place, key, { expireIn: key.until - now });
}
