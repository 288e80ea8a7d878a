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
import type { ErrorPatternRecord } from "./error_records.ts";
import type { DeadRow, DueRow, TaskKey, TaskRecord, TaskScheduleRow } from "./task_record.ts";

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
  /** Keyed: the content may hold a password. */
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

/**
 * What a client did wrong lately, as far as its isolates have said: failures as the numbers of
 * src/suspicion/trail.ts, until when each kind of suspicion is held, and its strong attack payloads.
 */
export interface Activity {
  readonly notes: readonly number[];
  readonly heldUntil: readonly number[];
  readonly payloads: readonly {
    readonly hash: string;
    readonly at: number;
    /** What tells that two payloads are one attempt (src/suspicion/attempts.ts). */
    readonly marks?: readonly string[];
  }[];
}

/** An address, or a range of them, that is refused for a time. Times are Unix milliseconds. */
export interface Block {
  /** IPv4 address, IPv6 /64, or CIDR, in canonical text. */
  readonly target: string;
  readonly reason: string;
  /** `automatic`, or who did it. */
  readonly author: string;
  readonly automatic: boolean;
  readonly at: number;
  readonly until: number;
  /** Which block in a row this is; each doubles the time. */
  readonly times: number;
}

/** What changed in blocks and address lists: a counter per shard, and where each list lies. */
export interface BlockIndex {
  readonly shards: readonly number[];
  readonly lists: Readonly<Record<"allow" | "deny", { version: number; chunks: number }>>;
}

/** Something worth an administrator's look; kept for `SECURITY_EVENT_DAYS`. */
export interface SecurityEvent {
  readonly id: string;
  /** Unix time in milliseconds. */
  readonly at: number;
  readonly type: string;
  readonly action: string;
  readonly requestId?: string;
  readonly ip?: string;
  readonly country?: string;
  readonly method?: string;
  readonly path?: string;
  /** The request's risk, 0 to 1. */
  readonly score?: number;
  /** Strongest first. */
  readonly signals?: readonly {
    readonly name: string;
    readonly confidence: number;
    readonly field?: string;
    readonly excerpt?: string;
  }[];
  readonly user?: string;
}

/** An address or an attack pattern that was met, and how often. Times are Unix milliseconds. */
export interface ThreatIndicator {
  readonly kind: "ip" | "pattern";
  readonly value: string;
  /** The highest score or confidence it was met with, 0 to 1. */
  readonly confidence: number;
  readonly firstSeenAt: number;
  readonly lastSeenAt: number;
  readonly hits: number;
}

/** Security events of one hour, counted; the maps of addresses, patterns and countries are bounded. */
export interface SecurityHour {
  readonly types: Readonly<Record<string, number>>;
  readonly actions: Readonly<Record<string, number>>;
  readonly ips: Readonly<Record<string, number>>;
  readonly patterns: Readonly<Record<string, number>>;
  readonly countries: Readonly<Record<string, number>>;
}

/** What the providers think of an address. No more of their answers is kept. */
export interface ReputationRecord {
  /** 0 to 1; absent while it is being asked for, or when nobody answered. */
  readonly score?: number;
  readonly country?: string;
  /** Unix time in milliseconds after which it is asked for again. */
  readonly until: number;
}

/** Which chunks hold the tables of a block list feed. */
export interface FeedHead {
  readonly generation: string;
  readonly chunks: { readonly ipv4: number; readonly ipv6: number };
  readonly ranges: number;
  /** Unix time in milliseconds. */
  readonly readAt: number;
}

