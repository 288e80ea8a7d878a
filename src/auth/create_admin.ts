/** An admin made by whoever can write to KV, for `deno task admin:create`. */
import { keys } from "../kv/keys.ts";
import type { Kv } from "../kv/kv.ts";
import type { Clock } from "../time.ts";
import { createAccountStore } from "./account_store.ts";
import { type AccountView, accountView } from "./accounts.ts";
import { createAuditLog } from "./audit.ts";
import { createPasswords } from "./passwords.ts";
import { createSessionStore } from "./session_store.ts";

export interface CreateAdminOptions {
  readonly kv: Kv;
  readonly clock: Clock;
  readonly email: string;
  readonly password: string;
}

/** Also when there are admins already. Throws `EMAIL_TAKEN`, `VALIDATION_FAILED`. */
export async function createAdmin(options: CreateAdminOptions): Promise<AccountView> {
  const { kv, clock, email, password } = options;
  const sessions = createSessionStore({ kv, clock });
  // The server that signs this admin in may run on a Deno without Argon2id; it hashes anew if not.
  const passwords = createPasswords({ algorithm: "scrypt" });
  const store = createAccountStore({ kv, clock, passwords, sessions });
  const account = await store.draft({ email, password, role: "admin" });
  const by = { id: "cli", requestId: crypto.randomUUID() };
  const entry = createAuditLog({ kv, clock })
    .entry({ by, action: "user.create", target: account.id, details: { role: "admin" } });
  await store.insert(
    account,
    entry,
    () => Promise.resolve((atomic) => void atomic.delete(keys.setupLinks())),
  );
  return accountView(account);
}
