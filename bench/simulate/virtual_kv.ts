/**
 * KV as the limiter sees it, in virtual time: one linearizable map, far away. Replies can be lost,
 * late or withheld from a killed isolate; writes can land after the caller has given up.
 */
import type { Key, LimitRing } from "../../src/kv/keys.ts";
import type { Commit, Entry } from "../../src/kv/kv.ts";
import type { LeaseStore, LeaseWrite } from "../../src/limits/lease_store.ts";
import { exponential, type VirtualTime } from "./kernel.ts";

interface Row {
  readonly value: LimitRing;
  readonly version: string;
  readonly expiresAt: number;
}

export interface LineOptions {
  readonly rttMs: number;
  /** Share of calls whose reply never comes; half of them never arrived, either. */
  readonly loss?: number;
  /** When a caller gives up. */
  readonly deadlineMs?: number;
}

/** One isolate's line to KV. */
export interface Line extends LeaseStore {
  /** From now on no reply comes back, as if the isolate were gone. */
  cut(): void;
}

export interface Traffic {
  reads: number;
  commits: number;
  writes: number;
  conflicts: number;
}

export class StoreTimeoutError extends Error {
  override readonly name = "StoreTimeoutError";
}

export class VirtualKv {
  readonly traffic: Traffic = { reads: 0, commits: 0, writes: 0, conflicts: 0 };
  readonly #rows = new Map<string, Row>();
  readonly #time: VirtualTime;
  readonly #random: () => number;
  #version = 0;

  constructor(time: VirtualTime, random: () => number) {
    this.#time = time;
    this.#random = random;
  }

  get trips(): number {
    return this.traffic.reads + this.traffic.commits;
  }

  line({ rttMs, loss = 0, deadlineMs = 1_000 }: LineOptions): Line {
    let isCut = false;
    const time = this.#time;
    const oneWayMs = () => rttMs / 2 * (0.9 + 0.1 * exponential(this.#random));
    const call = <Result>(apply: () => Result) =>
      new Promise<Result>((resolve, reject) => {
        const isLost = this.#random() < loss;
        const arrives = !isLost || this.#random() < 0.5;
        const outMs = isLost ? oneWayMs() * (1 + 20 * this.#random()) : oneWayMs();
        if (arrives) {
          time.after(outMs, () => {
            const result = apply();
            if (!isLost && !isCut) time.after(oneWayMs(), () => resolve(result));
          });
        }
        if (isLost && !isCut) {
          time.after(deadlineMs, () => reject(new StoreTimeoutError("KV did not answer")));
        }
      });
    return {
      read: (keys) => call(() => this.#read(keys)),
      commit: (writes) => call(() => this.#commit(writes)),
      cut() {
        isCut = true;
      },
    };
  }

  #read(keys: readonly Key<LimitRing>[]): Entry<LimitRing>[] {
    this.traffic.reads++;
    return keys.map((key) => {
      const row = this.#row(key);
      return { value: row?.value ?? null, versionstamp: row?.version ?? null };
    });
  }

  #commit(writes: readonly LeaseWrite[]): Commit {
    this.traffic.commits++;
    if (writes.some((write) => (this.#row(write.key)?.version ?? null) !== write.versionstamp)) {
      this.traffic.conflicts++;
      return { ok: false };
    }
    const version = String(++this.#version).padStart(20, "0");
    for (const { key, value, expireIn } of writes) {
      // KV forgets late, by up to a minute.
      const expiresAt = this.#time.nowMs + expireIn + 60_000 * this.#random();
      this.#rows.set(textOf(key), { value, version, expiresAt });
    }
    this.traffic.writes += writes.length;
    return { ok: true, versionstamp: version };
  }

  #row(key: Key<LimitRing>): Row | undefined {
    const row = this.#rows.get(textOf(key));
    return row && row.expiresAt > this.#time.nowMs ? row : undefined;
  }
}

function textOf(key: Key<LimitRing>): string {
  return key.parts.join("\n");
}
