/**
 * The decision about one request: counts it under its policy, and when KV cannot answer does what
 * the policy says (open, closed, or this isolate's own count). It never throws and never waits for
 * KV while the breaker is open.
 */
import type { ClientAddress, VerifiedUser } from "../context.ts";
import { SECOND } from "../time.ts";
import type { LeaseLimiter, Verdict } from "./lease_limiter.ts";
import type { MemoryLimiter } from "./memory_limiter.ts";
import type { Charge, Policy } from "./charge.ts";
import type { Policies } from "./policy.ts";
import {
  accountClaims,
  claimsOf,
  createWindow,
  type LimitWindow,
  type Part,
  planAll,
  type WindowClaim,
} from "./windows.ts";

/** A closed policy asks the client back at least this soon: KV may recover before the breaker. */
const CLOSED_RETRY_MAX_MS = 30 * SECOND;

export interface Decision {
  /** `limited` is 429, `unavailable` is 503: the client did nothing wrong, we cannot count. */
  readonly outcome: "pass" | "limited" | "unavailable";
  /** The counts it was charged to, and in the same order what each has left. */
  readonly claims: readonly WindowClaim[];
  readonly remaining: readonly number[];
  /** Milliseconds until a window has more to give. */
  readonly resetMs: readonly number[];
  /** The window that refused. */
  readonly violated?: number;
  /** Milliseconds until a request would pass; 0 for one that does. */
  readonly retryAfterMs: number;
}

/** What the guard tells the metrics and the log. */
export interface GuardEvents {
  decided(source: Verdict["source"] | "fallback" | "open" | "closed"): void;
  /** A refusal; `enforced` is false when a shadow policy let it through all the same. */
  refused(limit: string, enforced: boolean): void;
  /** KV was wanted and did not answer. */
  failed(error: unknown): void;
}

export interface GuardOptions {
  readonly limiter: LeaseLimiter;
  readonly policies: Pick<Policies, "all">;
  readonly fallback: MemoryLimiter;
  /** The breaker around KV: whether to spare it, and for how long. */
  readonly breaker: { readonly state: string; retryAfterMs(): number };
  /** Asks KV for anything, in the background; the breaker lets one such call through. */
  readonly probe: () => void;
  /** Count and log under every policy, refuse under none (`GATE_MODE=monitor`). */
  readonly monitor: boolean;
  readonly events: GuardEvents;
}

export interface LimitGuard {
  /** Decides at once from local leases, or after one trip to KV. */
  check(
    charge: Charge,
    client: ClientAddress,
    user: VerifiedUser | undefined,
    part?: Part,
  ): Decision | Promise<Decision>;
  /** Counts an attempt on an account, whoever makes it and whether or not it exists. */
  checkAccount(charge: Charge, account: string): Decision | Promise<Decision>;
}

const PASS: Decision = {
  outcome: "pass",
  claims: [],
  remaining: [],
  resetMs: [],
  retryAfterMs: 0,
};

