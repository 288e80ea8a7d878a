/**
 * Writing: one atomic commit, retried while another process holds the SQLite file, and the commit
 * whose outcome must be known although KV may have swallowed the answer.
 */
import { type Clock, SECOND } from "../time.ts";
import { LimitedAtomic } from "./atomic.ts";
import { isLocked, KvUnavailableError } from "./failure.ts";
import type { Guard } from "./guard.ts";
import type { Atomic, Commit, Kv } from "./kv.ts";
import { pause } from "./pause.ts";
import type { RawKv } from "./raw.ts";

export interface CommitOptions {
  readonly raw: RawKv;
  readonly guard: Guard;
  readonly clock: Clock;
  /** 0 (included) to 1 (excluded). */
  readonly random: () => number;
}

/** Another process keeps the file for about one write; who waits a random time meets it less. */
const LOCKED_MIN_MS = 2;
const LOCKED_MAX_MS = 17;
const LOCKED_TRIES_MAX = 100;
const LOCKED_WAIT_MAX_MS = 2 * SECOND;

/**
 * The version answered when `landed` says that a commit arrived whose answer was lost. No key has
 * it, so a `check` on it is refused and the caller reads the key again, as it must.
 */
export const UNKNOWN_VERSIONSTAMP = "0".repeat(20);

/** One commit: at most 100 tries in 2 s while the file is locked, each under its own deadline. */
export function createCommit({ raw, guard, clock, random }: CommitOptions): Kv["commit"] {
  const assemble = (build: (atomic: Atomic) => void) => {
    const operation = raw.atomic();
    build(new LimitedAtomic(operation));
    return operation;
  };

  return async (build) => {
    // Built before the breaker is asked, so that a mistake in it does not use up the one probe.
    let operation = assemble(build);
    return await guard.run("commit", async (trip): Promise<Commit> => {
      const startedAt = clock.monotonic();
      for (let tries = 1;; tries++) {
        try {
          const result = await trip(() => operation.commit());
          return result.ok ? { ok: true, versionstamp: result.versionstamp } : { ok: false };
        } catch (error) {
          const waitedMs = clock.monotonic() - startedAt;
          const patient = tries < LOCKED_TRIES_MAX && waitedMs < LOCKED_WAIT_MAX_MS;
          if (!isLocked(error) || !patient) throw error;
        }
        await pause(LOCKED_MIN_MS + random() * (LOCKED_MAX_MS - LOCKED_MIN_MS));
        operation = assemble(build);
      }
    });
  };
}

const SURE_ATTEMPTS = 5;
const SURE_FIRST_MS = 20;
const SURE_LONGEST_MS = 500;

/** `commitSure` over `commit`; see the interface for what it promises. */
export function createCommitSure(
  commit: Kv["commit"],
  random: () => number,
  wait: (ms: number) => Promise<void> = pause,
): Kv["commitSure"] {
  const LANDED: Commit = { ok: true, versionstamp: UNKNOWN_VERSIONSTAMP };

  return async (build, landed, { attempts = SURE_ATTEMPTS } = {}) => {
    /** The failure that left it unknown whether one of our tries was applied. */
    let doubt: KvUnavailableError | undefined;
    for (let attempt = 1;; attempt++) {
      try {
        if (doubt && await landed()) return LANDED;
        const result = await commit(build);
        if (result.ok || !doubt) return result;
        // The check may have failed because it was our own earlier try that came late.
        return await landed() ? LANDED : result;
      } catch (error) {
        if (!(error instanceof KvUnavailableError)) throw error;
        if (error.mayHaveLanded) doubt = error;
        const hopeless = error.reason === "open" || error.reason === "closed";
        if (hopeless || attempt >= attempts) throw doubt ?? error;
      }
      const longestMs = Math.min(SURE_FIRST_MS * 2 ** (attempt - 1), SURE_LONGEST_MS);
      await wait(longestMs * (0.5 + random() / 2));
    }
  };
}
