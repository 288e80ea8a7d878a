/**
 * The second factor of an account: an authenticator app's code, or one of ten recovery codes that
 * are good once each. The app's secret is sealed by the vault; of recovery codes only hashes are
 * kept. It counts from its confirmation on.
 */
import { AppError } from "../errors/app_error.ts";
import type { AccountRecord, SecondFactorRecord } from "../kv/auth_records.ts";
import { keys } from "../kv/keys.ts";
import type { Kv } from "../kv/kv.ts";
import type { Clock } from "../time.ts";
import type { AccountStore } from "./account_store.ts";
import type { Actor, AuditLog } from "./audit.ts";
import { invalidFields } from "./invalid_fields.ts";
import { hashSecret, randomSecret } from "./secrets.ts";
import { findStep, toBase32 } from "./totp.ts";
import type { Vault } from "./vault.ts";

export interface SecondFactorsOptions {
  readonly kv: Pick<Kv, "get">;
  readonly clock: Clock;
  readonly store: Pick<AccountStore, "change">;
  readonly vault: Vault;
  readonly audit: AuditLog;
}

export interface Enrolment {
  /** Base32, for typing in. */
  readonly secret: string;
  /** `otpauth://…`, for a QR code. */
  readonly uri: string;
}

export interface SecondFactors {
  /** A secret to confirm, in place of one that was not. Throws `SECOND_FACTOR_ON`, `NOT_FOUND`. */
  enrol(accountId: string, by: Actor): Promise<Enrolment>;
  /** Ten recovery codes, shown this once. Throws `VALIDATION_FAILED` for a wrong code. */
  confirm(
    accountId: string,
    code: string,
    by: Actor,
  ): Promise<{ readonly recoveryCodes: readonly string[] }>;
  /** Of somebody who lost it, which only the route can allow. Whether there was one. */
  disable(accountId: string, by: Actor): Promise<boolean>;
  /** The account's factor once this code is spent; undefined when the code is not right. */
  spend(account: AccountRecord, code: string): Promise<SecondFactorRecord | undefined>;
}

const SECRET_BYTES = 20;
const RECOVERY_CODES = 10;
/** 16 characters of base32: not to be guessed even by who has the hash. */
const RECOVERY_BYTES = 10;
const RECOVERY_CODE = /^[A-Z2-7]{16}$/;
const APP_CODE = /^\d{6}$/;
const CODE_LENGTH_MAX = 40;

const contextOf = (accountId: string) => `totp ${accountId}`;
const hashCode = (accountId: string, code: string) => hashSecret(`${accountId} ${code}`);
/** People type codes with the blanks and hyphens they are shown with. */
const plain = (code: string) => code.slice(0, CODE_LENGTH_MAX).replace(/[\s-]/g, "").toUpperCase();

export function isSecondFactorOn({ secondFactor }: AccountRecord): boolean {
  return secondFactor?.confirmedAt !== undefined;
}

export function createSecondFactors(options: SecondFactorsOptions): SecondFactors {
  const { kv, clock, store, vault, audit } = options;
  const change = (
    accountId: string,
    act: "enrol" | "confirm" | "disable",
    by: Actor,
    decide: (account: AccountRecord) => AccountRecord,
  ) => {
    const entry = audit.entry({ by, action: `second_factor.${act}`, target: accountId });
    return store.change(accountId, { entry, decide });
  };
  const stepOfCode = async (account: AccountRecord, code: string) => {
    const { id, secondFactor } = account;
    if (!secondFactor || !APP_CODE.test(plain(code))) return undefined;
    const secret = await vault.open(secondFactor.sealedSecret, contextOf(id));
    return secret && findStep(secret, plain(code), clock.now(), secondFactor.lastStep);
  };

  return {
    async enrol(accountId, by) {
      const bytes = randomSecret(SECRET_BYTES);
      const sealedSecret = await vault.seal(bytes, contextOf(accountId));
      const { email } = await change(accountId, "enrol", by, (account) => {
        if (isSecondFactorOn(account)) throw new AppError("SECOND_FACTOR_ON");
        return { ...account, secondFactor: { sealedSecret, lastStep: 0, recoveryHashes: [] } };
      });
      const secret = toBase32(bytes);
      const label = encodeURIComponent(`Gatehouse:${email}`);
      return { secret, uri: `otpauth://totp/${label}?secret=${secret}&issuer=Gatehouse` };
    },
    async confirm(accountId, code, by) {
      const { value: known } = await kv.get(keys.account(accountId));
      const step = known ? await stepOfCode(known, code) : undefined;
      const recoveryCodes = Array.from({ length: RECOVERY_CODES }, newRecoveryCode);
      const recoveryHashes = recoveryCodes.map((shown) => hashCode(accountId, plain(shown)));
      await change(accountId, "confirm", by, (account) => {
        const { secondFactor } = account;
        if (isSecondFactorOn(account)) throw new AppError("SECOND_FACTOR_ON");
        // The code must be of the secret that is there now, not of one enrolled in between.
        const isSame = secondFactor && known?.secondFactor &&
          hashSecret(secondFactor.sealedSecret) === hashSecret(known.secondFactor.sealedSecret);
        if (!isSame || step === undefined) {
          throw invalidFields({ pointer: "/code", detail: "This code is not right" });
        }
        const confirmed = { confirmedAt: clock.now(), lastStep: step, recoveryHashes };
        return { ...account, secondFactor: { ...secondFactor, ...confirmed } };
      });
      return { recoveryCodes };
    },
    async disable(accountId, by) {
      let was = false;
      await change(accountId, "disable", by, (account) => {
        const { secondFactor, ...without } = account;
        was = secondFactor !== undefined;
        return was ? without : account;
      });
      return was;
    },
    async spend(account, code) {
      const { id, secondFactor } = account;
      if (!secondFactor) return undefined;
      if (RECOVERY_CODE.test(plain(code))) {
        return spendRecovery(secondFactor, hashCode(id, plain(code)));
      }
      const step = await stepOfCode(account, code);
      return step === undefined ? undefined : { ...secondFactor, lastStep: step };
    },
  };
}

function spendRecovery(factor: SecondFactorRecord, hash: string): SecondFactorRecord | undefined {
  const left = factor.recoveryHashes.filter((known) => known !== hash);
  const isOurs = left.length < factor.recoveryHashes.length;
  return isOurs ? { ...factor, recoveryHashes: left } : undefined;
}

/** Such as `abcd-efgh-ijkl-mnop`. */
function newRecoveryCode(): string {
  const text = toBase32(randomSecret(RECOVERY_BYTES)).toLowerCase();
  return text.match(/.{4}/g)!.join("-");
}
