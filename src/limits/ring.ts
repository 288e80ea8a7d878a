/**
 * The arithmetic of a limit's ring: a sliding window cut into slots, each holding the permits
 * counted in it. A use at time t is written into slot(t) or a later one, and a slot is counted
 * until it ended one whole window ago, so what is counted is never less than what was used in any
 * window. Decides nothing; knows no KV and no clock.
 */
import type { LimitRing } from "../kv/keys.ts";

/** How a window is cut. At slot `j` the slots `j - past` to `j + ahead` are counted. */
export interface RingShape {
  readonly slotMs: number;
  /** Slots before the current one that still count. */
  readonly past: number;
  /** Slots after the current one for which permits can be leased. */
  readonly ahead: number;
  /** Slots in all. */
  readonly size: number;
  /** After this long without a write every slot of the ring has run out. */
  readonly lifeMs: number;
}

/** Slots in a window: more of them forget sooner and cost more commits (bench/simulate.ts). */
const SLOTS = 20;

/** Slots a lease can reach ahead: a whole window, for clients far from their limit. */
const AHEAD = SLOTS;

/**
 * Cuts a window into slots of whole milliseconds. `clockSkewMs` is by how much an isolate's clock
 * may be off: uses then count that much longer, twice, because two clocks can be off both ways.
 */
export function ringShape(windowMs: number, clockSkewMs: number): RingShape {
  const slotMs = Math.ceil(windowMs / SLOTS);
  const past = Math.ceil(windowMs / slotMs) + Math.ceil(2 * clockSkewMs / slotMs);
  return {
    slotMs,
    past,
    ahead: AHEAD,
    size: past + 1 + AHEAD,
    lifeMs: (past + AHEAD + 2) * slotMs,
  };
}

/** The slot that holds a moment. */
export function slotAt(nowMs: number, shape: RingShape): number {
  return Math.floor(nowMs / shape.slotMs);
}

/** When a slot stops being counted, in milliseconds since the epoch. */
export function slotLeavesAt(slot: number, shape: RingShape): number {
  return (slot + shape.past + 1) * shape.slotMs;
}

/**
 * The counts of the slots from `j - past` on, of a ring last written at slot `j` or before. Slots
 * that have left are gone; so are those of another shape that reach further ahead than this one.
 */
export function countsAt(j: number, ring: LimitRing | undefined, shape: RingShape): number[] {
  const counts = new Array<number>(shape.size).fill(0);
  if (!ring) return counts;
  const shift = ring.f - (j - shape.past);
  for (let index = Math.max(0, -shift); index < ring.u.length; index++) {
    if (index + shift < shape.size) counts[index + shift] = ring.u[index];
  }
  return counts;
}

/** The ring to write at slot `j`: the counts without the zeros at either end. */
export function ringOf(
  j: number,
  counts: readonly number[],
  nonce: number,
  shape: RingShape,
): LimitRing {
  const isUsed = (count: number) => count > 0;
  const first = Math.max(0, counts.findIndex(isUsed));
  const u = counts.slice(first, counts.findLastIndex(isUsed) + 1);
  return { j, f: j - shape.past + first, u, w: nonce };
}

/**
 * Whether a ring can have been written by an honest clock. One from further ahead than leases
 * reach would lock its subject out until that time came, so it is read as empty.
 */
export function isCredible(ring: LimitRing, slot: number, shape: RingShape): boolean {
  return Array.isArray(ring.u) && ring.j - slot <= shape.size;
}

export function total(counts: readonly number[]): number {
  let sum = 0;
  for (let index = 0; index < counts.length; index++) sum += counts[index];
  return sum;
}
