/**
 * Putting a task into KV: alone, or in the caller's own commit, so that there is never the one
 * without the other. Where this isolate has room the task is born with its lease and starts at
 * once; else it waits in the due index.
 */
import { keys } from "../kv/keys.ts";
import type { Atomic, Entry, Kv } from "../kv/kv.ts";
import type { TaskRecord } from "../kv/task_record.ts";
import type { Clock } from "../time.ts";
import { versionOf } from "./claim.ts";
import type { Task } from "./define.ts";
import { createDraft, type EnqueueOptions, type TaskDraft, writeDraft } from "./draft.ts";
import { isLimited } from "./places.ts";
import type { Stored } from "./rows.ts";
import { claim } from "./transitions.ts";
import type { Worker } from "./worker.ts";

export interface Enqueued {
  readonly ok: true;
  /** The id of the task that is there now, be it an earlier one of the same key. */
  readonly id: string;
  readonly duplicate: boolean;
}

/** A check of the caller's own failed: nothing was written. */
export interface Refused {
  readonly ok: false;
}

export interface EnqueueDeps {
  readonly kv: Kv;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly workerId: string;
  readonly leaseMs: number;
  readonly worker: Worker;
  /** A task waits, due at `at`. */
  readonly onWaiting: (at: number, id: string) => void;
}

export interface Enqueue {
  draft<Input>(task: Task<Input>, payload: Input, options?: EnqueueOptions): TaskDraft;
  addTo(atomic: Atomic, draft: TaskDraft): void;
  enqueue(draft: TaskDraft, build?: (atomic: Atomic) => void): Promise<Enqueued | Refused>;
}

export function createEnqueue(deps: EnqueueDeps): Enqueue {
  const { kv, clock, worker, workerId, leaseMs, onWaiting } = deps;

  /** A place in this isolate for a task that may start at once. */
  const takePermit = ({ task, record }: TaskDraft) =>
    worker.isOpen && record.at <= clock.now() && !isLimited(task)
      ? worker.permits.take()
      : undefined;

  /** The task as stored, or undefined when a check failed. */
  const place = async (
    draft: TaskDraft,
    record: TaskRecord,
    known: string | null,
    build?: (atomic: Atomic) => void,
  ): Promise<Stored | undefined> => {
    let seen: Entry<TaskRecord> | undefined;
    const commit = await kv.commitSure((atomic) => {
      build?.(atomic);
      writeDraft(atomic, draft, record, known, clock.now());
    }, async () => {
      seen = await kv.get(keys.task(draft.id));
      return seen.value !== null;
    });
    if (!commit.ok) return undefined;
    return {
      record: seen?.value ?? record,
      versionstamp: versionOf(commit, seen),
    };
  };

  /** KV does not say which check failed, so the key is read; the caller's own check comes last. */
  const placeOrFind = async (
    draft: TaskDraft,
    record: TaskRecord,
    build?: (atomic: Atomic) => void,
  ): Promise<Stored | Enqueued | Refused> => {
    const placed = await place(draft, record, null, build);
    if (placed) return placed;
    const earlier = await readKey(deps, draft);
    if (!earlier) return { ok: false };
    if (!earlier.isOver) return { ok: true, id: earlier.id, duplicate: true };
    return await place(draft, record, earlier.versionstamp, build) ?? { ok: false };
  };

  return {
    draft: (task, payload, options) => createDraft(deps, task, payload, options),
    addTo: (atomic, draft) => writeDraft(atomic, draft, draft.record, null, clock.now()),
    async enqueue(draft, build) {
      const giveBack = takePermit(draft);
      const mark = { now: clock.now(), write: draft.record.write };
      const born = claim({ worker: workerId, leaseMs });
      const record = giveBack ? born(draft.record, mark) : draft.record;
      let isRunning = false;
      try {
        const placed = await placeOrFind(draft, record, build);
        if ("ok" in placed) return placed;
        if (giveBack && placed.record.token === record.token) {
          isRunning = true;
          worker.run(placed, giveBack);
        } else {
          onWaiting(record.at, draft.id);
        }
        return { ok: true, id: draft.id, duplicate: false };
      } finally {
        if (!isRunning) giveBack?.();
      }
    },
  };
}

/** The earlier task of the same key, if there is one. */
async function readKey({ kv, clock }: EnqueueDeps, { record: { name, key } }: TaskDraft) {
  if (key === undefined) return undefined;
  const { value, versionstamp } = await kv.get(keys.taskKey(name, key));
  return value && { ...value, versionstamp, isOver: value.until <= clock.now() };
}
