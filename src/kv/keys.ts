/**
 * Map 3: every key, the type of its value, its lifetime and its writer. A key is built nowhere
 * else, so a read of the wrong type does not compile and a prefix cannot be used twice.
 */

import type {
  AccountRecord,
  ApiKeyRecord,
  AuditRecord,
  KeyRingRecord,
  SessionIndex,
  SessionRecord,
  SetupLinks,
  SignInFailures,
  VaultRecord,
} from "./auth_records.ts";

/** A key that remembers the type of its value. */
export interface Key<Value> {
  readonly parts: Deno.KvKey;
  /** Never set; it carries the type. */
  readonly value?: Value;
}

/** The start of a family of keys whose values have one type. */
export interface Prefix<Value> {
  readonly parts: Deno.KvKey;
  readonly value?: Value;
}

const entry = <Value>(...parts: Deno.KvKeyPart[]): Key<Value> => ({ parts });

/**
 * A limit's ring of slots: `j` is the slot that was current at the last write, `u` the permits
 * counted in each slot from slot `f` on, and `w` a random number of that write, by which its
 * writer knows it again when the reply was lost.
 */
export interface LimitRing {
  readonly j: number;
  readonly f: number;
  readonly u: readonly number[];
  readonly w: number;
}

/** What one deployment's isolates share from its first start on. */
export interface Deployment {
  readonly id: string;
  /** Random bytes that sign page cursors. */
  readonly cursorKey: Uint8Array<ArrayBuffer>;
}

/** A write its sender may send again; without an answer it is still under way. */
export interface IdempotentWrite {
  readonly contentHash: string;
  /** Unix time in milliseconds of its beginning. */
  readonly at: number;
  readonly answer?: {
    readonly status: number;
    readonly headers: readonly (readonly [string, string])[];
    readonly body: string;
  };
}

/** An order of the demo shop. Amounts are minor units of `currency`. */
export interface ShopOrder {
  readonly id: string;
  /** Unix time in milliseconds. */
  readonly createdAt: number;
  readonly country: string;
  readonly currency: string;
  readonly items: readonly {
    readonly product_id: string;
    readonly name: string;
    readonly quantity: number;
    readonly price: number;
  }[];
  readonly subtotal: number;
  readonly delivery: number;
  readonly tax: number;
  readonly total: number;
  readonly payment_method: string;
  readonly ship_to: {
    readonly name: string;
    readonly email: string;
    readonly street: string;
    readonly city: string;
    readonly region: string;
    readonly postcode: string;
  };
}

/** An owner's orders, newest first, with what tells a repeated order form. */
export type ShopOrderIndex = readonly {
  readonly id: string;
  readonly createdAt: number;
  readonly token?: string;
  readonly fingerprint: string;
}[];

export const keys = {
  /** Permits of one subject under one limit · window + lease horizon · limits */
  limitRing: (limit: string, subject: string) => entry<LimitRing>("rl", limit, subject),
  /** Wall time of an isolate's last heartbeat · 90 s · limits */
  isolate: (id: string) => entry<number>("isolate", id),
  /** A write by the hash of its sender and `Idempotency-Key` · 1 day · idempotency */
  idempotentWrite: (hash: string) => entry<IdempotentWrite>("idempotency", hash),
  /** Id of this deployment, drawn at its first start · for ever · services */
  deployment: () => entry<Deployment>("deployment"),
  /** One order of the demo shop · 90 days · demo shop */
  shopOrder: (owner: string, id: string) => entry<ShopOrder>("shop_order", owner, id),
  /** The last 50 orders of an owner · 90 days after the last · demo shop */
  shopOrders: (owner: string) => entry<ShopOrderIndex>("shop_orders", owner),
  /** An account · for ever · auth */
  account: (id: string) => entry<AccountRecord>("auth_account", id),
  /** Id of the account with this e-mail address, by its hash · for ever · auth */
  accountOfEmail: (emailHash: string) => entry<string>("auth_email", emailHash),
  /** Ids of all admins who are not disabled; there once set-up is done · for ever · auth */
  admins: () => entry<readonly string[]>("auth_admins"),
  /** Set-up links that were printed · 15 minutes · auth */
  setupLinks: () => entry<SetupLinks>("auth_setup"),
  /** A sign-in · to its end by idleness or age · auth */
  session: (id: string) => entry<SessionRecord>("auth_session", id),
  /** The sign-ins of an account · 30 days after the last · auth */
  sessionsOf: (accountId: string) => entry<SessionIndex>("auth_sessions_of", accountId),
  /** Failures to sign in with an e-mail address, known or not, by its hash · 24 hours · auth */
  signInFailures: (emailHash: string) => entry<SignInFailures>("auth_failures", emailHash),
  /** An API key, by the hash of its text · to 30 days after its end · auth */
  apiKey: (hash: string) => entry<ApiKeyRecord>("auth_api_key", hash),
  /** Hash of the API key with this id · as the key itself · auth */
  apiKeyHash: (id: string) => entry<string>("auth_api_key_id", id),
  /** One act of an admin; `month` is like `2026-11` · 365 days · auth */
  audit: (month: string, at: number, id: string) => entry<AuditRecord>("audit", month, at, id),
  /** Keys of access tokens, where JWT_SECRET is not set · for ever · auth */
  keyRing: () => entry<KeyRingRecord>("auth_key_ring"),
  /** The key that seals what is kept secret at rest · for ever · auth */
  vault: () => entry<VaultRecord>("auth_vault"),
  /** What a start-up test of KV wrote and reads back · 1 minute · kv */
  selfTest: (nonce: string) => entry<string>("self_test", nonce),
} as const;

export const prefixes = {
  isolates: (): Prefix<number> => ({ parts: ["isolate"] }),
  accounts: (): Prefix<AccountRecord> => ({ parts: ["auth_account"] }),
  apiKeyHashes: (): Prefix<string> => ({ parts: ["auth_api_key_id"] }),
  auditMonth: (month: string): Prefix<AuditRecord> => ({ parts: ["audit", month] }),
} as const;
