/**
 * Turns a policy into the windows one request is counted in: whose count, under which name, with
 * which words in the header. Built once at start, so that a request only picks.
 */
import type { LimitSpec } from "../config_shapes.ts";
import { type ClientAddress, userKey, type VerifiedUser } from "../context.ts";
import type { LeaseLimit } from "./lease_limiter.ts";
import type { Charge, Policies, Policy } from "./policy.ts";

/** A /48 of IPv6 holds 65,536 /64s, which one customer may rotate through; it gets this many. */
const NETWORK_FACTOR = 5;

export interface LimitWindow extends LeaseLimit {
  /** Name in the header fields: `ip`, `network`, `user`, `account`, `fallback`. */
  readonly label: string;
  /** Whom the sentence of a refusal names: `IP`, `network`, `user`, `account`. */
  readonly subjectWord: string;
  readonly quotaText: string;
  /** `"ip";q=200;w=60` */
  readonly policyItem: string;
}

/** Which tiers to count: the address before a token is verified, the user after. */
export type Part = "all" | "address" | "user";

export interface WindowPlan {
  readonly address: readonly LimitWindow[];
  readonly network: readonly LimitWindow[];
  readonly user: readonly LimitWindow[];
  /** Stands in for the user tier where there is no user and no address tier. */
  readonly anonymous: readonly LimitWindow[];
  readonly account: readonly LimitWindow[];
}

export function planWindows(policy: Policy): WindowPlan {
  const strict = policy.onOutage === "closed";
  const window = (spec: LimitSpec, label: string, factor = 1): LimitWindow => {
    const quota = spec.quota * factor;
    return {
      name: `${policy.name}.${label}`,
      label,
      subjectWord: label === "ip" ? "IP" : label,
      quota,
      quotaText: String(quota),
      windowMs: spec.windowMs,
      strict,
      policyItem: `"${label}";q=${quota};w=${Math.round(spec.windowMs / 1_000)}`,
    };
  };
  const of = (tier: LimitSpec["tier"]) => policy.limits.filter((spec) => spec.tier === tier);
  const alone = of("ip").length === 0 ? of("user") : [];
  return {
    address: of("ip").map((spec) => window(spec, "ip")),
    network: of("ip").map((spec) => window(spec, "network", NETWORK_FACTOR)),
    user: of("user").map((spec) => window(spec, "user")),
    anonymous: alone.map((spec) => window(spec, "ip")),
    account: of("account").map((spec) => window(spec, "account")),
  };
}

/** One count a request is charged to; fits `Claim` of the lease limiter. */
export interface WindowClaim {
  readonly limit: LimitWindow;
  readonly subject: string;
}

/** The counts a request is charged to, the address's first. */
export function claimsOf(
  plan: WindowPlan,
  charge: Charge,
  client: ClientAddress,
  user: VerifiedUser | undefined,
  part: Part,
): WindowClaim[] {
  const claims: WindowClaim[] = [];
  const add = (windows: readonly LimitWindow[], subject: string) => {
    for (const limit of windows) claims.push({ limit, subject: scoped(charge.operation, subject) });
  };
  if (part !== "user") {
    add(plan.address, client.subject);
    if (client.network) add(plan.network, client.network);
  }
  if (part !== "address") {
    if (user) add(plan.user, userKey(user));
    else add(plan.anonymous, client.subject);
  }
  return claims;
}

/** The counts of an attempt on an account, such as a sign-in. */
export function accountClaims(
  { account: windows }: WindowPlan,
  { operation }: Charge,
  account: string,
): WindowClaim[] {
  return windows.map((limit) => ({ limit, subject: scoped(operation, account) }));
}

const scoped = (operation: string, subject: string) =>
  operation === "" ? subject : `${subject}|${operation}`;

/**
 * The shared count that stands in for a subject when the table of subjects is full: the /24 of an
 * IPv4 address, the /48 of an IPv6 one, one of 256 groups for anything else.
 */
export function overflowOf(subject: string): string {
  const [, ipv4] = /^(\d+\.\d+\.\d+)\.\d+/.exec(subject) ?? [];
  if (ipv4) return `${ipv4}.0/24`;
  if (subject.includes(":")) return `${subject.split(":", 3).join(":")}::/48`;
  let hash = 0;
  for (let i = 0; i < subject.length; i++) hash = (hash * 31 + subject.charCodeAt(i)) & 0xff;
  return `overflow-${hash}`;
}

/** One plan for each policy, by object, so that finding it is one look-up. */
export function planAll(policies: Pick<Policies, "all">): ReadonlyMap<Policy, WindowPlan> {
  return new Map(policies.all.map((policy) => [policy, planWindows(policy)]));
}
