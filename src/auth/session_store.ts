/**
 * Sign-ins in KV: the record of each and the list of an account's, which are written together. An
 * account has at most 50; the oldest gives way. A sign-in that ended is one without a record.
 */
import type { AccountRecord, SessionIndex, SessionRecord } from "../kv/auth_records.ts";
import { keys } from "../kv/keys.ts";
import type { Atomic, Kv } from "../kv/kv.ts";
import type { Clock } from "../time.ts";
import { type Client, deviceOf, endOf, LIVES, networkOf } from "./session_rules.ts";
import { randomBase62 } from "./secrets.ts";
import { createSessionSight, type SessionSight } from "./session_sight.ts";

export interface SessionStoreOptions {
  readonly kv: Pick<Kv, "get" | "getMany">;
  readonly clock: Clock;
}

export interface NewSession {
  readonly account: AccountRecord;
  readonly kind: SessionRecord["kind"];
  readonly client: Client;
  readonly secondFactor: boolean;
  /** Of the secret that is given out; the session's id goes into it. */
  readonly hashes: Pick<SessionRecord, "secretHash" | "familyHash">;
}

/** A part of a commit that was read for. */
export interface SessionEnding {
  readonly ids: readonly string[];
  join(atomic: Atomic): void;
}

export interface SessionStore extends SessionSight {
  newId(): string;
  /** Opens a sign-in in the caller's commit, which must check the account it was read from. */
  opening(id: string, session: NewSession): Promise<(atomic: Atomic) => void>;
  /** Ends all sign-ins of the account in the caller's commit, all but one, or only one. */
  ending(accountId: string, exceptId?: string, onlyId?: string): Promise<SessionEnding>;
  /** Those that live, newest first. */
  list(accountId: string): Promise<SessionRecord[]>;
  isAlive(record: SessionRecord | null): record is SessionRecord;
  /** Puts the record in place, to expire when the sign-in ends. */
  put(atomic: Atomic, record: SessionRecord): void;
}

const SESSIONS_MAX = 50;
const ID_CHARACTERS = 20;

export function createSessionStore({ kv, clock }: SessionStoreOptions): SessionStore {
  const sight = createSessionSight({ kv, clock });
  const isAlive = (record: SessionRecord | null): record is SessionRecord =>
    record !== null && endOf(record) > clock.now();
  const indexWrite = (atomic: Atomic, accountId: string, index: SessionIndex) => {
    const key = keys.sessionsOf(accountId);
    if (index.length === 0) atomic.delete(key);
    else atomic.set(key, index, { expireIn: LIVES.api.wholeMs });
  };
  const put = (atomic: Atomic, record: SessionRecord) => {
    const expireIn = Math.max(endOf(record) - clock.now(), 0);
    atomic.set(keys.session(record.id), record, { expireIn });
  };
  return {
    ...sight,
    newId: () => randomBase62(ID_CHARACTERS),
    isAlive,
    put,
    async opening(id, session) {
      const { account, kind } = session;
      const { value, versionstamp } = await kv.get(keys.sessionsOf(account.id));
      const now = clock.now();
      const expiresAt = now + LIVES[kind].wholeMs;
      const living = (value ?? []).filter((known) => known.expiresAt > now);
      const kept = living.slice(-(SESSIONS_MAX - 1));
      const evicted = living.slice(0, living.length - kept.length);
      return (atomic) => {
        atomic.check(keys.sessionsOf(account.id), versionstamp);
        indexWrite(atomic, account.id, [...kept, { id, expiresAt }]);
        for (const old of evicted) atomic.delete(keys.session(old.id));
        put(atomic, newRecord(id, session, now, expiresAt));
      };
    },
    async ending(accountId, exceptId, onlyId) {
      const { value, versionstamp } = await kv.get(keys.sessionsOf(accountId));
      const ends = ({ id }: SessionIndex[number]) =>
        id !== exceptId && (onlyId === undefined || id === onlyId);
      const index = value ?? [];
      const ids = index.filter(ends).map(({ id }) => id);
      return {
        ids,
        join(atomic) {
          atomic.check(keys.sessionsOf(accountId), versionstamp);
          if (ids.length === 0) return;
          indexWrite(atomic, accountId, index.filter((known) => !ends(known)));
          for (const id of ids) atomic.delete(keys.session(id));
        },
      };
    },
    async list(accountId) {
      const { value } = await kv.get(keys.sessionsOf(accountId));
      const found = await kv.getMany((value ?? []).map(({ id }) => keys.session(id)));
      return found.map((entry) => entry.value).filter(isAlive).reverse();
    },
  };
}

function newRecord(
  id: string,
  { account, kind, client, secondFactor, hashes }: NewSession,
  now: number,
  expiresAt: number,
): SessionRecord {
  return {
    id,
    kind,
    accountId: account.id,
    role: account.role,
    createdAt: now,
    usedAt: now,
    expiresAt,
    device: deviceOf(client.device),
    address: networkOf(client.address),
    secondFactor,
    reauthenticatedAt: now,
    ...hashes,
  };
}
