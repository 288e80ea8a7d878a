/**
 * From credentials to a session: the password, the code of the second factor, and then one commit of
 * everything a sign-in changes, on the account as it was read: the spent code, a hash renewed, the
 * session, the failures forgotten.
 */
import { AppError } from "../errors/app_error.ts";
import type { AccountRecord, SessionRecord } from "../kv/auth_records.ts";
import { keys } from "../kv/keys.ts";
import type { Atomic, Kv } from "../kv/kv.ts";
import type { Clock } from "../time.ts";
import type { AuditLog } from "./audit.ts";
import type { PasswordProof, ProvedAccount } from "./password_proof.ts";
import type { Passwords } from "./passwords.ts";
import { isSecondFactorOn, type SecondFactors } from "./second_factors.ts";
import { type Client, deviceOf } from "./session_rules.ts";
import type { SessionStore } from "./session_store.ts";
import type { FailureBook } from "./sign_in_failures.ts";
import { transact } from "./transact.ts";

export interface Credentials {
  readonly email: string;
  readonly password: string;
  /** Of the second factor: an app's code or a recovery code. */
  readonly code?: string;
  readonly client: Client;
  /** For the audit log. */
  readonly requestId?: string;
}

export interface SessionOpeningOptions {
  readonly kv: Kv;
  readonly clock: Clock;
  readonly prove: PasswordProof;
  readonly passwords: Passwords;
  readonly failures: FailureBook;
  readonly secondFactors: SecondFactors;
  readonly sessions: SessionStore;
  readonly audit: AuditLog;
}

/** A session id and the hashes of the secret that will prove it. */
export interface SessionSecret {
  readonly sessionId: string;
  readonly secretHash: string;
  readonly familyHash?: string;
}

/** Answers the account as it is stored then. */
export type SessionOpening = (
  credentials: Credentials,
  kind: SessionRecord["kind"],
  secret: SessionSecret,
) => Promise<AccountRecord>;

export function createSessionOpening(options: SessionOpeningOptions): SessionOpening {
  const { kv, prove, failures, sessions, audit } = options;

  return async ({ email, password, code, client, requestId = "" }, kind, secret) => {
    const proved = await prove(email, password);
    const { account: { id }, emailHash } = proved;
    if (isSecondFactorOn(proved.account) && code === undefined) {
      await failures.forgive(emailHash);
      throw new AppError("SECOND_FACTOR_REQUIRED");
    }
    const passwordHash = await renewedHash(proved, password, options);
    return await transact(kv, async () => {
      const { value, versionstamp } = await kv.get(keys.account(id));
      const account = { ...await accountAfter(proved, value, code, options), passwordHash };
      const { sessionId, secretHash, familyHash } = secret;
      const entry = audit.entry({
        by: { id, requestId },
        action: "session.create",
        target: sessionId,
        details: {
          kind,
          second_factor: isSecondFactorOn(account),
          device: deviceOf(client.device),
        },
      });
      const joinSession = await sessions.opening(sessionId, {
        account,
        kind,
        client,
        secondFactor: isSecondFactorOn(account),
        hashes: { secretHash, familyHash },
      });
      const build = (atomic: Atomic) => {
        atomic.check(keys.account(id), versionstamp).set(keys.account(id), account);
        joinSession(atomic);
        entry.join(atomic);
        failures.clear(atomic, emailHash);
      };
      const landed = async () => (await kv.get(keys.session(sessionId))).value !== null;
      return { result: account, write: { build, landed } };
    });
  };
}

/** The account after this sign-in, judged on what is stored now: codes are good once. */
async function accountAfter(
  proved: ProvedAccount,
  stored: AccountRecord | null,
  code: string | undefined,
  { clock, secondFactors }: SessionOpeningOptions,
): Promise<AccountRecord> {
  const isAsProved = stored !== null && stored.disabledAt === undefined &&
    stored.passwordHash === proved.account.passwordHash;
  if (!isAsProved) throw proved.fail();
  const account = { ...stored, lastSignInAt: clock.now() };
  if (!isSecondFactorOn(stored)) return account;
  if (code === undefined) throw new AppError("SECOND_FACTOR_REQUIRED");
  const secondFactor = await secondFactors.spend(stored, code);
  if (!secondFactor) throw proved.fail();
  return { ...account, secondFactor };
}

/** The hash as we make it today; the one it has when there is no turn for another hash now. */
async function renewedHash(
  { account: { passwordHash } }: ProvedAccount,
  password: string,
  { passwords }: SessionOpeningOptions,
): Promise<string> {
  if (!await passwords.needsRehash(passwordHash)) return passwordHash;
  return await passwords.hash(password).catch(() => passwordHash);
}
