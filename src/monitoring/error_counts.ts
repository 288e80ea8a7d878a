/**
 * Counts over time in little room: pairs of a minute (or hour) since the epoch and its count, oldest
 * first. Arithmetic only; times are in these units, not in milliseconds.
 */
import type { SparseCounts } from "../kv/error_records.ts";

/** Both together. */
export function mergeCounts(a: SparseCounts, b: SparseCounts): SparseCounts {
  if (a.length === 0) return b;
  const merged: number[] = [];
  for (let atA = 0, atB = 0; atA < a.length || atB < b.length;) {
    const unitA = a[atA] ?? Infinity;
    const unitB = b[atB] ?? Infinity;
    const unit = Math.min(unitA, unitB);
    let count = 0;
    if (unitA === unit) [count, atA] = [count + a[atA + 1], atA + 2];
    if (unitB === unit) [count, atB] = [count + b[atB + 1], atB + 2];
    merged.push(unit, count);
  }
  return merged;
}

/** Without what is older than `from`. */
export function countsSince(counts: SparseCounts, from: number): SparseCounts {
  let at = 0;
  while (at < counts.length && counts[at] < from) at += 2;
  return at === 0 ? counts : counts.slice(at);
}

/** How many from `from` to `to`, both included. */
export function countWithin(counts: SparseCounts, from: number, to: number): number {
  let sum = 0;
  for (let at = 0; at < counts.length; at += 2) {
    if (counts[at] >= from && counts[at] <= to) sum += counts[at + 1];
  }
  return sum;
}

/** How many in each of `slots` equal spans, the last of which ends with `to`. Oldest first. */
export function countSlots(
  counts: SparseCounts,
  to: number,
  width: number,
  slots: number,
): number[] {
  const sums = new Array<number>(slots).fill(0);
  for (let at = 0; at < counts.length; at += 2) {
    const slot = slots - 1 - Math.floor((to - counts[at]) / width);
    if (slot >= 0 && slot < slots) sums[slot] += counts[at + 1];
  }
  return sums;
}
