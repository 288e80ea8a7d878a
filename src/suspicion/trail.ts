/**
 * The failures of one client in the window, each as one number that says when and what. Arithmetic
 * only. The same failure is the same number in every isolate, so trails are joined like sets: a
 * trail that was sent twice, or came back with what others saw, counts nothing twice.
 */
import { THRESHOLDS } from "./thresholds.ts";

/** In the order of their numbers. */
export type Trail = readonly number[];

/** 2 bits say which status, 8 tell failures of one millisecond apart, the rest is Unix time. */
const KINDS = 4;
const SERIALS = 256;
const PER_MS = KINDS * SERIALS;

/** Kind 0 is any status without a threshold of its own; the others are the threshold's index + 1. */
const kindOf = (status: number) =>
  THRESHOLDS.findIndex((threshold) => threshold.status === status) + 1;

/** A failure as a number; `serial` makes it unlike the others of its millisecond. */
export function noteOf(atMs: number, serial: number, status: number): number {
  return atMs * PER_MS + (serial % SERIALS) * KINDS + kindOf(status);
}

export const timeOf = (note: number): number => Math.floor(note / PER_MS);

/** Whether a failure counts towards the threshold with this index. */
export function countsFor(note: number, index: number): boolean {
  return THRESHOLDS[index].status === undefined || note % KINDS === index + 1;
}

/** How many failures count towards the threshold, up to it, and when the last one was. */
export function tally(trail: Trail, index: number, sinceMs: number) {
  const enough = THRESHOLDS[index].count;
  const since = (sinceMs + 1) * PER_MS;
  let count = 0;
  let last = 0;
  for (let at = trail.length - 1; at >= 0 && trail[at] >= since && count < enough; at--) {
    if (!countsFor(trail[at], index)) continue;
    if (count++ === 0) last = trail[at];
  }
  return { count, lastAt: timeOf(last) };
}

/** Both trails in one, without what is out of the window or can change no count any more. */
export function joinTrails(one: Trail, other: Trail, sinceMs: number): number[] {
  const all = [...new Set([...one, ...other])].sort((a, b) => b - a);
  const left = THRESHOLDS.map((threshold) => threshold.count);
  const kept: number[] = [];
  for (const note of all) {
    if (timeOf(note) <= sinceMs) break;
    let isOfUse = false;
    for (let index = 0; index < left.length; index++) {
      if (countsFor(note, index) && left[index]-- > 0) isOfUse = true;
    }
    if (isOfUse) kept.push(note);
  }
  return kept.reverse();
}

/** A trail never grows beyond this: the counts of all thresholds. */
export const TRAIL_MAX = THRESHOLDS.reduce((sum, threshold) => sum + threshold.count, 0);
