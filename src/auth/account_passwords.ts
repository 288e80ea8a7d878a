/**
 * Entering the password once more: to change it, or before a dangerous act. And setting somebody
 * else's, which only the route can allow.
 */
import { AppError } from "../errors/app_error.ts";
import type { AccountRecord } from "../kv/auth_records.ts";
import { keys } from "../kv/keys.ts";
import type { Kv } from "../kv/kv.ts";
import type { Clock } from "../time.ts";
import type { AccountStore } from "./account_store.ts";
import type { Actor, AuditLog } from "./audit.ts";
import type { PasswordProof } from "./password_proof.ts";
import { demandGoodPassword } from "./password_rules.ts";
import type { Passwords } from "./passwords.ts";
import { changeSession } from "./sessions.ts";
import type { SessionStore } from "./session_store.ts";
import type { FailureBook } from "./sign_in_failures.ts";

export interface AccountPasswordsOptions {
  readonly kv: Kv;
  readonly clock: Clock;
  readonly store: AccountStore;
  readonly sessions: SessionStore;
  readonly passwords: Passwords;
  readonly failures: FailureBook;
  readonly prove: PasswordProof;
  readonly audit: AuditLog;
}

export interface PasswordChange {
  readonly accountId: string;
  readonly current: string;
  readonly next: string;
  /** The sign-in it is made from, which goes on. */
  readonly keepSessionId?: string;
}

/** A wrong password throws `INVALID_CREDENTIALS`, and counts as a failure to sign in. */
export interface AccountPasswords {
  /** Ends the account's other sign-ins. Throws `VALIDATION_FAILED` for a bad new password. */
  change(change: PasswordChange, by: Actor): Promise<void>;
  /** Sets another one's password and ends all its sign-ins. */
  reset(accountId: string, next: string, by: Actor): Promise<void>;
  /** Marks the sign-in as fresh for 10 minutes. */
  reauthenticate(accountId: string, sessionId: string, password: string): Promise<void>;
}

export function createAccountPasswords(options: AccountPasswordsOptions): AccountPasswords {
  const { kv, clock, store, sessions, passwords, failures, prove, audit } = options;

  const accountOf = async (accountId: string) => {
    const { value } = await kv.get(keys.account(accountId));
    if (!value) throw new AppError("NOT_FOUND");
    return value;
  };
  /** Proves it, and forgets the failures before it. */
  const proveAgain = async (account: AccountRecord, password: string) => {
    const proved = await prove(account.email, password);
    await kv.commit((atomic) => failures.clear(atomic, proved.emailHash));
    return proved.account;
  };
  const put = async (
    accountId: string,
    password: string,
    act: { readonly action: string; readonly by: Actor; readonly exceptId?: string },
    isSame: (account: AccountRecord) => boolean,
  ) => {
    const { action, by, exceptId } = act;
    const passwordHash = await passwords.hash(password);
    const entry = audit.entry({ by, action, target: accountId });
    const decide = (account: AccountRecord) => {
      if (!isSame(account)) throw new AppError("CONFLICT");
      return { ...account, passwordHash, passwordChangedAt: clock.now() };
    };
    await store.change(accountId, { entry, decide, ends: { exceptId } });
  };

  return {
    async change({ accountId, current, next, keepSessionId }, by) {
      const account = await accountOf(accountId);
      demandGoodPassword(next, account.email, "/new_password");
      const { passwordHash } = await proveAgain(account, current);
      const act = { action: "user.change_password", by, exceptId: keepSessionId };
      await put(accountId, next, act, (stored) => stored.passwordHash === passwordHash);
    },
    async reset(accountId, next, by) {
      const account = await accountOf(accountId);
      demandGoodPassword(next, account.email);
      await put(accountId, next, { action: "user.reset_password", by }, () => true);
    },
    async reauthenticate(accountId, sessionId, password) {
      await proveAgain(await accountOf(accountId), password);
      const session = await changeSession(
        kv,
        sessions,
        sessionId,
        (record) =>
          sessions.isAlive(record) && record.accountId === accountId
            ? { ...record, reauthenticatedAt: clock.now() }
            : undefined,
      );
      if (!sessions.isAlive(session)) throw new AppError("UNAUTHENTICATED");
    },
  };
}
