/**
 * What a lease says to a request by itself, and what the client is told of it.
 */
import type { Lease } from "./lease.ts";

/**
 * What decided: a `lease` or `optimistic` credit on the spot, a `block` (nothing left, known on the
 * spot), or an answer of `kv` that had to be waited for.
 */
export type VerdictSource = "lease" | "optimistic" | "kv" | "block";

export interface Verdict {
  readonly allowed: boolean;
  /** Index of the claim that refused; of several, the one with the longest wait. */
  readonly violated: number | undefined;
  readonly source: VerdictSource;
  /** What is left under each claim after this request. */
  readonly remaining: readonly number[];
  /** Milliseconds until more comes free under each claim; 0 when nothing is used. */
  readonly resetMs: readonly number[];
  /** Milliseconds until the same request would pass; 0 when it did. */
  readonly retryAfterMs: number;
}

/** `lease` and `credit` admit, `block` refuses, `ask` cannot tell without KV. */
export type Answer = "lease" | "credit" | "block" | "ask";

/**
 * `credit` is what this isolate may have admitted unreported. `isFresh` says that KV has answered
 * since the request came, so what it did not leave is not to be had.
 */
export function judge(lease: Lease, cost: number, credit: number, isFresh: boolean): Answer {
  const lacking = cost - lease.permits;
  if (lacking <= 0) return "lease";
  if (lease.room < cost) return isFresh || lease.hasRefused(cost) ? "block" : "ask";
  return lease.isCreditworthy && lease.credit + lacking <= credit ? "credit" : "ask";
}

export function admission(
  leases: readonly Lease[],
  nowMs: number,
  source: VerdictSource,
): Verdict {
  return {
    allowed: true,
    violated: undefined,
    source,
    remaining: remainingOf(leases),
    resetMs: resetsOf(leases, nowMs),
    retryAfterMs: 0,
  };
}

/** A refusal by those claims whose answer is `block`, of which there is at least one. */
export function refusal(
  leases: readonly Lease[],
  answers: readonly Answer[],
  cost: number,
  nowMs: number,
  source: VerdictSource,
): Verdict {
  let violated = 0;
  let retryAt = 0;
  for (let index = 0; index < leases.length; index++) {
    if (answers[index] !== "block") continue;
    const passesAt = leases[index].passesAt(cost);
    if (passesAt <= retryAt) continue;
    violated = index;
    retryAt = passesAt;
  }
  return refusedBy(violated, retryAt, leases, nowMs, source);
}

/** A refusal because too many others wait for the claims whose answer is `ask`. */
export function contention(
  leases: readonly Lease[],
  answers: readonly Answer[],
  cost: number,
  nowMs: number,
): Verdict {
  const waits = leases.map((lease, index) =>
    answers[index] === "ask" ? lease.passesAt(Math.max(cost, lease.ledger.waiting)) : 0
  );
  const retryAt = Math.max(...waits);
  return refusedBy(waits.indexOf(retryAt), retryAt, leases, nowMs, "kv");
}

function refusedBy(
  violated: number,
  retryAt: number,
  leases: readonly Lease[],
  nowMs: number,
  source: VerdictSource,
): Verdict {
  return {
    allowed: false,
    violated,
    source,
    remaining: remainingOf(leases),
    resetMs: resetsOf(leases, nowMs),
    retryAfterMs: Math.max(1, retryAt - nowMs),
  };
}

/** Credit of other isolates can fill the record beyond permits that can be used all the same. */
function remainingOf(leases: readonly Lease[]): number[] {
  const remaining = new Array<number>(leases.length);
  for (let at = 0; at < leases.length; at++) {
    remaining[at] = Math.max(0, leases[at].permits, leases[at].room);
  }
  return remaining;
}

function resetsOf(leases: readonly Lease[], nowMs: number): number[] {
  const resets = new Array<number>(leases.length);
  for (let at = 0; at < leases.length; at++) {
    resets[at] = Math.max(0, (leases[at].freesAt() ?? nowMs) - nowMs);
  }
  return resets;
}
