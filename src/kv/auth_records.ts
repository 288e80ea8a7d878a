/**
 * The records of identity: accounts, sign-ins, API keys, the audit log and the keys behind them.
 * All times are Unix milliseconds. No record holds a password, a token or a code in clear text.
 */

export type Role = "user" | "analyst" | "admin";

/** A second factor by one-time codes; it counts from `confirmedAt` on. */
export interface SecondFactorRecord {
  /** The shared secret, sealed by the vault. */
  readonly sealedSecret: Uint8Array;
  readonly confirmedAt?: number;
  /** The 30-second step of the last code used: that one and all before it are spent. */
  readonly lastStep: number;
  /** SHA-256 of the recovery codes that are left. */
  readonly recoveryHashes: readonly string[];
}

export interface AccountRecord {
  readonly id: string;
  readonly email: string;
  readonly role: Role;
  /** A PHC string. */
  readonly passwordHash: string;
  readonly passwordChangedAt: number;
  readonly createdAt: number;
  readonly lastSignInAt?: number;
  readonly disabledAt?: number;
  readonly secondFactor?: SecondFactorRecord;
}

/** A sign-in. Of its secrets only SHA-256 hashes are kept. */
export interface SessionRecord {
  readonly id: string;
  readonly kind: "api" | "console";
  readonly accountId: string;
  /** The account's role; a change of role ends the sign-in. */
  readonly role: Role;
  readonly createdAt: number;
  readonly usedAt: number;
  /** Its end however much it is used. */
  readonly expiresAt: number;
  /** What signed in, such as `Firefox on Linux`, and from which network. */
  readonly device: string;
  readonly address: string;
  /** Whether a second factor was asked. */
  readonly secondFactor: boolean;
  /** When the password was last entered. */
  readonly reauthenticatedAt: number;
  /** Of the refresh token or cookie in force. */
  readonly secretHash: string;
  /** Of the part that all refresh tokens of this sign-in share; absent for the console. */
  readonly familyHash?: string;
  /** The refresh tokens before it of the last 30 seconds, each with its successor sealed under it. */
  readonly spent?: readonly SpentToken[];
}

export interface SpentToken {
  readonly hash: string;
  readonly at: number;
  readonly sealedSuccessor: Uint8Array;
}

/** An account's sign-ins, oldest first, at most 50. */
export type SessionIndex = readonly { readonly id: string; readonly expiresAt: number }[];

export interface SignInFailures {
  readonly count: number;
  readonly lastAt: number;
  /** Until then nobody may try. */
  readonly retryAt: number;
  /** A random text of the last write, by which its writer knows it again. */
  readonly mark: string;
}

export interface ApiKeyRecord {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly createdBy: string;
  readonly createdAt: number;
  readonly expiresAt?: number;
  /** Addresses and CIDRs it may be used from; empty for any. */
  readonly addressRanges: readonly string[];
  readonly lastUsedAt?: number;
  readonly revokedAt?: number;
}

export interface AuditRecord {
  readonly id: string;
  readonly at: number;
  /** Id of an account or an API key, or `setup` or `cli`. */
  readonly by: string;
  readonly requestId: string;
  /** What was done to what kind of thing, such as `user.create`. */
  readonly action: string;
  readonly target: string;
  readonly details: Readonly<Record<string, string | number | boolean>>;
}

/** Oldest first. A key signs from `signsFrom` until the next one does. */
export interface KeyRingRecord {
  readonly keys: readonly { readonly secret: Uint8Array; readonly signsFrom: number }[];
}

/** `wrappedBy` names the secret that `key` is sealed under; null when there is none. */
export interface VaultRecord {
  readonly wrappedBy: string | null;
  readonly key: Uint8Array;
}

export type SetupLinks = readonly { readonly hash: string; readonly expiresAt: number }[];
