/**
 * The room put together: every part of identity from what the app has. The parts know each other by
 * their options alone; this is where they meet.
 */
import { type Config, ConfigError } from "../config.ts";
import type { Kv } from "../kv/kv.ts";
import type { Log } from "../log.ts";
import type { Metrics } from "../metrics/catalog.ts";
import type { Clock } from "../time.ts";
import { createAccessTokens } from "./access_tokens.ts";
import { type AccountPasswords, createAccountPasswords } from "./account_passwords.ts";
import { createAccountStore } from "./account_store.ts";
import { type Accounts, createAccounts } from "./accounts.ts";
import type { RangeParser } from "./api_key_draft.ts";
import { createApiKeyCheck } from "./api_key_check.ts";
import { type ApiKeys, createApiKeys } from "./api_keys.ts";
import { type AuditLog, createAuditLog } from "./audit.ts";
import { createKeptRing, type KeptRing } from "./kept_ring.ts";
import { createSecretRing } from "./key_ring.ts";
import { createPasswordProof } from "./password_proof.ts";
import { createPasswords } from "./passwords.ts";
import { createRefresh, type RefreshOutcome } from "./refresh.ts";
import { createSecondFactorOff, type SecondFactorOff } from "./second_factor_off.ts";
import { createSecondFactors, type SecondFactors } from "./second_factors.ts";
import { createSessionStore } from "./session_store.ts";
import { createSessions, type Sessions } from "./sessions.ts";
import { createSetup, type Setup } from "./setup.ts";
import { createFailureBook } from "./sign_in_failures.ts";
import { createSignIn, type SignIn } from "./sign_in.ts";
import type { CredentialCheck } from "./tokens.ts";
import { createVault } from "./vault.ts";

export type SecurityEvent =
  | { readonly type: "refresh_reuse"; readonly accountId: string; readonly sessionId: string }
  | { readonly type: "sign_in_delayed"; readonly emailHash: string; readonly failures: number };

export interface IdentityOptions {
  readonly config: Pick<Config, "JWT_SECRET" | "JWT_SECRET_PREVIOUS" | "BOOTSTRAP_TOKEN">;
  readonly kv: Kv;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Pick<Metrics, "signIns" | "refreshes">;
  readonly onDeploy: boolean;
  /** Asked when the first token is made or read. */
  readonly deploymentId: () => Promise<string>;
  readonly parseRange: RangeParser;
  /** Must not throw. */
  readonly onSecurityEvent: (event: SecurityEvent) => void;
}

export interface Identity {
  readonly accounts: Accounts;
  readonly accountPasswords: AccountPasswords;
  readonly setup: Setup;
  readonly signIn: SignIn;
  readonly sessions: Sessions;
  readonly secondFactors: SecondFactors;
  readonly switchOffSecondFactor: SecondFactorOff;
  readonly apiKeys: ApiKeys;
  readonly audit: AuditLog;
  /** Absent where JWT_SECRET is set: then the operator turns the keys. */
  readonly rotateKeys?: KeptRing["rotate"];
  /** For `createTokenVerifier`. */
  readonly credentials: readonly CredentialCheck[];
}

/** Reads nothing from KV yet. Throws `ConfigError` when JWT_SECRET is missing on Deploy. */
export function createIdentity(options: IdentityOptions): Identity {
  const { config, kv, clock, log, metrics, onSecurityEvent } = options;
  const base = { kv, clock, log };
  const audit = createAuditLog(base);
  const { keyRing, rotateKeys } = createRing(options, audit);
  const accessTokens = createAccessTokens({ ...options, keyRing });
  const passwords = createPasswords();
  const sessions = createSessionStore(base);
  const store = createAccountStore({ ...base, passwords, sessions });
  const failures = createFailureBook(base);
  const onDelay = (emailHash: string, failures: number) =>
    onSecurityEvent({ type: "sign_in_delayed", emailHash, failures });
  const prove = createPasswordProof({ kv, passwords, failures, onDelay });
  const { JWT_SECRET: secret, JWT_SECRET_PREVIOUS: previousSecrets } = config;
  const vault = createVault({ kv, secret, previousSecrets });
  const secondFactors = createSecondFactors({ ...base, store, vault, audit });
  const { parseRange } = options;
  const parts = { ...base, prove, passwords, failures, secondFactors, sessions, store, audit };
  return {
    audit,
    secondFactors,
    switchOffSecondFactor: createSecondFactorOff({ ...parts, onDelay }),
    rotateKeys,
    apiKeys: createApiKeys({ ...base, audit, parseRange }),
    accounts: createAccounts(parts),
    accountPasswords: createAccountPasswords(parts),
    sessions: createSessions({ ...base, store: sessions, audit }),
    setup: createSetup({
      ...parts,
      bootstrapToken: config.BOOTSTRAP_TOKEN,
      onDeploy: options.onDeploy,
    }),
    signIn: createSignIn({
      ...parts,
      accessTokens,
      rotate: createRefresh({ kv, clock, sessions, audit }),
      onSignIn: (result) => metrics.signIns.add(result),
      onRefresh: (outcome) => {
        metrics.refreshes.add(outcome.result);
        reportReuse(outcome, onSecurityEvent);
      },
    }),
    credentials: [createApiKeyCheck({ ...base, parseRange }), accessTokens],
  };
}

function createRing({ config, kv, clock, onDeploy }: IdentityOptions, audit: AuditLog) {
  const { JWT_SECRET: secret, JWT_SECRET_PREVIOUS: previous } = config;
  if (secret !== undefined) return { keyRing: createSecretRing(secret, previous) };
  if (onDeploy) {
    throw new ConfigError("JWT_SECRET must be set on Deno Deploy: at least 32 random bytes");
  }
  const keyRing = createKeptRing({ kv, clock, audit });
  return { keyRing, rotateKeys: keyRing.rotate };
}

function reportReuse(outcome: RefreshOutcome, report: IdentityOptions["onSecurityEvent"]): void {
  if (outcome.result !== "reused") return;
  const { accountId, id: sessionId } = outcome.session;
  report({ type: "refresh_reuse", accountId, sessionId });
}
