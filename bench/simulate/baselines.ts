/**
 * What others do, for comparison, as notes/limits.md 3.2 describes them: a two-bucket counter in KV
 * read and written with each request, and the same counter with leased permits.
 */
import { keys } from "../../src/kv/keys.ts";
import type { IsolateParts, Taker } from "./fleet.ts";

/** A counter of two fixed windows: the slot is the newer one, `u` the older and the newer count. */
interface Buckets {
  readonly window: number;
  readonly before: number;
  readonly now: number;
  readonly version: string | null;
}

const ATTEMPTS_MAX = 10;

async function readBuckets({ store, clock, limit }: IsolateParts, client: number) {
  const key = keys.limitRing(limit.name, `c${client}`);
  const [{ value, versionstamp: version }] = await store.read([key]);
  const window = Math.floor(clock.now() / limit.windowMs);
  const age = value ? window - value.j : 2;
  const [before, now] = value && age < 2 ? (age === 0 ? value.u : [value.u[1], 0]) : [0, 0];
  const buckets: Buckets = { window, before, now, version };
  const save = async (count: number) => {
    const ring = { j: window, f: window - 1, u: [before, count], w: 0 };
    const write = { key, versionstamp: version, value: ring, expireIn: 2 * limit.windowMs };
    return (await store.commit([write])).ok;
  };
  return { buckets, save };
}

/** Uses that the two buckets stand for: the older one fades over the newer window. */
function estimate({ window, before, now }: Buckets, nowMs: number, windowMs: number): number {
  return before * (1 - (nowMs / windowMs - window)) + now;
}

/** One read and one commit with each request, again when somebody else was faster. */
export function strictTwoBuckets(parts: IsolateParts): Taker {
  const { clock, limit: { quota, windowMs } } = parts;
  return async (client, cost) => {
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      const { buckets, save } = await readBuckets(parts, client);
      if (estimate(buckets, clock.now(), windowMs) + cost > quota) return false;
      if (await save(buckets.now + cost)) return true;
    }
    return false;
  };
}

/** Permits taken in lots; what a window leaves unused is given back with the next lot. */
export function leasedTwoBuckets(parts: IsolateParts): Taker {
  const leases = new Map<number, BucketLease>();
  return (client, cost) => {
    let lease = leases.get(client);
    if (!lease) leases.set(client, lease = new BucketLease(parts, client));
    return lease.take(cost);
  };
}

class BucketLease {
  #permits = 0;
  #window = 0;
  #waiting = 0;
  #rate = 0;
  #ratedAt = 0;
  #blockedUntil = 0;
  #flight: Promise<void> | undefined;

  constructor(readonly parts: IsolateParts, readonly client: number) {}

  take(cost: number): boolean | Promise<boolean> {
    const { clock, limit } = this.parts;
    const nowMs = clock.now();
    this.#rate = this.#rate * Math.exp((this.#ratedAt - nowMs) / 5_000) + cost / 5;
    this.#ratedAt = nowMs;
    if (nowMs < this.#blockedUntil) return false;
    if (this.#window === Math.floor(nowMs / limit.windowMs) && this.#permits >= cost) {
      this.#permits -= cost;
      return true;
    }
    return this.#wait(cost);
  }

  async #wait(cost: number): Promise<boolean> {
    this.#waiting += cost;
    try {
      this.#flight ??= this.#renew().finally(() => this.#flight = undefined);
      await this.#flight;
    } finally {
      this.#waiting -= cost;
    }
    if (this.#permits < cost) return false;
    this.#permits -= cost;
    return true;
  }

  async #renew(): Promise<void> {
    const { clock, isolates, limit: { quota, windowMs } } = this.parts;
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      const { buckets, save } = await readBuckets(this.parts, this.client);
      const unused = this.#window === buckets.window - 1 ? this.#permits : 0;
      const before = Math.max(0, buckets.before - unused);
      const room = Math.floor(quota - estimate({ ...buckets, before }, clock.now(), windowMs));
      if (room < 1) {
        this.#blockedUntil = clock.now() + windowMs / 20;
        return;
      }
      const fair = Math.max(1, Math.floor(room / (2 * isolates())));
      const granted = Math.min(room, Math.max(1, this.#waiting, this.#rate * 5), 50, fair);
      if (await save(buckets.now + Math.floor(granted))) {
        const kept = this.#window === buckets.window ? this.#permits : 0;
        this.#permits = kept + Math.floor(granted);
        this.#window = buckets.window;
        return;
      }
    }
  }
}
