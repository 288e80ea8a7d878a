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
  const passesAt = leases.map((lease, index) =>
    answers[index] === "block" ? lease.passesAt(cost) : 0
  );
  return refusedBy(passesAt, leases, nowMs, source);
}

/** A refusal because too many others wait for the claims whose answer is `ask`. */
export function contention(
  leases: readonly Lease[],
  answers: readonly Answer[],
  cost: number,
  nowMs: number,
): Verdict {
  const passesAt = leases.map((lease, index) =>
    answers[index] === "ask" ? lease.passesAt(Math.max(cost, lease.ledger.waiting)) : 0
  );
  return refusedBy(passesAt, leases, nowMs, "kv");
}

/** `passesAt` is when the request would pass under each lease; 0 where nothing hinders it. */
function refusedBy(
  passesAt: readonly number[],
  leases: readonly Lease[],
  nowMs: number,
  source: VerdictSource,
): Verdict {
  const retryAt = Math.max(...passesAt);
  return {
    allowed: false,
    violated: passesAt.indexOf(retryAt),
    source,
    remaining: remainingOf(leases),
    resetMs: resetsOf(leases, nowMs),
    retryAfterMs: Math.max(1, retryAt - nowMs),
  };
}

/**
 * Credit of other isolates can fill the record beyond permits that can be used all the same. By a
 * loop, as `map` leaves 80 bytes more of garbage for every request (docs/decisions/008).
 */
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