export function createLimitGuard(options: GuardOptions): LimitGuard {
  const { limiter, policies, breaker, events } = options;
  const plans = planAll(policies);
  const during = createOutageRules(options);

  const settle = (policy: Policy, decision: Decision): Decision => {
    if (decision.outcome === "pass") return decision;
    const enforced = !(policy.shadow || options.monitor);
    if (decision.violated !== undefined) {
      events.refused(decision.claims[decision.violated].limit.name, enforced);
    }
    return enforced ? decision : { ...decision, outcome: "pass", retryAfterMs: 0 };
  };

  /** Apart from `decide`, which would pay for its closures even where nobody waits. */
  const hear = (
    policy: Policy,
    claims: readonly WindowClaim[],
    cost: number,
    verdict: Promise<Verdict>,
  ): Promise<Decision> =>
    verdict.then(
      (late) => {
        events.decided(late.source);
        return settle(policy, toDecision(claims, late));
      },
      (error) => {
        events.failed(error);
        return settle(policy, during(policy, claims, cost));
      },
    );

  const decide = (
    { policy, cost }: Charge,
    claims: readonly WindowClaim[],
  ): Decision | Promise<Decision> => {
    if (claims.length === 0) return PASS;
    if (breaker.state !== "closed") {
      // Nobody waits for the probe either: its success closes the breaker for the next request.
      if (breaker.state === "half_open") options.probe();
      return settle(policy, during(policy, claims, cost));
    }
    const verdict = limiter.take(claims, cost);
    if (verdict instanceof Promise) return hear(policy, claims, cost, verdict);
    events.decided(verdict.source);
    return settle(policy, toDecision(claims, verdict));
  };

  return {
    check: (charge, client, user, part = "all") =>
      decide(charge, claimsOf(plans.get(charge.policy)!, charge, client, user, part)),
    checkAccount: (charge, account) =>
      decide(charge, accountClaims(plans.get(charge.policy)!, charge, account)),
  };
}

/** What a request gets while KV is out. */
function createOutageRules({ limiter, fallback, breaker, events }: GuardOptions) {
  const countLocally = createLocalCount(fallback);
  return (policy: Policy, claims: readonly WindowClaim[], cost: number): Decision => {
    // Permits already leased stay good, and a client already refused stays refused.
    const local = limiter.takeLocal(claims, cost);
    if (local) {
      events.decided(local.source);
      return toDecision(claims, local);
    }
    if (policy.onOutage === "closed") {
      events.decided("closed");
      const retryAfterMs = Math.min(Math.max(breaker.retryAfterMs(), SECOND), CLOSED_RETRY_MAX_MS);
      return { ...PASS, outcome: "unavailable", retryAfterMs };
    }
    const decision = policy.onOutage === "open" ? PASS : countLocally(claims, cost);
    events.decided(policy.onOutage);
    // What is let through now is reported when KV is back, so an outage gives no second quota.
    if (decision.outcome === "pass") { for (const claim of claims) limiter.noteUses(claim, cost); }
    return decision;
  };
}

/** Counts under one limit in this isolate's memory alone. */
function createLocalCount(fallback: MemoryLimiter) {
  const { quota, windowMs } = fallback;
  /** As many as there are limits. */
  const windows = new Map<LimitWindow, LimitWindow>();
  const windowOf = (limit: LimitWindow): LimitWindow => {
    const known = windows.get(limit);
    if (known) return known;
    const window = createWindow({ ...limit, label: "fallback", quota, windowMs });
    windows.set(limit, window);
    return window;
  };

  return (claims: readonly WindowClaim[], cost: number): Decision => {
    const { limit, subject } = claims[claims.length - 1];
    const { allowed, remaining, retryAfterMs } = fallback.take(`${limit.name}|${subject}`, cost);
    return {
      outcome: allowed ? "pass" : "limited",
      claims: [{ limit: windowOf(limit), subject }],
      remaining: [remaining],
      resetMs: [allowed ? windowMs : retryAfterMs],
      violated: allowed ? undefined : 0,
      retryAfterMs,
    };
  };
}

function toDecision(claims: readonly WindowClaim[], verdict: Verdict): Decision {
  return {
    outcome: verdict.allowed ? "pass" : "limited",
    claims,
    remaining: verdict.remaining,
    resetMs: verdict.resetMs,
    violated: verdict.violated,
    retryAfterMs: verdict.retryAfterMs,
  };
}

/** One decision from the two halves of a request whose token had to be verified in between. */
export function mergeDecisions(address: Decision, user: Decision): Decision {
  const offset = address.claims.length;
  return {
    ...user,
    claims: [...address.claims, ...user.claims],
    remaining: [...address.remaining, ...user.remaining],
    resetMs: [...address.resetMs, ...user.resetMs],
    violated: user.violated === undefined ? undefined : user.violated + offset,
  };
}
