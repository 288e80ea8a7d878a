/**
 * KV in virtual time for the tasks' simulation: one linearizable store, and a line to it from each
 * isolate. A call may fail before it is applied, after it, or not be answered and land late; an
 * isolate may be killed or frozen between any two steps.
 */
import { LimitedAtomic } from "../../src/kv/atomic.ts";
import { createCommitSure } from "../../src/kv/commit.ts";
import { KvUnavailableError } from "../../src/kv/failure.ts";
import type { Key, Prefix } from "../../src/kv/keys.ts";
import type { Atomic, Commit, Entry, Kv, PageOptions } from "../../src/kv/kv.ts";
import type { Timers } from "../../src/resilience/timers.ts";
import type { VirtualTime } from "../simulate/kernel.ts";

export interface Row {
  readonly key: Deno.KvKey;
  readonly value: unknown;
  readonly version: string;
}

interface Mutation {
  readonly kind: "set" | "delete" | "sum";
  readonly key: Deno.KvKey;
  readonly value?: unknown;
}

/** One commit as the store applies it: all of it, or nothing. */
export interface Write {
  readonly checks: readonly { readonly key: Deno.KvKey; readonly versionstamp: string | null }[];
  readonly mutations: readonly Mutation[];
}

/** Orders as KV does, for the strings and whole numbers that our keys are made of. */
export function textOf(key: Deno.KvKey): string {
  return key.map((part) =>
    typeof part === "number" ? `9${String(part).padStart(16, "0")}\u0001` : `1${String(part)}\u0001`
  ).join("");
}

/** Ways in which a store can be broken. */
export interface Damage {
  readonly ignoreChecks?: boolean;
  /** Every so many mutations one is lost. */
  readonly loseEvery?: number;
}

export class VirtualStore {
  readonly rows = new Map<string, Row>();
  readonly #damage: Damage;
  #version = 0;
  #mutations = 0;
  /** Sees every commit that lands, with the rows as they were before. */
  onCommit: (write: Write, before: (key: Deno.KvKey) => unknown) => void = () => {};

  constructor(damage: Damage = {}) {
    this.#damage = damage;
  }

  get(key: Deno.KvKey): Entry<unknown> {
    const row = this.rows.get(textOf(key));
    return { value: row?.value ?? null, versionstamp: row?.version ?? null };
  }

  list(prefix: Deno.KvKey, from: Deno.KvKey = [], until?: Deno.KvKey): Row[] {
    const start = textOf([...prefix, ...from]);
    const end = until && textOf([...prefix, ...until]);
    const within = textOf(prefix);
    const found: [string, Row][] = [];
    for (const [text, row] of this.rows) {
      const isIn = text.startsWith(within) && text !== within && text >= start;
      if (isIn && (!end || text < end)) found.push([text, row]);
    }
    return found.sort(([one], [other]) => one < other ? -1 : 1).map(([, row]) => row);
  }

