/** What admins do with accounts. Every change is in the audit log with who made it. */
import type { AccountRecord } from "../kv/auth_records.ts";
import { keys, prefixes } from "../kv/keys.ts";
import type { Kv, PageOptions } from "../kv/kv.ts";
import type { Clock } from "../time.ts";
import type { AccountChange, AccountStore, NewAccount } from "./account_store.ts";
import type { Actor, AuditLog } from "./audit.ts";
import type { Role } from "./roles.ts";

/** An account as others may see it. Times are Unix milliseconds. */
export interface AccountView {
  readonly id: string;
  readonly email: string;
  readonly role: Role;
  readonly createdAt: number;
  readonly disabledAt?: number;
  readonly passwordChangedAt: number;
  readonly lastSignInAt?: number;
  readonly hasSecondFactor: boolean;
}

export interface AccountPage {
  readonly items: readonly AccountView[];
  readonly next_cursor: string | null;
}

export interface Accounts {
  /** Throws `VALIDATION_FAILED`, `EMAIL_TAKEN`. */
  create(account: NewAccount, by: Actor): Promise<AccountView>;
  get(id: string): Promise<AccountView | undefined>;
  /** Oldest first. */
  list(options: Pick<PageOptions, "limit" | "cursor">): Promise<AccountPage>;
  /** Ends the account's sign-ins, which carry its role. Throws `NOT_FOUND`, `LAST_ADMIN`. */
  setRole(id: string, role: Role, by: Actor): Promise<AccountView>;
  /** Ends the account's sign-ins. Throws `NOT_FOUND`, `LAST_ADMIN`. */
  disable(id: string, by: Actor): Promise<AccountView>;
  /** Throws `NOT_FOUND`. */
  enable(id: string, by: Actor): Promise<AccountView>;
}

export interface AccountsOptions {
  readonly kv: Pick<Kv, "get" | "page">;
  readonly clock: Clock;
  readonly store: AccountStore;
  readonly audit: AuditLog;
}

export function createAccounts({ kv, clock, store, audit }: AccountsOptions): Accounts {
  const change = async (
    id: string,
    action: string,
    by: Actor,
    rest: Omit<AccountChange, "entry">,
  ) =>
    accountView(
      await store.change(id, { entry: audit.entry({ by, action, target: id }), ...rest }),
    );

  return {
    async create(account, by) {
      const record = await store.draft(account);
      const details = { role: record.role };
      const entry = audit.entry({ by, action: "user.create", target: record.id, details });
      await store.insert(record, entry);
      return accountView(record);
    },
    async get(id) {
      const { value } = await kv.get(keys.account(id));
      return value ? accountView(value) : undefined;
    },
    async list(options) {
      const { items, next_cursor } = await kv.page(prefixes.accounts(), options);
      return { items: items.map(({ value }) => accountView(value)), next_cursor };
    },
    async setRole(id, role, by) {
      const entry = audit.entry({ by, action: "user.set_role", target: id, details: { role } });
      const decide = (account: AccountRecord) =>
        account.role === role ? account : { ...account, role };
      return accountView(await store.change(id, { entry, decide, ends: {} }));
    },
    disable(id, by) {
      const disabledAt = clock.now();
      const decide = (account: AccountRecord) =>
        account.disabledAt === undefined ? { ...account, disabledAt } : account;
      return change(id, "user.disable", by, { decide, ends: {} });
    },
    enable(id, by) {
      const decide = (account: AccountRecord) => {
        const { disabledAt, ...enabled } = account;
        return disabledAt === undefined ? account : enabled;
      };
      return change(id, "user.enable", by, { decide });
    },
  };
}

export function accountView(record: AccountRecord): AccountView {
  const { passwordHash: _, secondFactor, ...open } = record;
  return { ...open, hasSecondFactor: secondFactor?.confirmedAt !== undefined };
}
