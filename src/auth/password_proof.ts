/**
 * Is this the password of that account? One answer for a wrong password, an unknown e-mail address
 * and a disabled account, after the same reads, writes and hashing, so that neither the answer nor
 * its time tells who has an account.
 */
import { AppError } from "../errors/app_error.ts";
import type { AccountRecord } from "../kv/auth_records.ts";
import { keys } from "../kv/keys.ts";
import type { Kv } from "../kv/kv.ts";
import { hashEmail, normalizeEmail } from "./emails.ts";
import { demandShortPassword } from "./password_rules.ts";
import type { Passwords } from "./passwords.ts";
import { delayAfterMs, type FailureBook } from "./sign_in_failures.ts";

export interface PasswordProofOptions {
  readonly kv: Pick<Kv, "get">;
  readonly passwords: Passwords;
  readonly failures: FailureBook;
  /** A failure after which nobody may try for a while. */
  readonly onDelay: (emailHash: string, failures: number) => void;
}

/** An account whose password was right a moment ago, when its record read like this. */
export interface ProvedAccount {
  readonly account: AccountRecord;
  readonly emailHash: string;
  /** Counts the attempt as a failure after all. */
  fail(): AppError;
}

/** Throws `INVALID_CREDENTIALS`, `SIGN_IN_DELAYED`, `VALIDATION_FAILED` and when KV is out. */
export type PasswordProof = (email: string, password: string) => Promise<ProvedAccount>;

/** An id no account has: it is read where there is no account. */
const NOBODY = "acc_00000000000000000000";
const EMAIL_LENGTH_MAX = 254;

export function createPasswordProof(options: PasswordProofOptions): PasswordProof {
  const { kv, passwords, failures, onDelay } = options;

  return async (email, password) => {
    demandShortPassword(password);
    const spelled = normalizeEmail(email) ?? email.slice(0, EMAIL_LENGTH_MAX).toLowerCase();
    const emailHash = hashEmail(spelled);
    const count = await failures.begin(emailHash);
    const fail = () => {
      if (delayAfterMs(count) > 0) onDelay(emailHash, count);
      return new AppError("INVALID_CREDENTIALS");
    };
    const { value: id } = await kv.get(keys.accountOfEmail(emailHash));
    const { value: account } = await kv.get(keys.account(id ?? NOBODY));
    const isOpen = account !== null && account.disabledAt === undefined;
    const isRight = await passwords.verify(password, isOpen ? account.passwordHash : undefined)
      .catch(async (error) => {
        // Not looked at, so not a guess: a flood must not make failures of other people's attempts.
        await failures.forgive(emailHash);
        throw error;
      });
    if (!isRight || !isOpen) throw fail();
    return { account, emailHash, fail };
  };
}
