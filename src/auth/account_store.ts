/**
 * Accounts in KV: creating and changing the record with everything that must agree with it, in one
 * commit: the index by e-mail address, the list of admins, the sign-ins that end, the audit log.
 * Who may do what is decided by its callers.
 */
import { AppError } from "../errors/app_error.ts";
import type { AccountRecord, Role } from "../kv/auth_records.ts";
import { keys } from "../kv/keys.ts";
import type { Atomic, Kv } from "../kv/kv.ts";
import type { Clock } from "../time.ts";
import type { AuditEntry } from "./audit.ts";
import { hashEmail, normalizeEmail } from "./emails.ts";
import { invalidFields } from "./invalid_fields.ts";
import { demandMayManage } from "./key_authority.ts";
import { demandGoodPassword } from "./password_rules.ts";
import type { Passwords } from "./passwords.ts";
import { orderedId } from "./secrets.ts";
import type { SessionStore } from "./session_store.ts";
import { transact } from "./transact.ts";

export interface AccountStoreOptions {
  readonly kv: Kv;
  readonly clock: Clock;
  readonly passwords: Passwords;
  readonly sessions: Pick<SessionStore, "ending" | "forget">;
}

export interface NewAccount {
  readonly email: string;
  readonly password: string;
  readonly role: Role;
}

/** Something that joins the commit; it may read first, and is asked anew for each try. */
export type Companion = () => Promise<(atomic: Atomic) => void>;

export interface AccountChange {
  readonly entry: AuditEntry;
  /** The record to put in place; the same record when there is nothing to change. */
  readonly decide: (account: AccountRecord) => AccountRecord;
  /** Which sign-ins end with it: none, or all but the one named. */
  readonly ends?: { readonly exceptId?: string };
}

export interface AccountStore {
  /** A record to insert. Throws `VALIDATION_FAILED`; hashes the password. */
  draft(account: NewAccount): Promise<AccountRecord>;
  /** Throws `EMAIL_TAKEN`; `FORBIDDEN` for an admin that an API key makes. */
  insert(account: AccountRecord, entry: AuditEntry, also?: Companion): Promise<void>;
  /**
   * What is stored afterwards. Throws `NOT_FOUND`, `LAST_ADMIN`, what `decide` throws, and
   * `FORBIDDEN` where an API key would change an admin, or make one.
   */
  change(accountId: string, change: AccountChange): Promise<AccountRecord>;
}

/** They are kept in one value and one must always be left. */
const ADMINS_MAX = 100;

export function createAccountStore(options: AccountStoreOptions): AccountStore {
  const { kv, clock, passwords, sessions } = options;

  return {
    async draft({ email: text, password, role }) {
      const email = normalizeEmail(text);
      if (email === undefined) {
        throw invalidFields({ pointer: "/email", detail: "This is not an e-mail address" });
      }
      demandGoodPassword(password, email);
      const passwordHash = await passwords.hash(password);
      const now = clock.now();
      const id = orderedId("acc", now);
      return { id, email, role, passwordHash, passwordChangedAt: now, createdAt: now };
    },
    async insert(account, entry, also) {
      demandMayManage(entry.record.by, account.role);
      const emailKey = keys.accountOfEmail(hashEmail(account.email));
      await transact(kv, async () => {
        const taken = await kv.get(emailKey);
        const joinAlso = await also?.();
        if (taken.value !== null) throw new AppError("EMAIL_TAKEN");
        const joinAdmins = await adminsAfter(kv, undefined, account);
        const build = (atomic: Atomic) => {
          atomic.check(emailKey, null).set(emailKey, account.id);
          atomic.set(keys.account(account.id), account);
          joinAdmins(atomic);
          joinAlso?.(atomic);
          entry.join(atomic);
        };
        return { result: undefined, write: { build, landed: entry.landed } };
      });
    },
    async change(accountId, { entry, decide, ends }) {
      const key = keys.account(accountId);
      const { account, ended } = await transact(kv, async () => {
        const { value, versionstamp } = await kv.get(key);
        if (!value) throw new AppError("NOT_FOUND");
        const next = decide(value);
        demandMayManage(entry.record.by, value.role, next.role);
        const ending = ends && await sessions.ending(accountId, ends.exceptId);
        const result = { account: next, ended: ending?.ids ?? [] };
        if (next === value) return { result: { account: next, ended: [] } };
        const joinAdmins = await adminsAfter(kv, value, next);
        const build = (atomic: Atomic) => {
          atomic.check(key, versionstamp).set(key, next);
          joinAdmins(atomic);
          ending?.join(atomic);
          entry.join(atomic);
        };
        return { result, write: { build, landed: entry.landed } };
      });
      sessions.forget(ended);
      return account;
    },
  };
}

const isActiveAdmin = (account: AccountRecord | undefined) =>
  account?.role === "admin" && account.disabledAt === undefined;

/** The list of admins as the change makes it. Throws `LAST_ADMIN` when nobody would be left. */
async function adminsAfter(
  kv: Kv,
  before: AccountRecord | undefined,
  after: AccountRecord,
): Promise<(atomic: Atomic) => void> {
  if (isActiveAdmin(before) === isActiveAdmin(after)) return () => {};
  const { value, versionstamp } = await kv.get(keys.admins());
  const others = (value ?? []).filter((id) => id !== after.id);
  const admins = isActiveAdmin(after) ? [...others, after.id] : others;
  if (admins.length === 0) throw new AppError("LAST_ADMIN");
  if (admins.length > ADMINS_MAX) {
    throw invalidFields({ pointer: "/role", detail: `There are ${ADMINS_MAX} admins already` });
  }
  return (atomic) => void atomic.check(keys.admins(), versionstamp).set(keys.admins(), admins);
}
