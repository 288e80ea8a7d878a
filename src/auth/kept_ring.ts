/**
 * The key ring of a start without JWT_SECRET: keys drawn at random and kept in KV. A new key is
 * shown to all isolates before it signs, and an old one is believed until its last token is long
 * over, so a change of keys signs nobody out.
 */
import { AppError } from "../errors/app_error.ts";
import type { KeyRingRecord } from "../kv/auth_records.ts";
import { keys } from "../kv/keys.ts";
import type { Atomic, Kv } from "../kv/kv.ts";
import { type Clock, DAY, MINUTE, SECOND } from "../time.ts";
import type { Actor, AuditEntry, AuditLog } from "./audit.ts";
import { deriveSigningKey, type KeyRing, type SigningKey } from "./key_ring.ts";
import { hashSecret, randomSecret } from "./secrets.ts";
import { transact } from "./transact.ts";

export interface KeptRingOptions {
  readonly kv: Kv;
  readonly clock: Clock;
  readonly audit: AuditLog;
}

export interface KeptRing extends KeyRing {
  /**
   * Draws a new key, which signs from 2 minutes later on; one that waits already is answered as it
   * is. Throws `CONFLICT` while 5 keys are still believed.
   */
  rotate(by: Actor): Promise<{ readonly kid: string; readonly signsFrom: number }>;
}

type Kept = KeyRingRecord["keys"][number];

const SECRET_BYTES = 32;
const KEYS_MAX = 5;
/** Twice the time in which every isolate reads the ring again. */
const NOTICE_MS = 2 * MINUTE;
const REREAD_MS = MINUTE;
/** Tokens with invented key ids make us read the ring this often at most. */
const REREAD_FOR_UNKNOWN_MS = 5 * SECOND;
const BELIEVED_AFTER_MS = DAY;

export function createKeptRing({ kv, clock, audit }: KeptRingOptions): KeptRing {
  let known: readonly (Kept & SigningKey)[] = [];
  let readAt = -Infinity;
  let reading: Promise<void> | undefined;

  const remember = ({ keys }: KeyRingRecord) => {
    known = keys.map((kept) => ({ ...kept, ...deriveSigningKey(kept.secret) }));
    readAt = clock.monotonic();
  };
  const read = () => reading ??= load(kv, clock).then(remember).finally(() => reading = undefined);
  const freshen = async (maxAgeMs: number) => {
    if (clock.monotonic() - readAt < maxAgeMs) return;
    try {
      await read();
    } catch (error) {
      // What is known stays good while KV is out: its outage must not sign everyone out.
      if (known.length === 0) throw error;
    }
  };
  const believed = (kid: string) =>
    stillBelieved(known, clock.now()).find((key) => key.kid === kid);

  return {
    async signing() {
      await freshen(REREAD_MS);
      const current = known.findLast(({ signsFrom }) => signsFrom <= clock.now());
      return current ?? known[0];
    },
    async find(kid) {
      await freshen(REREAD_MS);
      if (!believed(kid)) await freshen(REREAD_FOR_UNKNOWN_MS);
      return believed(kid);
    },
    async rotate(by) {
      await freshen(0);
      const next = await addKey({ kv, clock, audit }, by);
      await freshen(0);
      return next;
    },
  };
}

/** A key is believed for a day after the next one began to sign. */
function stillBelieved<Key extends Kept>(ring: readonly Key[], now: number): readonly Key[] {
  return ring.filter((_, index) => {
    const next = ring[index + 1];
    return next === undefined || next.signsFrom + BELIEVED_AFTER_MS > now;
  });
}

/** The ring in KV; the first isolate that looks draws its first key. */
function load(kv: Kv, clock: Clock): Promise<KeyRingRecord> {
  const first = { keys: [{ secret: randomSecret(SECRET_BYTES), signsFrom: clock.now() }] };
  return transact(kv, async () => {
    const { value, versionstamp } = await kv.get(keys.keyRing());
    if (value) return { result: value };
    return { result: first, write: ringWrite(kv, versionstamp, first) };
  });
}

function addKey({ kv, clock, audit }: KeptRingOptions, by: Actor) {
  const secret = randomSecret(SECRET_BYTES);
  const { kid } = deriveSigningKey(secret);
  const entry = audit.entry({ by, action: "token_key.rotate", target: kid });
  return transact(kv, async () => {
    const now = clock.now();
    const { value, versionstamp } = await kv.get(keys.keyRing());
    const ring = stillBelieved(value?.keys ?? [], now);
    const last = ring.at(-1);
    if (last && last.signsFrom > now) {
      return { result: { kid: deriveSigningKey(last.secret).kid, signsFrom: last.signsFrom } };
    }
    if (ring.length >= KEYS_MAX) throw new AppError("CONFLICT");
    const signsFrom = now + NOTICE_MS;
    const next = { keys: [...ring, { secret, signsFrom }] };
    return { result: { kid, signsFrom }, write: ringWrite(kv, versionstamp, next, entry) };
  });
}

function ringWrite(
  kv: Kv,
  versionstamp: string | null,
  ring: KeyRingRecord,
  entry?: AuditEntry,
) {
  const newest = hashSecret(ring.keys[ring.keys.length - 1].secret);
  return {
    build(atomic: Atomic) {
      atomic.check(keys.keyRing(), versionstamp).set(keys.keyRing(), ring);
      entry?.join(atomic);
    },
    async landed() {
      const { value } = await kv.get(keys.keyRing());
      return value?.keys.some(({ secret }) => hashSecret(secret) === newest) ?? false;
    },
  };
}
