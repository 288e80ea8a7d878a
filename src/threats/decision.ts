/**
 * From a payload's score and what is known of the sender to one risk, and from the risk to what
 * happens. Reputation and behaviour alone never refuse anybody: they make a payload count for more.
 */
import type { ThreatMode } from "./path_rules.ts";

export interface RiskInputs {
  /** Score of the request's payload, 0..1. */
  readonly payload: number;
  /** Reputation of the address, 0 (nothing known) to 1. */
  readonly reputation?: number;
  /** What the client did lately (401s, 404s, refusals), 0..1. */
  readonly behaviour?: number;
}

/** `refuse_and_block`: the address is also a candidate for the block list. */
export type ThreatAction = "pass" | "refuse" | "refuse_and_block";

export interface ThreatDecision {
  readonly action: ThreatAction;
  /** False when the mode only watches: log the action, let the request pass. */
  readonly enforced: boolean;
}

export interface Thresholds {
  readonly risk: number;
  readonly block: number;
}

const REPUTATION_WEIGHT = 0.6;
const BEHAVIOUR_WEIGHT = 0.4;

export function combineRisk({ payload, reputation = 0, behaviour = 0 }: RiskInputs): number {
  return 1 - (1 - payload) * (1 - REPUTATION_WEIGHT * reputation) *
      (1 - BEHAVIOUR_WEIGHT * behaviour);
}

/** What is known of a request when it is decided. */
export interface Judged {
  readonly risk: number;
  /** Whether something in it could not be read at all. */
  readonly unread: boolean;
}

/**
 * A risk must be above its threshold, not just at it. What could not be read is refused, but says
 * nothing about its sender.
 */
export function decide(
  { risk, unread }: Judged,
  mode: ThreatMode,
  thresholds: Thresholds,
): ThreatDecision {
  const enforced = mode === "enforce";
  if (mode === "off") return { action: "pass", enforced };
  if (risk > thresholds.block) return { action: "refuse_and_block", enforced };
  return { action: unread || risk > thresholds.risk ? "refuse" : "pass", enforced };
}