/** Threat rules that administrators set, with a version that counts their changes. */
export interface ThreatRuleDocument {
  readonly version: number;
  readonly rules: readonly {
    readonly method: string;
    readonly path: string;
    readonly mode: "enforce" | "monitor" | "off";
    readonly exempt: readonly string[];
  }[];
}

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
  /** Failures and payloads of one client · 15 minutes after the last · suspicion */
  activity: (subject: string) => entry<Activity>("activity", subject),
  /** What changed in blocks and address lists · for ever · blocks */
  blockIndex: () => entry<BlockIndex>("block_index"),
  /** A 64th of all blocks · for ever, its entries end · blocks */
  blockShard: (shard: number) => entry<readonly Block[]>("block_shard", shard),
  /** A part of one version of the allow or deny list, a range a line · for ever · blocks */
  addressList: (list: "allow" | "deny", version: number, chunk: number) =>
    entry<string>("address_list", list, version, chunk),
  /** Threat rules by method and path · for ever · threats */
  threatRules: () => entry<ThreatRuleDocument>("threat_rules"),
  /** One security event, under its UTC day · SECURITY_EVENT_DAYS · incidents */
  securityEvent: (day: string, id: string) => entry<SecurityEvent>("security_event", day, id),
  /** Day and id of a request's security event · SECURITY_EVENT_DAYS · incidents */
  securityEventOf: (requestId: string) =>
    entry<{ day: string; id: string }>("security_event_of", requestId),
  /** A 64th of the threat indicators · SECURITY_EVENT_DAYS after the last · incidents */
  indicatorShard: (shard: number) => entry<readonly ThreatIndicator[]>("indicator_shard", shard),
  /** Security events of an hour since 1970, counted · SECURITY_EVENT_DAYS · incidents */
  securityHour: (hour: number) => entry<SecurityHour>("security_hour", hour),
  /** What providers think of an address, by its salted hash · 1 to 27 hours · ip */
  reputation: (hash: string) => entry<ReputationRecord>("reputation", hash),
  /** Questions asked of a provider on a UTC day · 2 days · ip */
  reputationQuota: (provider: string, day: string) =>
    entry<number>("reputation_quota", provider, day),
  /** The tables of a block list feed in use · until the next reading · ip */
  feedHead: (feed: string) => entry<FeedHead>("feed_head", feed),
  /** A part of a feed's tables · 7 days · ip */
  feedChunk: (feed: string, generation: string, family: "ipv4" | "ipv6", chunk: number) =>
    entry<Uint8Array>("feed_chunk", feed, generation, family, chunk),
  /** Who reads a feed now, until when · 5 minutes · ip */
  feedLease: (feed: string) => entry<number>("feed_lease", feed),
  /** All errors of one cause, by its fingerprint · 30 days after the last · monitoring */
  errorPattern: (fingerprint: string) => entry<ErrorPatternRecord>("error_pattern", fingerprint),
  /** What a start-up test of KV wrote and reads back · 1 minute · kv */
  selfTest: (nonce: string) => entry<string>("self_test", nonce),

  /** A task, the truth about it · 24 h after it succeeded, else until it is deleted · tasks */
  task: (id: string) => entry<TaskRecord>("task", id),
  /** A piece of a payload too large for the record · as the record · tasks */
  taskChunk: (id: string, part: number) => entry<Uint8Array>("task_chunk", id, part),
  /** A task that waits, by when it is due; bands 0 to 2 are priorities, 3 suspects · tasks */
  taskDue: (band: number, at: number, id: string) => entry<DueRow>("task_due", band, at, id),
  /** Name of a task that runs, by the end of its lease · tasks */
  taskLease: (until: number, id: string) => entry<string>("task_lease", until, id),
  /** Id of the task in one of the places of a name that is limited · while it runs · tasks */
  taskSlot: (name: string, slot: number) => entry<string>("task_slot", name, slot),
  /** When the rate of a name has room again (GCRA) · for ever · tasks */
  taskRate: (name: string) => entry<number>("task_rate", name),
  /** The task of an idempotency key · 24 h unless said · tasks */
  taskKey: (name: string, key: string) => entry<TaskKey>("task_key", name, key),
  /** A dead letter under one filter (`all`, `name:…`, `status:…`, `category:…`) · tasks */
  taskDead: (filter: string, deadAt: number, id: string) =>
    entry<DeadRow>("task_dead", filter, deadAt, id),
  /** Changes whenever a task leaves the dead letters, so that one check guards many · tasks */
  taskDeadGate: () => entry<string>("task_dead_gate"),
  /** How many tasks there are of one kind; only summed · for ever · tasks */
  taskCount: (kind: string, of: string) => entry<Deno.KvU64>("task_count", kind, of),
  /** Events of one minute; only summed · 48 h, then deleted by the clean-up · tasks */
  taskMinute: (minute: number, event: string) => entry<Deno.KvU64>("task_minute", minute, event),
  /** When a schedule fires next · for ever · tasks */
  taskSchedule: (name: string) => entry<TaskScheduleRow>("task_schedule", name),
  /** A doorbell message of the KV queue that nobody heard · until the next sweep · tasks */
  taskUnheard: (id: string) => entry<unknown>("task_unheard", id),
} as const;

export const prefixes = {
  securityEvents: (day: string): Prefix<SecurityEvent> => ({ parts: ["security_event", day] }),
  isolates: (): Prefix<number> => ({ parts: ["isolate"] }),
  accounts: (): Prefix<AccountRecord> => ({ parts: ["auth_account"] }),
  apiKeyHashes: (): Prefix<string> => ({ parts: ["auth_api_key_id"] }),
  errorPatterns: (): Prefix<ErrorPatternRecord> => ({ parts: ["error_pattern"] }),
  auditMonth: (month: string): Prefix<AuditRecord> => ({ parts: ["audit", month] }),
  tasks: (): Prefix<TaskRecord> => ({ parts: ["task"] }),
  tasksDue: (band: number): Prefix<DueRow> => ({ parts: ["task_due", band] }),
  taskLeases: (): Prefix<string> => ({ parts: ["task_lease"] }),
  tasksDead: (filter: string): Prefix<DeadRow> => ({ parts: ["task_dead", filter] }),
  taskCountsOf: (kind: string): Prefix<Deno.KvU64> => ({ parts: ["task_count", kind] }),
  taskCounts: (): Prefix<Deno.KvU64> => ({ parts: ["task_count"] }),
  taskMinutes: (): Prefix<Deno.KvU64> => ({ parts: ["task_minute"] }),
  tasksUnheard: (): Prefix<unknown> => ({ parts: ["task_unheard"] }),
} as const;
