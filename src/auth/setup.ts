/**
 * The first admin. Nobody is one by default: who starts Gatehouse proves it by BOOTSTRAP_TOKEN or by
 * a link that was printed where only they can read it. One admin is made that way, once and for all.
 */
import { AppError } from "../errors/app_error.ts";
import type { SetupLinks } from "../kv/auth_records.ts";
import { keys } from "../kv/keys.ts";
import type { Kv } from "../kv/kv.ts";
import { update } from "../kv/update.ts";
import { type Clock, MINUTE } from "../time.ts";
import type { AccountStore, Companion } from "./account_store.ts";
import { type AccountView, accountView } from "./accounts.ts";
import type { AuditLog } from "./audit.ts";
import { hashSecret, randomSecret, sameSecret, toBase64Url } from "./secrets.ts";

export interface SetupOptions {
  readonly kv: Kv;
  readonly clock: Clock;
  readonly store: AccountStore;
  readonly audit: AuditLog;
  readonly bootstrapToken?: string;
  readonly onDeploy: boolean;
}

export interface SetupRequest {
  readonly token: string;
  readonly email: string;
  readonly password: string;
}

export interface Setup {
  /** Whether there is an admin, or ever was. */
  isDone(): Promise<boolean>;
  /**
   * A token to print, good for 15 minutes; undefined when set-up is done, when BOOTSTRAP_TOKEN is
   * set, and on Deploy, where the log is not the operator's alone.
   */
  openLink(): Promise<string | undefined>;
  /** Throws `SETUP_DONE`, `SETUP_TOKEN_INVALID`, `VALIDATION_FAILED`. */
  redeem(request: SetupRequest, requestId: string): Promise<AccountView>;
}

const TOKEN_BYTES = 32;
const LINK_LIFE_MS = 15 * MINUTE;
/** Each isolate that starts prints one; the links before stay good. */
const LINKS_MAX = 5;

export function createSetup(options: SetupOptions): Setup {
  const { kv, clock, store, audit, bootstrapToken, onDeploy } = options;
  let isKnownDone = false;

  const isDone = async () => isKnownDone ||= (await kv.get(keys.admins())).value !== null;
  const isLink = (links: SetupLinks | null, token: string) => {
    const hash = hashSecret(token);
    const now = clock.now();
    // Every one is compared, so that the time taken tells nothing.
    return (links ?? []).filter((link) => sameSecret(link.hash, hash) && link.expiresAt > now)
      .length > 0;
  };
  const isBootstrap = (token: string) =>
    bootstrapToken !== undefined && sameSecret(token, bootstrapToken);
  /** Uses the token up: whoever else holds it finds an admin there, or no link. */
  const spending = (token: string): Companion => async () => {
    const [links, admins] = [await kv.get(keys.setupLinks()), await kv.get(keys.admins())];
    if (admins.value !== null) throw new AppError("SETUP_DONE");
    if (!isBootstrap(token) && !isLink(links.value, token)) {
      throw new AppError("SETUP_TOKEN_INVALID");
    }
    return (atomic) =>
      void atomic.check(keys.admins(), null)
        .check(keys.setupLinks(), links.versionstamp).delete(keys.setupLinks());
  };

  return {
    isDone,
    async openLink() {
      if (onDeploy || bootstrapToken !== undefined || await isDone()) return undefined;
      const token = toBase64Url(randomSecret(TOKEN_BYTES));
      const link = { hash: hashSecret(token), expiresAt: clock.now() + LINK_LIFE_MS };
      const add = (links: SetupLinks | null) => {
        const living = (links ?? []).filter(({ expiresAt }) => expiresAt > clock.now());
        return [...living, link].slice(-LINKS_MAX);
      };
      await update(kv, keys.setupLinks(), add, { expireIn: LINK_LIFE_MS });
      return token;
    },
    async redeem({ token, email, password }, requestId) {
      // Asked before the password is hashed, and again in the commit.
      const spend = spending(token);
      await spend();
      const account = await store.draft({ email, password, role: "admin" });
      const by = { id: "setup", requestId };
      const entry = audit.entry({ by, action: "setup.redeem", target: account.id });
      await store.insert(account, entry, spend);
      isKnownDone = true;
      return accountView(account);
    },
  };
}
