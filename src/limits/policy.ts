/**
 * Which limits a request must pass: the policies with their numbers (from the settings), and the
 * table that gives each path its policy. Counting is done elsewhere.
 */
import type { Config } from "../config.ts";
import {
  type LimitRule,
  type LimitSpec,
  type LimitTier,
  POLICY_NAMES,
  type PolicyName,
} from "../config_shapes.ts";
import { HOUR } from "../time.ts";

/** What a request gets when KV cannot be asked: through, 503, or this isolate's own count. */
export type OutagePolicy = "open" | "closed" | "fallback";

export interface Policy {
  readonly name: string;
  readonly limits: readonly LimitSpec[];
  readonly onOutage: OutagePolicy;
  /** Count and log, never refuse. */
  readonly shadow: boolean;
}

/** What a path is counted as. */
export interface Charge {
  readonly policy: Policy;
  /** Separates the counts of a policy whose limits are per operation; empty when they are not. */
  readonly operation: string;
  /** Permits one request takes. */
  readonly cost: number;
}

export interface Policies {
  /** Every policy, named or not by a path. */
  readonly all: readonly Policy[];
  /** The charge of one of our own paths: no base path, no trailing slash. Undefined = free. */
  own(method: string, path: string): Charge | undefined;
  /** The charge of a path of the shop or the origin. */
  site(method: string, path: string): Charge;
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

/** `*` stands for one path segment. The first row that matches decides. */
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
const ASSET = /\.(?:css|m?js|map|svg|png|jpe?g|gif|webp|avif|ico|woff2?|ttf|otf)$/;

/** Health checks come from load balancers every second and say nothing worth protecting. */
const FREE_PATHS: ReadonlySet<string> = new Set(["/healthz", "/readyz"]);

export function createPolicies(config: Config): Policies {
  const policies = buildPolicies(config);
  const ownRules = OWN_PATHS.map(([method, path, name]) => ({
    ...pathRule(method, path),
    charge: { policy: policies[name], operation: operationOf(name, path), cost: 1 },
  }));
  const siteRules = config.LIMIT_RULES.map((rule) => siteRule(rule, policies));
  const onboarding: Charge = { policy: policies.onboarding, operation: "", cost: 1 };
  const store: Charge = { policy: policies.store, operation: "", cost: 1 };
  const assets: Charge = { policy: policies.assets, operation: "", cost: 1 };
  // Only paths of the table make operations: a caller must not open counters by inventing paths.
  const otherApi: Charge = { policy: policies.api, operation: "other", cost: 1 };

  return {
    all: POLICY_NAMES.map((name) => policies[name]),
    own(method, path) {
      if (FREE_PATHS.has(path)) return undefined;
      const rule = ownRules.find((rule) => rule.matches(method, path));
      if (rule) return rule.charge;
      if (path.startsWith("/api/v1/onboarding/")) return onboarding;
      return path.startsWith("/api/") ? otherApi : store;
    },
    site(method, path) {
      for (const rule of siteRules) if (rule.matches(method, path)) return rule.charge;
      return method === "GET" && ASSET.test(path) ? assets : store;
    },
  };
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

/** Limits of the API hold for each operation apart; those of the other policies are shared. */
function operationOf(policy: PolicyName, path: string): string {
  return policy === "intensive" ? path.slice("/api/v1/".length).replaceAll("/", ".") : "";
}

interface PathRule {
  matches(method: string, path: string): boolean;
}

function pathRule(method: string, path: string): PathRule {
  const source = path.split("*").map((text) => text.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  const pattern = new RegExp(`^${source.join("[^/]+")}$`);
  return {
    matches: (asked, text) => (method === "*" || asked === method) && pattern.test(text),
  };
}

/** A rule of the settings; its final `*` stands for the whole rest of the path. */
function siteRule({ method, path, policy, cost }: LimitRule, policies: PolicyTable) {
  const charge: Charge = { policy: policies[policy], operation: "", cost };
  if (!path.endsWith("*")) return { ...pathRule(method, path), charge };
  const start = path.slice(0, -1);
  const matches = (asked: string, at: string) =>
    (method === "*" || asked === method) && at.startsWith(start);
  return { matches, charge };
}
