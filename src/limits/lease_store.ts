/** The limiter's seam to storage, and the adapter that puts it on Deno KV. */
import type { Key, LimitRing } from "../kv/keys.ts";
import type { Commit, Entry, Kv } from "../kv/kv.ts";

/** One record of a commit, refused unless the record still has `versionstamp` (null: none). */
export interface LeaseWrite {
  readonly key: Key<LimitRing>;
  readonly versionstamp: string | null;
  readonly value: LimitRing;
  /** Milliseconds after which the record says nothing any more. */
  readonly expireIn: number;
}

/** Where the records are. Each call is one trip, and rejects when storage cannot answer. */
export interface LeaseStore {
  /** The entries in the order asked. */
  read(keys: readonly Key<LimitRing>[]): Promise<readonly Entry<LimitRing>[]>;
  /** All writes or none. After a rejection they may or may not have landed. */
  commit(writes: readonly LeaseWrite[]): Promise<Commit>;
}

export function createLeaseStore(kv: Pick<Kv, "getMany" | "commit">): LeaseStore {
  return {
    read: (keys) => kv.getMany(keys),
    commit: (writes) =>
      kv.commit((atomic) => {
        for (const { key, versionstamp, value, expireIn } of writes) {
          atomic.check(key, versionstamp).set(key, value, { expireIn });
        }
      }),
  };
}
