/**
 * Remembers the answer of a write for a day by the key its sender chose, so that sending it again
 * after a lost reply does not do it again. What the write is and who may send it is decided
 * elsewhere.
 */
import type { IdempotentWrite, Key } from "../kv/keys.ts";
import { keys } from "../kv/keys.ts";
import type { Kv } from "../kv/kv.ts";
import { type Clock, DAY, MINUTE } from "../time.ts";
import { hashContent } from "./content_hash.ts";

/** What is kept of an answer. */
export interface KeptAnswer {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
}

export interface Attempt {
  /** The sender and the route; keys of different scopes never meet. */
  readonly scope: string;
  /** The sender's key. */
  readonly key: string;
  /** The request's content; the same key with another content is the sender's mistake. */
  readonly content: string;
}

export type Begun =
  /** Do it, then `finish`, or `forget` when it failed. */
  | { readonly state: "new"; finish(answer: KeptAnswer): Promise<void>; forget(): Promise<void> }
  | { readonly state: "done"; readonly answer: KeptAnswer }
  | { readonly state: "running" }
  | { readonly state: "different" };

export interface Idempotency {
  begin(attempt: Attempt): Promise<Begun>;
}

const KEPT_MS = DAY;
/** A write that takes longer than this died with its isolate. */
const RUNNING_MS = MINUTE;
/** Bigger answers are not kept: a KV value has its limit. */
const BODY_CHARS_MAX = 12_000;

export interface IdempotencyOptions {
  readonly kv: Kv;
  readonly clock: Clock;
  /** Of this deployment: the one in use first, then former ones a write may have been kept under. */
  readonly secrets: () => Promise<readonly Uint8Array[]>;
}

export function createIdempotency({ kv, clock, secrets }: IdempotencyOptions): Idempotency {
  return {
    async begin(attempt) {
      const { scope, key } = attempt;
      const at = keys.idempotentWrite(await digest(`${scope}\n${key}`));
      const [contentHash, ...former] = (await secrets()).map((one) => hashContent(one, attempt));
      const found = await kv.get(at);
      const known = found.value;
      const now = clock.now();
      if (known && isCurrent(known, now)) {
        const isSame = [contentHash, ...former].includes(known.contentHash);
        if (!isSame) return { state: "different" };
        return known.answer ? { state: "done", answer: known.answer } : { state: "running" };
      }
      const mine: IdempotentWrite = { contentHash, at: now };
      const claim = await kv.commit((atomic) =>
        atomic.check(at, found.versionstamp).set(at, mine, { expireIn: KEPT_MS })
      );
      return claim.ok
        ? { state: "new", ...endings(kv, at, mine, claim.versionstamp) }
        : { state: "running" };
    },
  };
}

function endings(kv: Kv, at: Key<IdempotentWrite>, mine: IdempotentWrite, version: string) {
  return {
    async finish(answer: KeptAnswer) {
      if (answer.body.length > BODY_CHARS_MAX) return;
      await kv.commit((atomic) =>
        atomic.check(at, version).set(at, { ...mine, answer }, { expireIn: KEPT_MS })
      );
    },
    async forget() {
      await kv.commit((atomic) => atomic.check(at, version).delete(at));
    },
  };
}

const isCurrent = ({ at, answer }: IdempotentWrite, now: number) =>
  now - at < (answer ? KEPT_MS : RUNNING_MS);

async function digest(text: string): Promise<string> {
  const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return new Uint8Array(bytes).toHex();
}
