/**
 * What this isolate knows of one client's behaviour: its own observations, and those of the others
 * as of the last exchange. Decides when a suspicion is raised: once, and again only after a whole
 * window in which nothing of the kind happened.
 */
import type { Activity } from "../kv/keys.ts";
import { type Attempt, attemptOf, countApart, joinAttempts, type MarkHash } from "./attempts.ts";
import { type SuspicionType, THRESHOLDS, WINDOW_MS } from "./thresholds.ts";
import { countsFor, joinTrails, noteOf, tally, type Trail, TRAIL_MAX } from "./trail.ts";

/** A score from which a payload counts as an attack by itself (notes/threats.md 5.9). */
export const STRONG_SCORE = 0.9;

export interface Raised {
  readonly type: SuspicionType;
  readonly count: number;
}

export interface Joined {
  readonly activity: Activity;
  readonly raised: readonly Raised[];
}

export class ClientActivity {
  #notes: number[] = [];
  #heldUntil: number[] = THRESHOLDS.map(() => 0);
  #attempts: readonly Attempt[] = [];
  /** Observations since the last exchange, by threshold; payloads come last. */
  #unsent: number[] = [...THRESHOLDS.map(() => 0), 0];
  /** Whether other isolates see this client too. */
  #isShared = false;
  readonly #hash: MarkHash;

  constructor(hash: MarkHash) {
    this.#hash = hash;
  }

  /**
   * Counts one failed answer; answers the suspicions it raises. Those of a client that others see
   * too are left to the next exchange, where one of the isolates raises them for all.
   */
  note(nowMs: number, serial: number, status: number): readonly Raised[] {
    const note = noteOf(nowMs, serial, status);
    this.#notes.push(note);
    if (this.#notes.length > 2 * TRAIL_MAX) {
      this.#notes = joinTrails(this.#notes, [], nowMs - WINDOW_MS);
    }
    let raised: Raised[] | undefined;
    for (let index = 0; index < THRESHOLDS.length; index++) {
      if (!countsFor(note, index)) continue;
      this.#unsent[index]++;
      const found = this.#isShared ? undefined : this.#judge(index, nowMs);
      if (found) (raised ??= []).push(found);
    }
    return raised ?? NONE;
  }

  /** Remembers a strong payload; answers how many that stand apart there were lately. */
  notePayload(nowMs: number, payload: string, marks: readonly string[]): number {
    const attempt = attemptOf(nowMs, payload, marks, this.#hash);
    const isNew = !this.#attempts.some(({ hash }) => hash === attempt.hash);
    if (isNew && this.#hash.isShared) this.#unsent[THRESHOLDS.length]++;
    this.#attempts = joinAttempts(this.#attempts, [attempt], nowMs);
    return countApart(this.#attempts);
  }

  /** How suspicious it behaves, 0 to 1: nothing below half a threshold, its weight at the full one. */
  behaviour(nowMs: number): number {
    if (this.#notes.length === 0) return 0;
    let innocent = 1;
    for (let index = 0; index < THRESHOLDS.length; index++) {
      const { count, weight } = THRESHOLDS[index];
      const seen = tally(this.#notes, index, nowMs - WINDOW_MS).count;
      const level = Math.min(1, Math.max(0, 2 * seen / count - 1));
      innocent *= 1 - weight * level;
    }
    return 1 - innocent;
  }

  /** The same with its payloads: one strong payload is half a proof, two are one. */
  risk(nowMs: number): number {
    const apart = countApart(joinAttempts(this.#attempts, [], nowMs));
    return 1 - (1 - this.behaviour(nowMs)) * (1 - Math.min(1, apart / 2));
  }

  /** Whether the others should hear of it, when a threshold is divided by `isolates`. */
  isWorthSending(isolates: number): boolean {
    if (this.#unsent[THRESHOLDS.length] > 0) return true;
    return THRESHOLDS.some(({ count }, index) =>
      this.#unsent[index] >= (this.#isShared ? 1 : Math.max(1, Math.floor(count / 2 / isolates)))
    );
  }

  /**
   * What to store when `stored` is there, and the suspicions that only both together raise. They
   * are held in the same write, so that no other isolate raises them too. Changes nothing here.
   */
  joined(stored: Activity | null, nowMs: number): Joined {
    const notes = joinTrails(stored?.notes ?? [], this.#notes, nowMs - WINDOW_MS);
    const heldUntil = this.#heldUntil.map((heldMs, at) =>
      Math.max(heldMs, stored?.heldUntil[at] ?? 0)
    );
    const raised = THRESHOLDS.flatMap((_, index) => judge(notes, heldUntil, index, nowMs) ?? []);
    // With a key of its own this isolate can't tell which of them are the same.
    const known = this.#hash.isShared ? this.#attempts : [];
    const payloads = joinAttempts(stored?.payloads ?? [], known, nowMs);
    return { activity: { notes, heldUntil, payloads }, raised };
  }

  /** The suspicions that this isolate must raise alone, because an exchange failed. */
  raisedAlone(nowMs: number): readonly Raised[] {
    return THRESHOLDS.flatMap((_, index) => this.#judge(index, nowMs) ?? []);
  }

  /** Starts an exchange; the answer is handed back to `adopt`. */
  beginSending(): readonly number[] {
    return [...this.#unsent];
  }

  /** Takes over what is stored now; answers the suspicions raised by what came in meanwhile. */
  adopt(stored: Activity, sent: readonly number[], nowMs: number): readonly Raised[] {
    const own = new Set(this.#notes);
    this.#isShared ||= stored.notes.some((note) => !own.has(note));
    this.#unsent = this.#unsent.map((count, at) => count - sent[at]);
    const { activity, raised } = this.joined(stored, nowMs);
    this.#notes = [...activity.notes];
    this.#heldUntil = [...activity.heldUntil];
    if (this.#hash.isShared) this.#attempts = activity.payloads;
    return raised;
  }

  #judge(index: number, nowMs: number): Raised | undefined {
    return judge(this.#notes, this.#heldUntil, index, nowMs);
  }
}

const NONE: readonly Raised[] = [];

/** Whether a suspicion begins; one that is held goes on as long as its failures do. */
function judge(
  notes: Trail,
  heldUntil: number[],
  index: number,
  nowMs: number,
): Raised | undefined {
  const { type, count: enough } = THRESHOLDS[index];
  const { count, lastAt } = tally(notes, index, nowMs - WINDOW_MS);
  if (count === 0) return undefined;
  const goesOn = lastAt <= heldUntil[index];
  if (!goesOn && count < enough) return undefined;
  heldUntil[index] = lastAt + WINDOW_MS;
  return goesOn ? undefined : { type, count };
}
