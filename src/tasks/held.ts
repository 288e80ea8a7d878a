/**
 * A task that this isolate runs: the record as last written, and the only way to change it. Every
 * change checks the version and the fence, so an isolate that was frozen, or cut off from KV for
 * longer than its lease, finds that it has lost the task and can do no harm.
 */
import { UNKNOWN_VERSIONSTAMP } from "../kv/commit.ts";
import { KvUnavailableError } from "../kv/failure.ts";
import { keys } from "../kv/keys.ts";
import type { Entry, Kv } from "../kv/kv.ts";
import type { TaskRecord } from "../kv/task_record.ts";
import { backoffMs } from "../resilience/backoff.ts";
import { sleep, type Timers } from "../resilience/timers.ts";
import { type Clock, MINUTE, SECOND } from "../time.ts";
import { type Stored, writeChange } from "./rows.ts";
import type { Transition } from "./transitions.ts";

export interface HeldOptions {
  readonly kv: Kv;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly newId: () => string;
  readonly random: () => number;
}

export interface Held {
  readonly record: TaskRecord;
  /** Writes a change; false when the task is no longer ours. Throws when KV is out. */
  change(transition: Transition): Promise<boolean>;
  /** The same for the change that ends the attempt: waits for KV for up to 10 minutes. */
  settle(transition: Transition): Promise<boolean>;
}

/** Only our own changes can meet one another here, so this is never used up. */
const TRIES_MAX = 10;

/** How a settlement that KV does not take is tried again: the fence makes any delay harmless. */
const PATIENCE_MS = 10 * MINUTE;
const SETTLE_BACKOFF = { baseMs: 200, capMs: 10 * SECOND };

export function createHeld(options: HeldOptions, stored: Stored): Held {
  const { kv, clock, timers, newId, random } = options;
  const { id, token } = stored.record;
  const key = keys.task(id);
  let current = stored;
  /** Changes go one after the other: a heartbeat must not meet the settlement. */
  let queue: Promise<unknown> = Promise.resolve();

  /** Our attempt's end is in the record, although another change has come on top of it. */
  const isSettled = (record: TaskRecord | null) =>
    record?.history.some((one) => one.token === token && one.outcome !== "crashed") ?? false;

  const write = async (transition: Transition): Promise<boolean> => {
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      // The attempt has ended, by a change whose answer was lost or that went before in the queue.
      if (current.record.token !== token) return isSettled(current.record);
      const mark = { now: clock.now(), write: newId() };
      const before = current;
      const after = transition(before.record, mark);
      let seen: Entry<TaskRecord> | undefined;
      const commit = await kv.commitSure(
        (atomic) => writeChange(atomic, before, after, mark.now),
        async () => {
          seen = await kv.get(key);
          return seen.value?.write === mark.write || isSettled(seen.value);
        },
      );
      if (commit.ok && commit.versionstamp !== UNKNOWN_VERSIONSTAMP) {
        current = { record: after, versionstamp: commit.versionstamp };
        return true;
      }
      const { value, versionstamp } = commit.ok && seen ? seen : await kv.get(key);
      const isOurs = value !== null && (value.token === token || isSettled(value));
      if (!isOurs) return false;
      // When it is not this change, an earlier one of ours landed late: go on from there.
      current = { record: value, versionstamp };
      if (commit.ok || isSettled(value)) return true;
    }
    return false;
  };

  const change = (transition: Transition): Promise<boolean> => {
    const result = queue.then(() => write(transition));
    queue = result.catch(() => {});
    return result;
  };

  return {
    get record() {
      return current.record;
    },
    change,
    async settle(transition) {
      const startedAt = clock.monotonic();
      for (let attempt = 1;; attempt++) {
        try {
          return await change(transition);
        } catch (error) {
          const isWorthIt = error instanceof KvUnavailableError && error.reason !== "closed";
          if (!isWorthIt || clock.monotonic() - startedAt > PATIENCE_MS) throw error;
        }
        await sleep(timers, backoffMs(SETTLE_BACKOFF, attempt, random));
      }
    },
  };
}
