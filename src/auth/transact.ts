/**
 * Reading, deciding and writing as one step: when someone else was faster the decision is made
 * anew from what is stored now, and when KV's answer was lost it is found out what became of it.
 */
import { AppError } from "../errors/app_error.ts";
import type { Atomic, Kv } from "../kv/kv.ts";
import { pause } from "../kv/pause.ts";

/** What one look at KV led to. */
export interface Draft<Result> {
  readonly result: Result;
  /** The write with its checks; without it there is nothing to write. */
  readonly write?: {
    build(atomic: Atomic): void;
    /** Whether this very write arrived, asked when KV's answer was lost. */
    landed(): Promise<boolean>;
  };
}

const ATTEMPTS = 16;
const FIRST_WAIT_MS = 4;
const LONGEST_WAIT_MS = 128;

/**
 * The result of the first draft that could be written. `draft` may be called 16 times, so it has no
 * effects; what it throws ends the attempts. Throws `CONFLICT` when others were always faster.
 */
export async function transact<Result>(
  kv: Pick<Kv, "commitSure">,
  draft: () => Promise<Draft<Result>>,
): Promise<Result> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const { result, write } = await draft();
    if (!write) return result;
    const commit = await kv.commitSure((atomic) => write.build(atomic), () => write.landed());
    if (commit.ok) return result;
    await pause(Math.random() * Math.min(FIRST_WAIT_MS * 2 ** attempt, LONGEST_WAIT_MS));
  }
  throw new AppError("CONFLICT");
}
