/**
 * The door to Deno KV. Rooms get this and nothing else, so every call has a deadline, feeds the
 * breaker, and keeps to the limits of the strictest backend (notes: the remote one).
 */
import type { Key, Prefix } from "./keys.ts";

export interface Entry<Value> {
  readonly value: Value | null;
  /** Null when the key does not exist; what a later `check` compares. */
  readonly versionstamp: string | null;
}

export type Commit = { readonly ok: true; readonly versionstamp: string } | { readonly ok: false };

/** The mutations of one commit. Built anew for each try, so building it must have no effects. */
export interface Atomic {
  /** The commit is refused unless the key still has this version (null: does not exist). */
  check<Value>(key: Key<Value>, versionstamp: string | null): this;
  set<Value>(key: Key<Value>, value: Value, options?: { readonly expireIn?: number }): this;
  delete(key: Key<unknown>): this;
  /**
   * Adds to a counter; a negative number takes away. The key is only ever written by `sum`, and so
   * never expires.
   */
  sum(key: Key<Deno.KvU64>, by: bigint): this;
}

export interface PageOptions<Value = unknown> {
  /** Rows wanted, 1 to 200. */
  readonly limit: number;
  /** A cursor this prefix handed out before; anything else throws `INVALID_CURSOR`. */
  readonly cursor?: string;
  readonly reverse?: boolean;
  /** The rest of a key after the prefix: rows from it on (included), up to it (excluded). */
  readonly from?: Deno.KvKey;
  readonly until?: Deno.KvKey;
  /**
   * Leaves rows out. At most 1000 rows are looked at, so a page may hold fewer than `limit` and
   * still have a `next_cursor`.
   */
  readonly filter?: (value: Value, key: Deno.KvKey) => boolean;
}

export interface Page<Value> {
  readonly items: readonly { readonly key: Deno.KvKey; readonly value: Value }[];
  readonly next_cursor: string | null;
}

export interface EnqueueOptions {
  readonly delayMs?: number;
  readonly ifUndelivered?: Key<unknown>;
}

export interface Kv {
  get<Value>(key: Key<Value>): Promise<Entry<Value>>;
  /** Any number of keys; read in groups the backend accepts, answered in the order asked. */
  getMany<Value>(keys: readonly Key<Value>[]): Promise<Entry<Value>[]>;
  page<Value>(prefix: Prefix<Value>, options: PageOptions<Value>): Promise<Page<Value>>;
  /**
   * One atomic commit. Retries `database is locked`; answers `{ ok: false }` when a check failed.
   * Rejects when KV failed or did not answer in time: then the commit may or may not have landed.
   */
  commit(build: (atomic: Atomic) => void): Promise<Commit>;
  /**
   * A commit whose outcome must be known: after a failure or a timeout it asks `landed`, and tries
   * again until it is certain or `attempts` are used up.
   */
  commitSure(
    build: (atomic: Atomic) => void,
    landed: () => Promise<boolean>,
    options?: { readonly attempts?: number },
  ): Promise<Commit>;
  /**
   * Rings every listener, once and perhaps late, where this KV has queues; answers whether it has.
   * A message nobody could be given is written under `ifUndelivered`.
   */
  enqueue(message: unknown, options?: EnqueueOptions): Promise<boolean>;
  /** Hears messages as long as KV is open, where it has queues. The handler must return at once. */
  listen(handler: (message: unknown) => void): void;
  /**
   * Refuses all later calls. Calls to a remote KV that is out are retried by the runtime even
   * then and keep the process alive, so a stop ends with `Deno.exit`.
   */
  close(): void;
}
