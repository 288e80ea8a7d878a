/**
 * Read, change, write, and again when someone else was faster: for values that several isolates
 * change. Bounded, so that a key everybody writes slows its writers down instead of piling them up.
 */
import { AppError } from "../errors/app_error.ts";
import type { Key } from "./keys.ts";
import type { Atomic, Entry, Kv } from "./kv.ts";
import { pause } from "./pause.ts";

export interface UpdateOptions {
  /** Milliseconds the new value lives; without it, for ever. */
  readonly expireIn?: number;
  /** What joins the commit, such as an audit entry. */
  readonly join?: (atomic: Atomic) => void;
  /** Tries in all, 16 when absent. */
  readonly attempts?: number;
  /** 0 (included) to 1 (excluded). */
  readonly random?: () => number;
}

const ATTEMPTS = 16;
const FIRST_WAIT_MS = 4;
const LONGEST_WAIT_MS = 128;

/**
 * Puts `change(current)` in place of the key's value, and answers what is stored now. `change` may
 * be called more than once, so it must have no effects; when it answers undefined nothing is
 * written. Throws `AppError("CONFLICT")` when every try met another writer; when it throws
 * `KvUnavailableError` the change may have been stored.
 */
export async function update<Value>(
  kv: Pick<Kv, "get" | "commit">,
  key: Key<Value>,
  change: (current: Value | null) => Value | undefined,
  { expireIn, join, attempts = ATTEMPTS, random = Math.random }: UpdateOptions = {},
): Promise<Entry<Value>> {
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const current = await kv.get(key);
    const value = change(current.value);
    if (value === undefined) return current;
    const commit = await kv.commit((atomic) => {
      atomic.check(key, current.versionstamp).set(key, value, { expireIn });
      join?.(atomic);
    });
    if (commit.ok) return { value, versionstamp: commit.versionstamp };
    const longestMs = Math.min(FIRST_WAIT_MS * 2 ** attempt, LONGEST_WAIT_MS);
    if (attempt < attempts) await pause(random() * longestMs);
  }
  throw new AppError("CONFLICT");
}
