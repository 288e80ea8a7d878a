/**
 * Refresh tokens rotate: each is good once, for the next one. Within 30 seconds a spent token is
 * answered with the same successor, because tabs race and replies get lost; later it has been
 * stolen, or its thief was first, and the sign-in ends for both.
 */
import type { SessionRecord, SpentToken } from "../kv/auth_records.ts";
import { keys } from "../kv/keys.ts";
import type { Atomic, Kv } from "../kv/kv.ts";
import { type Clock, SECOND } from "../time.ts";
import type { AuditLog } from "./audit.ts";
import { seal, unseal } from "./secrets.ts";
import { readRefreshToken, type RefreshToken } from "./session_secrets.ts";
import type { SessionStore } from "./session_store.ts";
import { type Draft, transact } from "./transact.ts";

export interface RefreshOptions {
  readonly kv: Pick<Kv, "get" | "commitSure">;
  readonly clock: Clock;
  readonly sessions: SessionStore;
  readonly audit: AuditLog;
}

export type RefreshOutcome =
  | {
    readonly result: "rotated" | "repeated";
    readonly token: string;
    readonly session: SessionRecord;
  }
  | { readonly result: "reused"; readonly session: SessionRecord }
  | { readonly result: "refused" };

const REPEAT_MS = 30 * SECOND;
/** Of tokens spent within those 30 seconds; who refreshes faster than that has no use for tokens. */
const SPENT_MAX = 5;

export function createRefresh(
  { kv, clock, sessions, audit }: RefreshOptions,
): (text: string, requestId?: string) => Promise<RefreshOutcome> {
  /** The spent token if the shown one was in force at most 30 seconds ago. */
  const repeated = ({ spent = [] }: SessionRecord, { secretHash }: RefreshToken) =>
    spent.find(({ hash, at }) => hash === secretHash && clock.now() - at <= REPEAT_MS);

  function rotation(
    session: SessionRecord,
    versionstamp: string | null,
    shown: RefreshToken,
  ): Draft<RefreshOutcome> {
    const now = clock.now();
    const successor = shown.successor();
    const spent = [...stillSpent(session, now), spend(shown, successor, now)].slice(-SPENT_MAX);
    const next = { ...session, usedAt: now, secretHash: successor.secretHash, spent };
    const build = (atomic: Atomic) => {
      atomic.check(keys.session(session.id), versionstamp);
      sessions.put(atomic, next);
    };
    const landed = async () => {
      const { value } = await kv.get(keys.session(session.id));
      const hashes = [value?.secretHash, ...(value?.spent ?? []).map(({ hash }) => hash)];
      return hashes.includes(successor.secretHash);
    };
    const result = { result: "rotated", token: successor.text, session: next } as const;
    return { result, write: { build, landed } };
  }

  async function endOfFamily(
    session: SessionRecord,
    versionstamp: string | null,
    requestId: string,
  ): Promise<Draft<RefreshOutcome>> {
    const { join } = await sessions.ending(session.accountId, undefined, session.id);
    // Whoever holds the token is not known to be the account's owner.
    const by = { id: "gate", requestId };
    const entry = audit.entry({ by, action: "session.end_reused", target: session.id });
    const build = (atomic: Atomic) => {
      join(atomic);
      entry.join(atomic);
      // Also when it is missing in the account's list it must end, and be reported once.
      atomic.check(keys.session(session.id), versionstamp).delete(keys.session(session.id));
    };
    const landed = async () => (await kv.get(keys.session(session.id))).value === null;
    return { result: { result: "reused", session }, write: { build, landed } };
  }

  return async (text, requestId = "") => {
    const shown = readRefreshToken(text);
    if (!shown) return { result: "refused" };
    const outcome = await transact<RefreshOutcome>(kv, async () => {
      const { value: session, versionstamp } = await kv.get(keys.session(shown.sessionId));
      if (!sessions.isAlive(session) || session.familyHash !== shown.familyHash) {
        return { result: { result: "refused" } };
      }
      if (session.secretHash === shown.secretHash) {
        return rotation(session, versionstamp, shown);
      }
      const spent = repeated(session, shown);
      const token = spent && openSuccessor(spent, shown);
      return token === undefined
        ? await endOfFamily(session, versionstamp, requestId)
        : { result: { result: "repeated", token, session } };
    });
    if (outcome.result !== "refused") sessions.forget([shown.sessionId]);
    return outcome;
  };
}

function stillSpent({ spent = [] }: SessionRecord, now: number): readonly SpentToken[] {
  return spent.filter(({ at }) => now - at <= REPEAT_MS);
}

/** KV holds the successor only under a key made of the token it follows, which KV does not hold. */
function spend(shown: RefreshToken, successor: RefreshToken, at: number): SpentToken {
  const text = new TextEncoder().encode(successor.text);
  const sealedSuccessor = seal(shown.sealingKey(), text, shown.sessionId);
  return { hash: shown.secretHash, at, sealedSuccessor };
}

function openSuccessor({ sealedSuccessor }: SpentToken, shown: RefreshToken): string | undefined {
  const text = unseal(shown.sealingKey(), sealedSuccessor, shown.sessionId);
  return text && new TextDecoder().decode(text);
}
