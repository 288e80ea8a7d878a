/**
 * Hashing and checking passwords: which algorithm, how many at a time, and that a check takes the
 * same work whether or not there is a password to check against.
 */
import { createHashQueue } from "./hash_queue.ts";
import {
  hasArgon2id,
  hashPassword,
  impossibleHash,
  type PasswordAlgorithm,
  phcHead,
  verifyPassword,
} from "./password_hash.ts";

export interface PasswordsOptions {
  /**
   * The algorithm of new hashes; the runtime's best when absent. `scrypt` makes hashes that every
   * runtime can check, for tools that write to another machine's KV.
   */
  readonly algorithm?: PasswordAlgorithm;
}

/** Each call waits its turn, and throws `TEMPORARILY_UNAVAILABLE` when too many wait. */
export interface Passwords {
  /** A PHC string. */
  hash(password: string): Promise<string>;
  /** Without a hash the same work is done, and the answer is false. */
  verify(password: string, phc: string | undefined): Promise<boolean>;
  /** Whether the hash was made by an algorithm or at a cost that is no longer ours. */
  needsRehash(phc: string): Promise<boolean>;
}

/** Two accents may be typed as one character or as two, and are one password. */
const normalize = (password: string) => password.normalize("NFC");

export function createPasswords(options: PasswordsOptions = {}): Passwords {
  const queue = createHashQueue();
  let chosen: Promise<PasswordAlgorithm> | undefined;
  const algorithm = () =>
    chosen ??= options.algorithm
      ? Promise.resolve(options.algorithm)
      : hasArgon2id().then((has) => has ? "argon2id" : "scrypt");
  let impossible: string | undefined;

  return {
    async hash(password) {
      const best = await algorithm();
      return await queue.run(() => hashPassword(normalize(password), best));
    },
    async verify(password, phc) {
      impossible ??= impossibleHash(await algorithm());
      const against = phc ?? impossible;
      const isRight = await queue.run(() => verifyPassword(normalize(password), against));
      return isRight && phc !== undefined;
    },
    async needsRehash(phc) {
      return !phc.startsWith(phcHead(await algorithm()));
    },
  };
}
