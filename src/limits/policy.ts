/**
 * Which limits a request must pass: the policies with their numbers (from the settings), and the
 * table that gives each path its policy. Counting is done elsewhere.
 */
import type { Config } from "../config.ts";
import { type LimitSpec, type LimitTier, POLICY_NAMES, type PolicyName } from "../config_shapes.ts";
import { methodOf } from "../paths/methods.ts";
import { pathPattern } from "../paths/pattern.ts";
import type { RequestPath } from "../paths/request_path.ts";
import { HOUR } from "../time.ts";
import type { Charge, OutagePolicy, Policy } from "./charge.ts";
import { createSiteRules } from "./site_rules.ts";

export interface Policies {
  /** Every policy, named or not by a path. */
  readonly all: readonly Policy[];
  /**
   * The charge of one of our own paths: no base path, no trailing slash. Undefined = free.
   * @param operation Name of the endpoint that answers; absent when none does.
   */
  own(method: string, path: string, operation?: string): Charge | undefined;
  /** The charge of a path of the shop or the origin, by the strictest of its readings. */
  site(methods: readonly string[], path: RequestPath): Charge;
}

const ON_OUTAGE: Readonly<Record<PolicyName, OutagePolicy>> = {
  store: "open",
  assets: "open",
  api: "fallback",
  intensive: "fallback",
  onboarding: "fallback",
  critical: "closed",
  auth: "closed",
  expensive: "closed",
};

/** The first row that matches decides. */
const OWN_PATHS: readonly (readonly [method: string, path: string, policy: PolicyName])[] = [
  ["POST", "/api/v1/auth/login", "auth"],
  ["POST", "/api/v1/auth/refresh", "auth"],
  ["POST", "/admin/login", "auth"],
  ["POST", "/api/v1/onboarding/sessions/*/uploads", "critical"],
  ["POST", "/api/v1/onboarding/conversation/start", "critical"],
  ["POST", "/api/v1/onboarding/admin/dlq/tasks/*/retry", "critical"],
  ["DELETE", "/api/v1/onboarding/admin/dlq/clear", "critical"],
  ["GET", "/api/v1/exports/*", "critical"],
  ["GET", "/api/v1/charts/*", "expensive"],
  ["POST", "/api/v1/events", "intensive"],
  ["POST", "/api/v1/tasks/wake", "intensive"],
];

/**
 * What a page loads. One page asks for dozens, so that under the limit of pages two of them would
 * lock a visitor out.
 */
const ASSETS: ReadonlySet<string> = new Set(
  "css js mjs map svg png jpg jpeg gif webp avif ico woff woff2 ttf otf".split(" "),
);

/** Health checks come from load balancers every second and say nothing worth protecting. */
const FREE_PATHS: ReadonlySet<string> = new Set(["/healthz", "/readyz"]);

export function createPolicies(config: Config): Policies {
  const policies = buildPolicies(config);
  const shared = shareCharges(policies);
  const apart = { api: createApart(policies.api), intensive: createApart(policies.intensive) };
  const ownRules = OWN_PATHS.map(([method, path, name]) => ({
    method,
    pattern: pathPattern(path),
    name,
  }));
  const ownPolicy = (method: string, path: string): PolicyName =>
    ownRules.find((rule) => rule.method === method && rule.pattern.matches(path))?.name ??
      usualPolicy(path);
  const ruled = createSiteRules(config.LIMIT_RULES, ({ policy }) => policies[policy]);

  return {
    all: POLICY_NAMES.map((name) => policies[name]),
    own(method, path, operation = "other") {
      if (FREE_PATHS.has(path)) return undefined;
      const name = ownPolicy(methodOf(method), path);
      return name === "api" || name === "intensive" ? apart[name](operation) : shared[name];
    },
    site(methods, path) {
      const isAsset = ASSETS.has(path.extension) && methods[0] === "GET";
      return ruled(methods, path, isAsset ? shared.assets : shared.store);
    },
  };
}

/** What a path of ours is counted as that no row of the table names. */
function usualPolicy(path: string): PolicyName {
  if (path.startsWith("/api/v1/onboarding/")) return "onboarding";
  return path.startsWith("/api/") ? "api" : "store";
}

type PolicyTable = Readonly<Record<PolicyName, Policy>>;

function buildPolicies(config: Config): PolicyTable {
  const hourly = (quota: number, tier: LimitTier = "ip"): LimitSpec[] => [
    { tier, quota, windowMs: HOUR },
  ];
  const preset = config.LIMITS_PRESET === "hourly";
  const limits: Readonly<Record<PolicyName, readonly LimitSpec[]>> = {
    store: preset ? hourly(1_000) : config.LIMIT_STORE,
    assets: config.LIMIT_ASSETS,
    api: preset ? hourly(100, "user") : config.LIMIT_API,
    intensive: config.LIMIT_INTENSIVE,
    onboarding: config.LIMIT_ONBOARDING,
    critical: config.LIMIT_CRITICAL,
    auth: config.LIMIT_AUTH,
    expensive: config.LIMIT_EXPENSIVE,
  };
  const build = (name: PolicyName): [PolicyName, Policy] => [name, {
    name,
    limits: limits[name],
    onOutage: ON_OUTAGE[name],
    shadow: config.LIMITS_SHADOW.includes(name),
  }];
  return Object.fromEntries(POLICY_NAMES.map(build)) as PolicyTable;
}

/** One count for all that a policy applies to. */
function shareCharges(policies: PolicyTable): Readonly<Record<PolicyName, Charge>> {
  const share = (name: PolicyName): [PolicyName, Charge] => [name, {
    policy: policies[name],
    operation: "",
    cost: 1,
  }];
  return Object.fromEntries(POLICY_NAMES.map(share)) as Record<PolicyName, Charge>;
}

/** A count for each operation, as the limits of the API have it. */
function createApart(policy: Policy): (operation: string) => Charge {
  const charges = new Map<string, Charge>();
  return (operation) => {
    let charge = charges.get(operation);
    if (!charge) charges.set(operation, charge = { policy, operation, cost: 1 });
    return charge;
  };
}
