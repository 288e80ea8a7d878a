/** A store of leases that answers at once, and fails in the ways a test asks for. */
import type { Key, LimitRing } from "../../src/kv/keys.ts";
import type { Commit, Entry } from "../../src/kv/kv.ts";
import type { LeaseStore, LeaseWrite } from "../../src/limits/lease_store.ts";

/**
 * What becomes of a call: `error` does nothing and rejects, `lost` does it and rejects, `late`
 * rejects and does it when `landLate` is called, `raced` lets another isolate write first.
 */
export type Fate = "ok" | "error" | "lost" | "late" | "raced";

export class LostReplyError extends Error {
  override readonly name = "LostReplyError";
}

export class ScriptedStore implements LeaseStore {
  /** `read a,b` or `commit a`, in order. */
  readonly calls: string[] = [];
  readonly #rows = new Map<string, Entry<LimitRing>>();
  readonly #fates: Fate[] = [];
  #late: readonly LeaseWrite[] = [];
  #versions = 0;

  /** Sets the fates of the next calls; after them all goes well. */
  next(...fates: Fate[]): void {
    this.#fates.push(...fates);
  }

  read(keys: readonly Key<LimitRing>[]): Promise<readonly Entry<LimitRing>[]> {
    this.calls.push(`read ${keys.map(subjectOf)}`);
    if (this.#fate() !== "ok") return Promise.reject(new LostReplyError("read"));
    return Promise.resolve(keys.map((key) => this.entry(subjectOf(key))));
  }

  commit(writes: readonly LeaseWrite[]): Promise<Commit> {
    this.calls.push(`commit ${writes.map(({ key }) => subjectOf(key))}`);
    const fate = this.#fate();
    if (fate === "raced") { for (const { key } of writes) this.touch(subjectOf(key)); }
    if (fate === "late") this.#late = writes;
    if (fate === "error" || fate === "late") return Promise.reject(new LostReplyError(fate));
    const commit = this.#apply(writes);
    return fate === "lost" ? Promise.reject(new LostReplyError(fate)) : Promise.resolve(commit);
  }

  /** The write that was late arrives. */
  landLate(): Commit {
    return this.#apply(this.#late);
  }

  entry(subject: string): Entry<LimitRing> {
    return this.#rows.get(subject) ?? { value: null, versionstamp: null };
  }

  /** Permits counted for a subject in all slots. */
  counted(subject: string): number {
    return this.entry(subject).value?.u.reduce((sum, count) => sum + count, 0) ?? 0;
  }

  /** Another isolate counts `uses` more in the newest slot, or writes the record as it is. */
  touch(subject: string, uses = 0, slot = 0): void {
    const ring = this.entry(subject).value ?? { j: slot, f: slot, u: [], w: 0 };
    const u = [...ring.u];
    const index = Math.max(slot, ring.j) - ring.f;
    while (u.length <= index) u.push(0);
    u[index] += uses;
    this.#set(subject, { ...ring, j: Math.max(slot, ring.j), u, w: -1 }, this.#version());
  }

  #apply(writes: readonly LeaseWrite[]): Commit {
    const holds = writes.every(({ key, versionstamp }) =>
      this.entry(subjectOf(key)).versionstamp === versionstamp
    );
    if (!holds) return { ok: false };
    const version = this.#version();
    for (const { key, value } of writes) this.#set(subjectOf(key), value, version);
    return { ok: true, versionstamp: version };
  }

  #set(subject: string, value: LimitRing, versionstamp: string): void {
    this.#rows.set(subject, { value, versionstamp });
  }

  #version(): string {
    return String(++this.#versions).padStart(20, "0");
  }

  #fate(): Fate {
    return this.#fates.shift() ?? "ok";
  }
}

function subjectOf(key: Key<LimitRing>): string {
  return String(key.parts.at(-1));
}
