/** A change of one task by a person, or by the clean-up: checked, audited, in one commit. */
import { AppError } from "../errors/app_error.ts";
import { keys } from "../kv/keys.ts";
import type { Atomic, Kv } from "../kv/kv.ts";
import type { TaskRecord } from "../kv/task_record.ts";
import type { Clock } from "../time.ts";
import { type Stored, writeChange } from "./rows.ts";
import type { Transition } from "./transitions.ts";

/** Who does it. */
export interface Actor {
  readonly id: string;
  readonly requestId: string;
}

export interface AuditEntry {
  readonly action: string;
  readonly target: string;
  readonly details?: Readonly<Record<string, string | number | boolean>>;
}

/** Joins the change's own commit, so that there is never the one without the other. */
export type Audit = (atomic: Atomic, entry: AuditEntry, actor: Actor) => void;

export interface ChangeDeps {
  readonly kv: Kv;
  readonly clock: Clock;
  readonly newId: () => string;
}

const TRIES_MAX = 8;

/** Throws `NOT_FOUND`. */
export async function readTask(kv: Kv, id: string): Promise<Stored> {
  const { value, versionstamp } = await kv.get(keys.task(id));
  if (!value) throw new AppError("NOT_FOUND", { detail: "There is no such task." });
  return { record: value, versionstamp };
}

/**
 * `decide` answers the transition, or throws why there is none; it may be asked again when the
 * task changed meanwhile. Throws `NOT_FOUND`, and `CONFLICT` when it never held still.
 */
export async function changeTask(
  { kv, clock, newId }: ChangeDeps,
  id: string,
  decide: (record: TaskRecord) => Transition | Promise<Transition>,
  also: (atomic: Atomic) => void = () => {},
): Promise<TaskRecord> {
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const before = await readTask(kv, id);
    const transition = await decide(before.record);
    const mark = { now: clock.now(), write: newId() };
    const after = transition(before.record, mark);
    const commit = await kv.commitSure((atomic) => {
      writeChange(atomic, before, after, mark.now);
      also(atomic);
    }, async () => (await kv.get(keys.task(id))).value?.write === mark.write);
    if (commit.ok) return after;
  }
  throw new AppError("CONFLICT");
}
