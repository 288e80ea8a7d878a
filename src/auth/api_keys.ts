/**
 * API keys for machines: made and revoked by admins, limited by scopes, an end and addresses. Only
 * a hash is kept. Whether a key is good is asked in api_key_check.ts.
 */
import { AppError } from "../errors/app_error.ts";
import type { ApiKeyRecord } from "../kv/auth_records.ts";
import { keys, prefixes } from "../kv/keys.ts";
import type { Atomic, Kv, PageOptions } from "../kv/kv.ts";
import { type Clock, DAY } from "../time.ts";
import { type ApiKeyDraft, draftApiKey, type RangeParser } from "./api_key_draft.ts";
import { newApiKeyText } from "./api_key_text.ts";
import type { Actor, AuditEntry, AuditLog } from "./audit.ts";
import { hashSecret, orderedId } from "./secrets.ts";
import { transact } from "./transact.ts";

export interface ApiKeysOptions {
  readonly kv: Kv;
  readonly clock: Clock;
  readonly audit: AuditLog;
  readonly parseRange: RangeParser;
}

export interface ApiKeyPage {
  readonly items: readonly ApiKeyRecord[];
  readonly next_cursor: string | null;
}

export interface ApiKeys {
  /** The key itself is answered this once. Throws `VALIDATION_FAILED`. */
  create(
    draft: ApiKeyDraft,
    by: Actor,
  ): Promise<{ readonly key: string; readonly record: ApiKeyRecord }>;
  get(id: string): Promise<ApiKeyRecord | undefined>;
  /** Oldest first, with those that ended within 30 days. */
  list(options: Pick<PageOptions, "limit" | "cursor">): Promise<ApiKeyPage>;
  /** Throws `NOT_FOUND`; one revoked already stays as it is. */
  revoke(id: string, by: Actor): Promise<ApiKeyRecord>;
}

/** So long a key is still listed after its end. */
const LISTED_AFTER_MS = 30 * DAY;

export function createApiKeys(options: ApiKeysOptions): ApiKeys {
  const { kv, clock, audit, parseRange } = options;

  const find = async (id: string) => {
    const { value: hash } = await kv.get(keys.apiKeyHash(id));
    if (hash === null) throw new AppError("NOT_FOUND");
    const { value: record, versionstamp } = await kv.get(keys.apiKey(hash));
    if (record === null) throw new AppError("NOT_FOUND");
    return { hash, record, versionstamp };
  };
  const writeOf = (
    hash: string,
    record: ApiKeyRecord,
    versionstamp: string | null,
    entry: AuditEntry,
  ) => ({
    build(atomic: Atomic) {
      const lifetime = { expireIn: listedForMs(record, clock.now()) };
      atomic.check(keys.apiKey(hash), versionstamp).set(keys.apiKey(hash), record, lifetime);
      atomic.set(keys.apiKeyHash(record.id), hash, lifetime);
      entry.join(atomic);
    },
    landed: entry.landed,
  });

  return {
    async create(draft, by) {
      const now = clock.now();
      const fields = draftApiKey(draft, now, parseRange);
      const record = { id: orderedId("key", now), createdBy: by.id, createdAt: now, ...fields };
      const key = newApiKeyText();
      const details = { scopes: record.scopes.join(" ") };
      const entry = audit.entry({ by, action: "api_key.create", target: record.id, details });
      const write = writeOf(hashSecret(key), record, null, entry);
      return await transact(kv, () => Promise.resolve({ result: { key, record }, write }));
    },
    get: (id) =>
      find(id).then(({ record }) => record, (error) => {
        if (error instanceof AppError && error.code === "NOT_FOUND") return undefined;
        throw error;
      }),
    async list(pageOptions) {
      const { items, next_cursor } = await kv.page(prefixes.apiKeyHashes(), pageOptions);
      const entries = await kv.getMany(items.map(({ value }) => keys.apiKey(value)));
      return { items: entries.flatMap(({ value }) => value ?? []), next_cursor };
    },
    revoke(id, by) {
      const entry = audit.entry({ by, action: "api_key.revoke", target: id });
      return transact(kv, async () => {
        const { hash, record, versionstamp } = await find(id);
        if (record.revokedAt !== undefined) return { result: record };
        const revoked = { ...record, revokedAt: clock.now() };
        return { result: revoked, write: writeOf(hash, revoked, versionstamp, entry) };
      });
    },
  };
}

/** Milliseconds until KV may forget the key; undefined for one without an end. */
export function listedForMs(
  { revokedAt, expiresAt }: ApiKeyRecord,
  now: number,
): number | undefined {
  const endsAt = revokedAt ?? expiresAt;
  return endsAt === undefined ? undefined : Math.max(endsAt + LISTED_AFTER_MS - now, 0);
}
