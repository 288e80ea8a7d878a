/**
 * Is this API key good, now? One found good is believed for 5 seconds, so a revoked one is over
 * within them; a mistyped or invented one costs no look at KV.
 */
import type { VerifiedUser } from "../context.ts";
import type { ApiKeyRecord } from "../kv/auth_records.ts";
import { keys } from "../kv/keys.ts";
import type { Kv } from "../kv/kv.ts";
import { update } from "../kv/update.ts";
import type { Log } from "../log.ts";
import { type Clock, MINUTE, SECOND } from "../time.ts";
import type { RangeParser } from "./api_key_draft.ts";
import { claimsToBeApiKey, isApiKeyText } from "./api_key_text.ts";
import { listedForMs } from "./api_keys.ts";
import { hashSecret } from "./secrets.ts";
import type { CredentialCheck } from "./tokens.ts";

export interface ApiKeyCheckOptions {
  readonly kv: Kv;
  readonly clock: Clock;
  readonly log: Log;
  readonly parseRange: RangeParser;
}

const GOOD_MS = 5 * SECOND;
const USED_EVERY_MS = MINUTE;

export function createApiKeyCheck(options: ApiKeyCheckOptions): CredentialCheck {
  const { kv, clock, log, parseRange } = options;
  const noteUse = createUseNotes(options);

  return {
    goodMs: GOOD_MS,
    claims: claimsToBeApiKey,
    async check(text) {
      if (!isApiKeyText(text)) return "bad";
      const hash = hashSecret(text);
      try {
        const { value: record } = await kv.get(keys.apiKey(hash));
        if (!record || !isInForce(record, clock.now())) return "bad";
        noteUse(hash, record);
        return userOf(record, parseRange);
      } catch (error) {
        log.warn("API key could not be checked", { error });
        return "unsure";
      }
    },
  };
}

function userOf(record: ApiKeyRecord, parseRange: RangeParser): VerifiedUser {
  const { id, scopes, addressRanges, expiresAt = Infinity } = record;
  const ranges = addressRanges.map(parseRange);
  const mayComeFrom = ranges.length === 0
    ? undefined
    : (ip: string) => ranges.some((holds) => holds?.(ip) ?? false);
  return { id, expiresAt, roles: [], realm: "gatehouse", keyId: id, scopes, mayComeFrom };
}

function isInForce({ revokedAt, expiresAt }: ApiKeyRecord, now: number): boolean {
  return revokedAt === undefined && (expiresAt === undefined || now < expiresAt);
}

/** Writes down when a key was last used: beside the request, and once a minute at most. */
function createUseNotes({ kv, clock, log }: ApiKeyCheckOptions) {
  const writing = new Set<string>();
  return (hash: string, record: ApiKeyRecord) => {
    const now = clock.now();
    if (now - (record.lastUsedAt ?? 0) < USED_EVERY_MS || writing.has(hash)) return;
    writing.add(hash);
    const change = (current: ApiKeyRecord | null) =>
      current && isInForce(current, now) ? { ...current, lastUsedAt: now } : undefined;
    update(kv, keys.apiKey(hash), change, { expireIn: listedForMs(record, now) })
      .catch((error) => log.debug("use of an API key was not written down", { error }))
      .finally(() => writing.delete(hash));
  };
}