  apply(write: Write): Commit {
    for (const { key, versionstamp } of write.checks) {
      const isSame = this.get(key).versionstamp === versionstamp;
      if (!isSame && !this.#damage.ignoreChecks) return { ok: false };
    }
    this.onCommit(write, (key) => this.get(key).value);
    const version = String(++this.#version).padStart(20, "0");
    for (const { kind, key, value } of write.mutations) {
      const text = textOf(key);
      if (++this.#mutations % (this.#damage.loseEvery ?? Infinity) === 0) continue;
      if (kind === "delete") this.rows.delete(text);
      else if (kind === "set") this.rows.set(text, { key, value, version });
      else {
        const old = this.rows.get(text)?.value as bigint | undefined;
        const sum = BigInt.asUintN(64, (old ?? 0n) + (value as bigint));
        this.rows.set(text, { key, value: sum, version });
      }
    }
    return { ok: true, versionstamp: version };
  }
}

/** Shares of calls, 0 to 1. */
export interface LineFaults {
  readonly before: number;
  readonly after: number;
  /** No answer, and the commit lands up to 3 s later, if at all. */
  readonly late: number;
  readonly reads: number;
}

export interface Isolate {
  isDead: boolean;
  frozenUntilMs: number;
}

const DEADLINE_MS = 400;

/** What one isolate does, happens only while it lives and is not frozen. */
export function isolateTimers(time: VirtualTime, isolate: Isolate): Timers {
  const gate = (run: () => void): void => {
    if (isolate.isDead) return;
    const frozenMs = isolate.frozenUntilMs - time.nowMs;
    if (frozenMs > 0) time.after(frozenMs, () => gate(run));
    else run();
  };
  return {
    after(ms, run) {
      let isCancelled = false;
      time.after(Math.max(0, ms), () => gate(() => isCancelled || run()));
      return () => void (isCancelled = true);
    },
  };
}

const failed = (reason: "failed" | "timeout") => new KvUnavailableError(reason, `KV ${reason}`);

export interface LineOptions {
  readonly time: VirtualTime;
  readonly store: VirtualStore;
  readonly isolate: Isolate;
  readonly random: () => number;
  readonly faults: () => LineFaults;
}

export function virtualKv(options: LineOptions): Kv {
  const { time, store, isolate, random, faults } = options;
  const timers = isolateTimers(time, isolate);
  const tripMs = () => 0.5 + 4 * random() ** 3;

  const read = <Result>(ask: () => Result): Promise<Result> =>
    new Promise((resolve, reject) => {
      const isLost = random() < faults().reads;
      time.after(tripMs(), () => {
        const result = isLost ? undefined : ask();
        timers.after(tripMs(), () => isLost ? reject(failed("failed")) : resolve(result as Result));
      });
    });

  const commit = (build: (atomic: Atomic) => void): Promise<Commit> => {
    const write = record(build);
    return new Promise((resolve, reject) => {
      const { before, after, late } = faults();
      const chance = random();
      if (chance < before) {
        timers.after(tripMs(), () => reject(failed("failed")));
      } else if (chance < before + late) {
        if (random() < 0.7) time.after(random() * 3_000, () => store.apply(write));
        timers.after(DEADLINE_MS, () => reject(failed("timeout")));
      } else {
        time.after(tripMs(), () => {
          const result = store.apply(write);
          const isLost = chance < before + late + after;
          timers.after(tripMs(), () => isLost ? reject(failed("failed")) : resolve(result));
        });
      }
    });
  };

  const wait = (ms: number) => new Promise<void>((resolve) => void timers.after(ms, resolve));
  return {
    get: <Value>(key: Key<Value>) => read(() => store.get(key.parts) as Entry<Value>),
    getMany: <Value>(keys: readonly Key<Value>[]) =>
      read(() => keys.map((key) => store.get(key.parts) as Entry<Value>)),
    page: <Value>(prefix: Prefix<Value>, { limit, from, until, filter }: PageOptions<Value>) =>
      read(() => {
        const rows = store.list(prefix.parts, from, until);
        const items = rows.map(({ key, value }) => ({ key, value: value as Value }));
        const kept = items.filter(({ key, value }) => !filter || filter(value, key));
        return { items: kept.slice(0, limit), next_cursor: null };
      }),
    commit,
    commitSure: createCommitSure(commit, random, wait),
    enqueue: () => Promise.resolve(false),
    listen() {},
    close() {},
  };
}

/** The commit as data; over our limits it throws, as it would in use. */
function record(build: (atomic: Atomic) => void): Write {
  const checks: { key: Deno.KvKey; versionstamp: string | null }[] = [];
  const mutations: Mutation[] = [];
  const operation = {
    check: (check: { key: Deno.KvKey; versionstamp: string | null }) => checks.push(check),
    set: (key: Deno.KvKey, value: unknown) => mutations.push({ kind: "set", key, value }),
    delete: (key: Deno.KvKey) => mutations.push({ kind: "delete", key }),
    sum: (key: Deno.KvKey, value: bigint) => mutations.push({ kind: "sum", key, value }),
  };
  build(new LimitedAtomic(operation as never));
  return { checks, mutations };
}
