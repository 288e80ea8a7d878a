/**
 * Slowing down who guesses passwords, per account and not per address: from the fifth failure on
 * nobody may try for a second, then two, up to 15 minutes, also for accounts that do not exist. An
 * attempt counts before its password is looked at, so that a hundred at once are not a hundred
 * guesses, and success forgets them all. It is never a lock for good: that would be a weapon.
 */
import { AppError } from "../errors/app_error.ts";
import type { SignInFailures } from "../kv/auth_records.ts";
import { keys } from "../kv/keys.ts";
import type { Atomic, Kv } from "../kv/kv.ts";
import { type Clock, HOUR, MINUTE, SECOND } from "../time.ts";
import { randomBase62 } from "./secrets.ts";
import { transact } from "./transact.ts";

export interface FailureBookOptions {
  readonly kv: Pick<Kv, "get" | "commitSure">;
  readonly clock: Clock;
}

export interface FailureBook {
  /**
   * Counts an attempt as failed until it is known better; answers how many have. Throws
   * `SIGN_IN_DELAYED` while nobody may try.
   */
  begin(emailHash: string): Promise<number>;
  /** The attempt was no guess, so it does not count and the next one need not wait. */
  forgive(emailHash: string): Promise<void>;
  /** Forgets all of them, in the caller's commit. */
  clear(atomic: Atomic, emailHash: string): void;
}

const FREE_FAILURES = 5;
const DELAY_FIRST_MS = SECOND;
const DELAY_MAX_MS = 15 * MINUTE;
const REMEMBERED_MS = 24 * HOUR;
const MARK_CHARACTERS = 8;

type Count = Pick<SignInFailures, "count" | "retryAt">;
const NONE: Count = { count: 0, retryAt: 0 };

/** How long nobody may try after so many failures. */
export function delayAfterMs(failures: number): number {
  if (failures < FREE_FAILURES) return 0;
  return Math.min(DELAY_FIRST_MS * 2 ** (failures - FREE_FAILURES), DELAY_MAX_MS);
}

export function createFailureBook({ kv, clock }: FailureBookOptions): FailureBook {
  /** Puts `decide(what is remembered)` in its place; undefined leaves it. */
  const recount = (
    emailHash: string,
    decide: (current: Count, now: number) => Count | undefined,
  ) => {
    const key = keys.signInFailures(emailHash);
    const mark = randomBase62(MARK_CHARACTERS);
    return transact(kv, async () => {
      const { value, versionstamp } = await kv.get(key);
      const now = clock.now();
      const isRemembered = value !== null && now - value.lastAt < REMEMBERED_MS;
      const decided = decide(isRemembered ? value : NONE, now);
      if (!decided) return { result: 0 };
      const next = { ...decided, lastAt: now, mark };
      const write = {
        build: (atomic: Atomic) =>
          void atomic.check(key, versionstamp).set(key, next, { expireIn: REMEMBERED_MS }),
        landed: async () => (await kv.get(key)).value?.mark === mark,
      };
      return { result: next.count, write };
    });
  };

  return {
    begin: (emailHash) =>
      recount(emailHash, ({ count, retryAt }, now) => {
        if (retryAt > now) throw delayed(retryAt - now);
        return { count: count + 1, retryAt: now + delayAfterMs(count + 1) };
      }).catch((error) => {
        // So many at once on one account that this one never got its turn to be counted.
        const isCrowd = error instanceof AppError && error.code === "CONFLICT";
        throw isCrowd ? delayed(SECOND) : error;
      }),
    async forgive(emailHash) {
      await recount(
        emailHash,
        ({ count }, now) => count > 0 ? { count: count - 1, retryAt: now } : undefined,
      );
    },
    clear: (atomic, emailHash) => void atomic.delete(keys.signInFailures(emailHash)),
  };
}

function delayed(waitMs: number): AppError {
  // A clock of another isolate may be ahead of ours; the wait it wrote is never longer than this.
  const seconds = Math.ceil(Math.min(waitMs, DELAY_MAX_MS) / SECOND);
  return new AppError("SIGN_IN_DELAYED", { headers: { "retry-after": String(seconds) } });
}
