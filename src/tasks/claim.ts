/**
 * Taking one waiting task: a commit that checks its version and writes lease and fence. Whoever's
 * commit lands has it; all others find a conflict and go on.
 */
import { UNKNOWN_VERSIONSTAMP } from "../kv/commit.ts";
import { keys } from "../kv/keys.ts";
import type { Atomic, Entry, Kv } from "../kv/kv.ts";
import type { TaskRecord } from "../kv/task_record.ts";
import type { Clock } from "../time.ts";
import { type Stored, writeChange } from "./rows.ts";
import { type Claim, claim } from "./transitions.ts";

export interface ClaimOptions {
  readonly kv: Kv;
  readonly clock: Clock;
  readonly newId: () => string;
}

/** The task as claimed, or undefined when someone else was faster. Throws when KV is out. */
export async function claimTask(
  { kv, clock, newId }: ClaimOptions,
  before: Stored,
  terms: Claim,
  also: (atomic: Atomic) => void = () => {},
): Promise<Stored | undefined> {
  const mark = { now: clock.now(), write: newId() };
  const record = claim(terms)(before.record, mark);
  let seen: Entry<TaskRecord> | undefined;
  const commit = await kv.commitSure(
    (atomic) => {
      writeChange(atomic, before, record, mark.now);
      also(atomic);
    },
    async () => {
      seen = await kv.get(keys.task(record.id));
      return seen.value?.token === mark.write;
    },
  );
  if (!commit.ok) return undefined;
  return { record, versionstamp: versionOf(commit, seen) };
}

/** The version a commit gave its keys, also when its answer was lost and it was seen to be there. */
export function versionOf(
  { versionstamp }: { readonly versionstamp: string },
  seen: Entry<unknown> | undefined,
): string | null {
  return versionstamp === UNKNOWN_VERSIONSTAMP && seen ? seen.versionstamp : versionstamp;
}
