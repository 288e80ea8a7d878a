/**
 * Turns a policy into the windows one request is counted in: whose count, under which name, with
 * which words in the header. Built once at start, so that a request only picks.
 */
import type { LimitSpec } from "../config_shapes.ts";
import { type ClientAddress, userKey, type VerifiedUser } from "../context.ts";
import type { AppErrorOptions } from "../errors/app_error.ts";
import { SECOND } from "../time.ts";
import type { LeaseLimit } from "./lease_limiter.ts";
import type { Charge, Policy } from "./charge.ts";
import type { Policies } from "./policy.ts";
import { type Quota, quotaRefusal } from "./quota_refusal.ts";

/** A /48 of IPv6 holds 65,536 /64s, which one customer may rotate through; it gets this many. */
const NETWORK_FACTOR = 5;

export interface LimitWindow extends LeaseLimit, Quota {
  readonly quotaText: string;
  /** `"ip";q=200;w=60` */
  readonly policyItem: string;
  /** `"ip";r=` */
  readonly stateStart: string;
  /** What a client is told whom it refuses, but for `Retry-After`. */
  readonly refusal: AppErrorOptions;
}

/** Works out at the start all that a request needs to know of a window. */
export function createWindow(spec: LeaseLimit & Quota): LimitWindow {
  const { label, quota, windowMs } = spec;
  return {
    ...spec,
    quotaText: String(quota),
    policyItem: `"${label}";q=${quota};w=${Math.round(windowMs / SECOND)}`,
    stateStart: `"${label}";r=`,
    refusal: quotaRefusal(spec),
  };
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
    const name = `${policy.name}.${label}`;
    const subjectWord = label === "ip" ? "IP" : label;
    const quota = spec.quota * factor;
    return createWindow({ name, label, subjectWord, quota, windowMs: spec.windowMs, strict });
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
): readonly WindowClaim[] {
  const { operation } = charge;
  const address = part === "user" ? NONE : addressClaims(plan, operation, client);
  const own = part === "address" ? NONE : userClaims(plan, operation, client, user);
  return join(address, own);
}

function addressClaims(plan: WindowPlan, operation: string, { subject, network }: ClientAddress) {
  const address = claimAll(plan.address, operation, subject);
  return network === undefined
    ? address
    : join(address, claimAll(plan.network, operation, network));
}

function userClaims(
  plan: WindowPlan,
  operation: string,
  { subject }: ClientAddress,
  user: VerifiedUser | undefined,
) {
  return user
    ? claimAll(plan.user, operation, userKey(user))
    : claimAll(plan.anonymous, operation, subject);
}

/** The counts of an attempt on an account, such as a sign-in. */
export function accountClaims(
  plan: WindowPlan,
  { operation }: Charge,
  account: string,
): readonly WindowClaim[] {
  return claimAll(plan.account, operation, account);
}

const NONE: readonly WindowClaim[] = [];

function claimAll(
  windows: readonly LimitWindow[],
  operation: string,
  subject: string,
): readonly WindowClaim[] {
  if (windows.length === 0) return NONE;
  const counted = scoped(operation, subject);
  return windows.map((limit) => ({ limit, subject: counted }));
}

/** Nearly always one of the two is empty, and the other need not be copied. */
function join(
  some: readonly WindowClaim[],
  others: readonly WindowClaim[],
): readonly WindowClaim[] {
  if (others.length === 0) return some;
  return some.length === 0 ? others : [...some, ...others];
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
