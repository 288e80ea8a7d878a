/**
 * Switching one's own second factor off: it takes a code, as a sign-in does, or a stolen session
 * and the password would be enough to be rid of what guards against just that. A wrong code counts
 * as a failure to sign in, so it cannot be guessed here faster than there.
 */
import { AppError } from "../errors/app_error.ts";
import type { AccountRecord, SecondFactorRecord } from "../kv/auth_records.ts";
import { keys } from "../kv/keys.ts";
import type { Kv } from "../kv/kv.ts";
import type { AccountStore } from "./account_store.ts";
import type { Actor, AuditLog } from "./audit.ts";
import { hashEmail } from "./emails.ts";
import { isSecondFactorOn, type SecondFactors } from "./second_factors.ts";
import { delayAfterMs, type FailureBook } from "./sign_in_failures.ts";

export interface SecondFactorOffOptions {
  readonly kv: Kv;
  readonly store: Pick<AccountStore, "change">;
  readonly audit: AuditLog;
  readonly failures: FailureBook;
  readonly secondFactors: Pick<SecondFactors, "spend">;
  /** A failure after which nobody may try for a while. */
  readonly onDelay: (emailHash: string, failures: number) => void;
}

/**
 * One that was begun and not confirmed goes without a code. Throws `SECOND_FACTOR_REQUIRED` without
 * a code, `INVALID_CREDENTIALS` for a wrong one, `SIGN_IN_DELAYED`, `NOT_FOUND`, `CONFLICT`.
 */
export type SecondFactorOff = (
  accountId: string,
  code: string | undefined,
  by: Actor,
) => Promise<void>;

export function createSecondFactorOff(options: SecondFactorOffOptions): SecondFactorOff {
  const { kv, store, audit, failures, secondFactors, onDelay } = options;

  const proveCode = async (account: AccountRecord, code: string) => {
    const emailHash = hashEmail(account.email);
    const count = await failures.begin(emailHash);
    const spent = await secondFactors.spend(account, code).catch(async (error) => {
      // Not looked at, so not a guess.
      await failures.forgive(emailHash);
      throw error;
    });
    if (!spent) {
      if (delayAfterMs(count) > 0) onDelay(emailHash, count);
      throw new AppError("INVALID_CREDENTIALS", { detail: "This code is not right." });
    }
    await kv.commit((atomic) => failures.clear(atomic, emailHash));
  };

  return async (accountId, code, by) => {
    const { value: known } = await kv.get(keys.account(accountId));
    if (!known) throw new AppError("NOT_FOUND");
    if (isSecondFactorOn(known)) {
      if (code === undefined) throw new AppError("SECOND_FACTOR_REQUIRED");
      await proveCode(known, code);
    }
    const entry = audit.entry({ by, action: "second_factor.disable", target: accountId });
    const decide = (account: AccountRecord) => {
      const { secondFactor, ...without } = account;
      if (secondFactor === undefined) return account;
      // Codes are good once: not for a factor that was switched on, or used, since they were read.
      if (!isSameState(secondFactor, known.secondFactor)) throw new AppError("CONFLICT");
      return without;
    };
    await store.change(accountId, { entry, decide });
  };
}

/** Whether nothing was confirmed and no code was spent in between. */
function isSameState(stored: SecondFactorRecord, known: SecondFactorRecord | undefined): boolean {
  return stored.confirmedAt === known?.confirmedAt && stored.lastStep === known?.lastStep &&
    stored.recoveryHashes.length === known.recoveryHashes.length;
}
