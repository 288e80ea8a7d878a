/**
 * A KV that fails on demand, for tests that cut KV under one room or under the whole app.
 *
 * It has the shape of `Deno.Kv`, keeps its data in a real one (`:memory:` of its own, or the one
 * given as `over`, so that several of them are several isolates), and goes under our wrapper as
 * `raw`:
 *
 *     using raw = await createFaultKv({ seed: 1 });
 *     const kv = await openKv({ path: ":memory:", raw, clock, log: silentLog, breaker });
 *     raw.inject({ error: 1 });                    // every call rejects, nothing is applied
 *     raw.inject({ hang: 1 });                     // no call answers; they land when it heals
 *     raw.inject({ slowMs: 300 });                 // every call takes 300 ms longer
 *     raw.inject({ lostReply: 0.05 });             // 5 % of commits are applied and then reject
 *     raw.inject({ silentReply: 0.05 });           // ... or are applied and never answer
 *     raw.inject({ locked: 0.5 });                 // half the checked commits: database is locked
 *     raw.inject({ error: 1, only: ["commit"] });  // reads go on
 *     raw.heal();                                  // from now on it works; hung calls go on
 *     raw.counts.trips                             // calls so far; resetCounts() begins anew
 *
 * A share is of 0 to 1; each `inject` replaces the faults before it. Which call is hit follows from
 * `seed` and the order of calls. Delays use `setTimeout`, so `FakeTime` turns them.
 *
 * `remote: true` adds what a KV Connect server refuses: 11 checks, `enqueue`, queue listeners; its
 * `watch` shows the first value and then nothing, as for writes of other processes; and its keys
 * expire 60 s late.
 */

/** The calls a fault can be limited to. A `set` or `delete` outside an atomic is a commit. */
export type FaultTarget = "read" | "list" | "commit";

export interface Faults {
  readonly error?: number;
  /** Of reads and lists, in place of `error`. */
  readonly readError?: number;
  readonly hang?: number;
  readonly slowMs?: number;
  readonly lostReply?: number;
  readonly silentReply?: number;
  readonly locked?: number;
  readonly only?: readonly FaultTarget[];
}

export interface FaultCounts {
  /** Calls that left for KV, whatever became of them. */
  trips: number;
  /** Keys asked for by get and getMany. */
  reads: number;
  /** Pages asked for by list. */
  lists: number;
  commits: number;
  /** Mutations in commits. */
  writes: number;
  /** Commits refused because a check failed. */
  conflicts: number;
  /** Calls hit by a fault; slowness does not count. */
  faults: number;
}

export interface FaultKvOptions {
  readonly seed?: number;
  readonly remote?: boolean;
  /** The KV that keeps the data; it is then not closed with this one. */
  readonly over?: Deno.Kv;
}

export const REMOTE_CHECKS_MAX = 10;
const REMOTE_EXPIRY_LATE_MS = 60_000;

const NO_COUNTS: FaultCounts = {
  trips: 0,
  reads: 0,
  lists: 0,
  commits: 0,
  writes: 0,
  conflicts: 0,
  faults: 0,
};

export async function createFaultKv(options: FaultKvOptions = {}): Promise<FaultKv> {
  return new FaultKv(options.over ?? await Deno.openKv(":memory:"), options);
}

/** A small seeded generator (mulberry32): the same seed gives the same run. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const never = <Result>() => new Promise<Result>(() => {});
/** The error the platform's users report in waves (notes/ops.md 0.4). */
const outage = () => new TypeError("txnproxy call timed out");

export class FaultKv implements Deno.Kv {
  readonly remote: boolean;
  counts: FaultCounts = { ...NO_COUNTS };
  readonly #raw: Deno.Kv;
  readonly #ownsRaw: boolean;
  readonly #random: () => number;
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  #faults: Faults = {};
  #healed = Promise.withResolvers<void>();
  #closed = false;

  constructor(raw: Deno.Kv, { seed = 1, remote = false, over }: FaultKvOptions) {
    this.#raw = raw;
    this.#ownsRaw = over === undefined;
    this.#random = seededRandom(seed);
    this.remote = remote;
  }

  inject(faults: Faults): void {
    this.#faults = faults;
  }

  heal(): void {
    this.#faults = {};
    this.#healed.resolve();
    this.#healed = Promise.withResolvers();
  }

  resetCounts(): void {
    this.counts = { ...NO_COUNTS };
  }

