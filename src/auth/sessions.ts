/**
 * The sign-ins of an account: whether one still lives, who a console cookie is, the list its owner
 * sees, and ending them. What was read is believed for a second, so an ended sign-in is over within
 * that time wherever it is asked.
 */
import type { VerifiedUser } from "../context.ts";
import type { SessionRecord } from "../kv/auth_records.ts";
import { keys } from "../kv/keys.ts";
import type { Atomic, Kv } from "../kv/kv.ts";
import type { Log } from "../log.ts";
import { type Clock, MINUTE } from "../time.ts";
import type { AuditLog } from "./audit.ts";
import { sameSecret } from "./secrets.ts";
import { endOf, type SessionView, sessionView } from "./session_rules.ts";
import { readConsoleCookie, readRefreshToken } from "./session_secrets.ts";
import type { SessionStore } from "./session_store.ts";
import { transact } from "./transact.ts";

/** Who a console cookie is. */
export interface ConsoleVisit {
  readonly user: VerifiedUser;
  readonly session: SessionView;
  /** What unsafe requests must bring along; compare with `sameSecret`. */
  readonly csrfToken: string;
}

/** Ends are in the audit log, as acts of the account's owner. */
export interface Sessions {
  /** Undefined when it has ended. For every user with a `sessionId`, at endpoints of ours. */
  live(sessionId: string): Promise<SessionView | undefined>;
  byCookie(cookie: string): Promise<ConsoleVisit | undefined>;
  /** Newest first, at most 50. */
  list(accountId: string): Promise<SessionView[]>;
  /** Whether there was such a sign-in of this account. */
  revoke(accountId: string, sessionId: string, requestId?: string): Promise<boolean>;
  /** Ends the sign-in that a refresh token belongs to, be it the last one or an older one. */
  logout(refreshToken: string, requestId?: string): Promise<void>;
  /** How many ended. */
  revokeAll(accountId: string, exceptSessionId?: string, requestId?: string): Promise<number>;
}

export interface SessionsOptions {
  readonly kv: Kv;
  readonly clock: Clock;
  readonly log: Log;
  readonly store: SessionStore;
  readonly audit: AuditLog;
}

/** Which sign-ins end: all but one, or one alone. */
interface Which {
  readonly exceptId?: string;
  readonly onlyId?: string;
}

/** A use is written down this often at most: an idle time of hours needs no better. */
const TOUCH_EVERY_MS = 5 * MINUTE;

export function createSessions(options: SessionsOptions): Sessions {
  const { kv, clock, store, audit } = options;
  const touch = createTouch(options);

  const end = async (accountId: string, requestId = "", { exceptId, onlyId }: Which = {}) => {
    const entry = audit.entry({
      by: { id: accountId, requestId },
      action: onlyId === undefined ? "session.end_all" : "session.end",
      target: onlyId ?? accountId,
    });
    const ids = await transact(kv, async () => {
      const { ids, join } = await store.ending(accountId, exceptId, onlyId);
      if (ids.length === 0) return { result: ids };
      const landed = async () => {
        const left = await kv.getMany(ids.map((id) => keys.session(id)));
        return left.every(({ value }) => value === null);
      };
      const build = (atomic: Atomic) => {
        join(atomic);
        entry.join(atomic);
      };
      return { result: ids, write: { build, landed } };
    });
    store.forget(ids);
    return ids.length;
  };

  return {
    async live(sessionId) {
      const record = await store.look(sessionId);
      return record && store.isAlive(record) ? sessionView(record) : undefined;
    },
    async byCookie(text) {
      const cookie = readConsoleCookie(text);
      const record = cookie && await store.look(cookie.sessionId);
      if (!cookie || !record || record.kind !== "console" || !store.isAlive(record)) {
        return undefined;
      }
      if (!sameSecret(record.secretHash, cookie.secretHash)) return undefined;
      if (clock.now() - record.usedAt >= TOUCH_EVERY_MS) await touch(record.id);
      return visitOf(record, cookie.csrfToken());
    },
    async list(accountId) {
      return (await store.list(accountId)).map(sessionView);
    },
    async revoke(accountId, sessionId, requestId) {
      return await end(accountId, requestId, { onlyId: sessionId }) > 0;
    },
    async logout(refreshToken, requestId) {
      const shown = readRefreshToken(refreshToken);
      if (!shown) return;
      const { value } = await kv.get(keys.session(shown.sessionId));
      if (value && value.familyHash === shown.familyHash) {
        await end(value.accountId, requestId, { onlyId: value.id });
      }
    },
    revokeAll: (accountId, exceptId, requestId) => end(accountId, requestId, { exceptId }),
  };
}

function visitOf(record: SessionRecord, csrfToken: string): ConsoleVisit {
  const session = sessionView(record);
  const { id: sessionId, accountId: id, role } = session;
  const user: VerifiedUser = {
    id,
    expiresAt: endOf(session),
    roles: [role],
    realm: "gatehouse",
    sessionId,
  };
  return { user, session, csrfToken };
}

/** Writes down that a sign-in was used, one write at a time. Never rejects. */
function createTouch({ kv, clock, log, store }: SessionsOptions) {
  const touching = new Set<string>();
  return async (id: string) => {
    if (touching.has(id)) return;
    touching.add(id);
    try {
      const change = (record: SessionRecord | null) =>
        store.isAlive(record) ? { ...record, usedAt: clock.now() } : undefined;
      await changeSession(kv, store, id, change);
    } catch (error) {
      log.debug("use of a sign-in was not written down", { error });
    } finally {
      touching.delete(id);
    }
  };
}

/** Puts `change(record)` in place; undefined leaves it. Answers what is stored then. */
export async function changeSession(
  kv: Kv,
  store: SessionStore,
  id: string,
  change: (record: SessionRecord | null) => SessionRecord | undefined,
): Promise<SessionRecord | null> {
  const result = await transact(kv, async () => {
    const { value, versionstamp } = await kv.get(keys.session(id));
    const next = change(value);
    if (!next) return { result: value };
    return {
      result: next,
      write: {
        build: (atomic) => store.put(atomic.check(keys.session(id), versionstamp), next),
        // Written again at worst: the change is the same whoever makes it.
        landed: () => Promise.resolve(false),
      },
    };
  });
  store.forget([id]);
  return result;
}
