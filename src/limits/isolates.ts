/**
 * How many isolates share the limits right now. Each writes a heartbeat and counts the others'.
 * There is no timer: a beat is due when a decision asks and the last one is 30 s old, so an idle
 * isolate costs nothing and soon stops being counted, as it should.
 */
import { keys, prefixes } from "../kv/keys.ts";
import type { Kv } from "../kv/kv.ts";
import { type Clock, SECOND } from "../time.ts";

const BEAT_MS = 30 * SECOND;
/** Two missed beats and an isolate is taken for gone. */
const ALIVE_MS = 3 * BEAT_MS;
/** Isolates to reckon with until the first answer. */
const UNKNOWN = 1;
/** More than this are counted as this many; the optimistic share is 0 long before. */
const COUNT_MAX = 200;
/** By how much the isolates alive are multiplied: the inverse of the part that is taken. */
const SETTLED = 4 / 3;
const NEWCOMER = 8;

export interface IsolateCount {
  /**
   * How many isolates the optimistic share of a limit is divided by; starts a beat when one is due.
   * More than are alive, because others may join before all have seen them: who has beaten twice
   * has seen and been seen, and takes three quarters of its part; a newcomer takes an eighth. With
   * up to 9 joining within one beat the parts add up to less than the whole.
   */
  shares(): number;
  /** Isolates alive at the last beat, this one included. */
  readonly alive: number;
  /** Says goodbye, so that the others need not wait for the beat to go stale. */
  leave(): Promise<void>;
}

export interface IsolateCountOptions {
  readonly kv: Kv;
  readonly clock: Clock;
  readonly id: string;
}

export function createIsolateCount({ kv, clock, id }: IsolateCountOptions): IsolateCount {
  let alive = UNKNOWN;
  let dueAt = 0;
  let beats = 0;

  const beat = async () => {
    const now = clock.now();
    await kv.commit((atomic) => atomic.set(keys.isolate(id), now, { expireIn: ALIVE_MS }));
    const { items } = await kv.page(prefixes.isolates(), { limit: COUNT_MAX });
    // KV deletes expired keys late, so the stored time decides.
    beats++;
    alive = Math.max(1, items.filter((item) => item.value > now - ALIVE_MS).length);
  };

  return {
    get alive() {
      return alive;
    },
    shares() {
      const now = clock.now();
      if (now >= dueAt) {
        dueAt = now + BEAT_MS;
        // Without KV the last known number holds; the next beat tries again.
        beat().catch(() => {});
      }
      return alive * (beats < 2 ? NEWCOMER : SETTLED);
    },
    async leave() {
      await kv.commit((atomic) => atomic.delete(keys.isolate(id))).catch(() => {});
    },
  };
}