  get<T = unknown>(key: Deno.KvKey, options?: { consistency?: Deno.KvConsistencyLevel }) {
    this.counts.reads++;
    return this.trip("read", () => this.#raw.get<T>(key, options));
  }

  getMany<T extends readonly unknown[]>(
    keys: readonly [...{ [K in keyof T]: Deno.KvKey }],
    options?: { consistency?: Deno.KvConsistencyLevel },
  ) {
    this.counts.reads += keys.length;
    return this.trip("read", () => this.#raw.getMany<T>(keys, options));
  }

  list<T = unknown>(selector: Deno.KvListSelector, options?: Deno.KvListOptions) {
    return new FaultListIterator<T>(this, this.#raw.list<T>(selector, options));
  }

  atomic(): FaultAtomic {
    return new FaultAtomic(this, this.#raw.atomic());
  }

  async set(key: Deno.KvKey, value: unknown, options?: { expireIn?: number }) {
    const result = await this.atomic().set(key, value, options).commit();
    if (!result.ok) throw new Error("a commit without checks was refused");
    return result;
  }

  async delete(key: Deno.KvKey): Promise<void> {
    await this.atomic().delete(key).commit();
  }

  enqueue(value: unknown, options?: Parameters<Deno.Kv["enqueue"]>[1]) {
    if (this.remote) return Promise.reject(noQueues());
    return this.trip("commit", () => this.#raw.enqueue(value, options));
  }

  listenQueue(handler: Parameters<Deno.Kv["listenQueue"]>[0]): Promise<void> {
    return this.remote ? never() : this.#raw.listenQueue(handler);
  }

  watch<T extends readonly unknown[]>(
    keys: readonly [...{ [K in keyof T]: Deno.KvKey }],
    options?: { raw?: boolean },
  ): ReadableStream<{ [K in keyof T]: Deno.KvEntryMaybe<T[K]> }> {
    if (!this.remote) return this.#raw.watch<T>(keys, options);
    return new ReadableStream({
      start: async (stream) => stream.enqueue(await this.getMany<T>(keys)),
    });
  }

  commitVersionstamp(): symbol {
    return this.#raw.commitVersionstamp();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    if (this.#ownsRaw) this.#raw.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Whether a fault of this share hits the call now being made. */
  hit(
    target: FaultTarget,
    fault: "error" | "readError" | "hang" | "lostReply" | "silentReply" | "locked",
  ) {
    const { only, [fault]: share = 0 } = this.#faults;
    if (share === 0 || only && !only.includes(target)) return false;
    const isHit = this.#random() < share;
    if (isHit) this.counts.faults++;
    return isHit;
  }

  /** One call to KV with the faults that come before it is applied. */
  async trip<Result>(target: FaultTarget, call: () => Promise<Result>): Promise<Result> {
    this.counts.trips++;
    const { slowMs = 0, only } = this.#faults;
    if (slowMs > 0 && (!only || only.includes(target))) await this.#pause(slowMs);
    if (this.hit(target, "hang")) await this.#healed.promise;
    const isRead = target !== "commit" && this.#faults.readError !== undefined;
    if (this.hit(target, isRead ? "readError" : "error")) throw outage();
    return await call();
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        resolve();
      }, ms);
      this.#timers.add(timer);
    });
  }
}

export class FaultAtomic implements Deno.AtomicOperation {
  readonly #kv: FaultKv;
  readonly #raw: Deno.AtomicOperation;
  #checks = 0;
  #mutations = 0;

  constructor(kv: FaultKv, raw: Deno.AtomicOperation) {
    this.#kv = kv;
    this.#raw = raw;
  }

  check(...checks: Deno.AtomicCheck[]): this {
    this.#checks += checks.length;
    this.#raw.check(...checks);
    return this;
  }

  mutate(...mutations: Deno.KvMutation[]): this {
    return this.#add(mutations.length, () => this.#raw.mutate(...mutations));
  }

  sum(key: Deno.KvKey, n: bigint): this {
    return this.#add(1, () => this.#raw.sum(key, n));
  }

  min(key: Deno.KvKey, n: bigint): this {
    return this.#add(1, () => this.#raw.min(key, n));
  }

  max(key: Deno.KvKey, n: bigint): this {
    return this.#add(1, () => this.#raw.max(key, n));
  }

  set(key: Deno.KvKey, value: unknown, options?: { expireIn?: number }): this {
    const { expireIn } = options ?? {};
    const late = this.#kv.remote && expireIn !== undefined;
    const lifetime = late ? { expireIn: expireIn + REMOTE_EXPIRY_LATE_MS } : options;
    return this.#add(1, () => this.#raw.set(key, value, lifetime));
  }

  delete(key: Deno.KvKey): this {
    return this.#add(1, () => this.#raw.delete(key));
  }

  enqueue(value: unknown, options?: Parameters<Deno.Kv["enqueue"]>[1]): this {
    if (this.#kv.remote) throw noQueues();
    return this.#add(1, () => this.#raw.enqueue(value, options));
  }

  async commit(): Promise<Deno.KvCommitResult | Deno.KvCommitError> {
    const { counts } = this.#kv;
    counts.commits++;
    counts.writes += this.#mutations;
    const result = await this.#kv.trip("commit", () => this.#apply());
    if (!result.ok) counts.conflicts++;
    if (this.#kv.hit("commit", "silentReply")) return await never();
    if (this.#kv.hit("commit", "lostReply")) throw outage();
    return result;
  }

  #apply() {
    if (this.#kv.remote && this.#checks > REMOTE_CHECKS_MAX) {
      throw new Error(
        "KV Connect failed to call 'http://fault/v2/atomic_write' (status=400 Bad Request): " +
          "Too many checks included in atomic write.",
      );
    }
    if (this.#checks > 0 && this.#kv.hit("commit", "locked")) {
      throw new TypeError("database is locked");
    }
    return this.#raw.commit();
  }

  #add(mutations: number, put: () => void): this {
    this.#mutations += mutations;
    put();
    return this;
  }
}

class FaultListIterator<T> implements Deno.KvListIterator<T> {
  readonly #kv: FaultKv;
  readonly #raw: Deno.KvListIterator<T>;
  #started = false;

  constructor(kv: FaultKv, raw: Deno.KvListIterator<T>) {
    this.#kv = kv;
    this.#raw = raw;
  }

  get cursor(): string {
    return this.#raw.cursor;
  }

  next(): Promise<IteratorResult<Deno.KvEntry<T>, undefined>> {
    if (this.#started) return this.#raw.next();
    this.#started = true;
    this.#kv.counts.lists++;
    return this.#kv.trip("list", () => this.#raw.next());
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<Deno.KvEntry<T>> {
    return this;
  }
}

const noQueues = () => new Error("Enqueue operations are not supported in KV Connect");
