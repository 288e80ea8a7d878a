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
  return refusedBy(
    leases,
    nowMs,
    source,
    (lease, index) => answers[index] === "block" ? lease.passesAt(cost) : 0,
  );
}

/** A refusal because too many others wait for the claims whose answer is `ask`. */
export function contention(
  leases: readonly Lease[],
  answers: readonly Answer[],
  cost: number,
  nowMs: number,
): Verdict {
  return refusedBy(
    leases,
    nowMs,
    "kv",
    (lease, index) =>
      answers[index] === "ask" ? lease.passesAt(Math.max(cost, lease.ledger.waiting)) : 0,
  );
}

function refusedBy(
  leases: readonly Lease[],
  nowMs: number,
  source: VerdictSource,
  passesAt: (lease: Lease, index: number) => number,
): Verdict {
  let violated = 0;
  let retryAt = 0;
  leases.forEach((lease, index) => {
    const at = passesAt(lease, index);
    if (at <= retryAt) return;
    violated = index;
    retryAt = at;
  });
  return {
    allowed: false,
    violated,
    source,
    remaining: remainingOf(leases),
    resetMs: resetsOf(leases, nowMs),
    retryAfterMs: Math.max(1, retryAt - nowMs),
  };
}

function remainingOf(leases: readonly Lease[]): number[] {
  const remaining: number[] = [];
  for (const lease of leases) {
    // Credit of other isolates can fill the record beyond permits that can be used all the same.
    remaining.push(Math.max(0, lease.permits, lease.room));
  }
  return remaining;
}

function resetsOf(leases: readonly Lease[], nowMs: number): number[] {
  const resets: number[] = [];
  for (const lease of leases) resets.push(Math.max(0, (lease.freesAt() ?? nowMs) - nowMs));
  return resets;
}
