/**
 * The mutations of one commit, counted while they are added: what the strictest backend would
 * refuse is refused here, so that nothing works on a laptop and fails once deployed.
 */
import type { Key } from "./keys.ts";
import type { Atomic } from "./kv.ts";
import { keySizeBytes, valueSizeBytes } from "./size.ts";

/** The least of what SQLite, the denokv server and Deno Deploy accept, with a margin below it. */
export const KV_LIMITS = {
  checks: 10,
  mutations: 900,
  commitBytes: 700 * 1_024,
  valueBytes: 60_000,
  keyBytes: 2_048,
  /** Keys of one read. */
  readKeys: 10,
} as const;

const LAST_U64 = 2n ** 64n - 1n;

/** Throws `RangeError` when KV could not hold the key. */
export function keyBytesWithin(key: Key<unknown>): number {
  const sizeBytes = keySizeBytes(key.parts);
  if (sizeBytes > KV_LIMITS.keyBytes || sizeBytes === 0) {
    throw new RangeError(
      `KV key ${name(key)} takes ${sizeBytes} bytes; 1 to ${KV_LIMITS.keyBytes} are possible`,
    );
  }
  return sizeBytes;
}

/** The first part only: the rest may hold what must not be logged. */
const name = (key: Key<unknown>) => JSON.stringify(String(key.parts[0] ?? "").slice(0, 40));

/** Milliseconds as KV takes them; what has just expired lives for one more. */
function lifetimeMs(expireIn: number): number {
  if (!Number.isFinite(expireIn)) throw new RangeError(`expireIn cannot be ${expireIn}`);
  return Math.max(1, Math.ceil(expireIn));
}

/** An `Atomic` whose methods throw `RangeError` at the first thing over a limit. */
export class LimitedAtomic implements Atomic {
  readonly #operation: Deno.AtomicOperation;
  #checks = 0;
  #mutations = 0;
  #sizeBytes = 0;

  constructor(operation: Deno.AtomicOperation) {
    this.#operation = operation;
  }

  check<Value>(key: Key<Value>, versionstamp: string | null): this {
    keyBytesWithin(key);
    if (++this.#checks > KV_LIMITS.checks) {
      throw new RangeError(`A KV commit can hold at most ${KV_LIMITS.checks} checks`);
    }
    this.#operation.check({ key: key.parts, versionstamp });
    return this;
  }

  set<Value>(key: Key<Value>, value: Value, options: { readonly expireIn?: number } = {}): this {
    const sizeBytes = valueSizeBytes(value);
    if (sizeBytes > KV_LIMITS.valueBytes) {
      throw new RangeError(
        `KV value of ${name(key)} takes ${sizeBytes} bytes; ${KV_LIMITS.valueBytes} are possible`,
      );
    }
    this.#add(key, sizeBytes);
    const { expireIn } = options;
    const lifetime = expireIn === undefined ? undefined : { expireIn: lifetimeMs(expireIn) };
    this.#operation.set(key.parts, value, lifetime);
    return this;
  }

  delete(key: Key<unknown>): this {
    this.#add(key, 0);
    this.#operation.delete(key.parts);
    return this;
  }

  sum(key: Key<Deno.KvU64>, by: bigint): this {
    if (by > LAST_U64 || by < -LAST_U64) throw new RangeError(`A KV counter cannot hold ${by}`);
    this.#add(key, 8);
    this.#operation.sum(key.parts, BigInt.asUintN(64, by));
    return this;
  }

  #add(key: Key<unknown>, sizeBytes: number): void {
    this.#sizeBytes += keyBytesWithin(key) + sizeBytes;
    if (++this.#mutations > KV_LIMITS.mutations) {
      throw new RangeError(`A KV commit can hold at most ${KV_LIMITS.mutations} mutations`);
    }
    if (this.#sizeBytes > KV_LIMITS.commitBytes) {
      throw new RangeError(`A KV commit can hold at most ${KV_LIMITS.commitBytes} bytes`);
    }
  }
}
