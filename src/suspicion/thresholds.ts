/**
 * Which answers make a client suspicious, how many of them in five minutes, and how much each kind
 * weighs in the risk of its next requests (spec.md section 2).
 */
import { MINUTE } from "../time.ts";

export type SuspicionType = "credential_stuffing" | "endpoint_scanning" | "abuse";

export interface Threshold {
  readonly type: SuspicionType;
  /** The one status that counts; any 4xx without it. */
  readonly status?: number;
  /** As many within the window raise the suspicion. */
  readonly count: number;
  /** Share of the behaviour score while it is raised, 0 to 1. */
  readonly weight: number;
}

/** An office behind one address can reach `abuse` by itself, so none of them is near 1 alone. */
export const THRESHOLDS: readonly Threshold[] = [
  { type: "credential_stuffing", status: 401, count: 5, weight: 0.6 },
  { type: "endpoint_scanning", status: 404, count: 10, weight: 0.6 },
  { type: "abuse", count: 20, weight: 0.5 },
];

export const WINDOW_MS = 5 * MINUTE;
