/**
 * Map 1: every setting. One row is its name in the environment (and in code), its shape, its
 * default and one sentence; the table in the README is printed from here.
 */
import { z } from "zod";
import project from "../deno.json" with { type: "json" };
import { DAY, HOUR, MINUTE, SECOND } from "./time.ts";

/** The release, as deno.json names it. */
export const VERSION: string = project.version;

export interface Setting<Schema extends z.ZodType> {
  readonly schema: Schema;
  /** The value when the variable is absent or empty, as one would write it; absent = not set. */
  readonly fallback: string | undefined;
  readonly about: string;
}

const setting = <Schema extends z.ZodType>(
  schema: Schema,
  fallback: string | undefined,
  about: string,
): Setting<Schema> => ({ schema, fallback, about });

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: SECOND,
  m: MINUTE,
  h: HOUR,
  d: DAY,
};

const whole = (min: number, max: number) =>
  z.string().regex(/^\d+$/, "must be a whole number").transform(Number)
    .pipe(z.number().min(min, `must be at least ${min}`).max(max, `must be at most ${max}`));

const flag = z.enum(["0", "1", "true", "false"]).transform((text) =>
  text === "1" || text === "true"
);

const SECRET_BYTES_MIN = 32;

const secret = z.string().refine(
  (text) => new TextEncoder().encode(text).length >= SECRET_BYTES_MIN,
  `must be at least ${SECRET_BYTES_MIN} bytes`,
);

const list = z.string().transform((text) => text.split(",").map((s) => s.trim()).filter(Boolean));

const secrets = list.pipe(z.array(secret).max(5, "must be at most 5 secrets"));

const httpUrl = z.string().transform((text, ctx) => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && /^https?:$/.test(url.protocol) && !url.username && !url.search) return url;
  ctx.addIssue({ code: "custom", message: "must be an http(s) URL without credentials or query" });
  return z.NEVER;
});

/** A tier of a rate limit: whose requests are counted together. */
export type LimitTier = "ip" | "user" | "account";

/** `quota` requests in any `windowMs` milliseconds for each subject of `tier`. */
export interface LimitSpec {
  readonly tier: LimitTier;
  readonly quota: number;
  readonly windowMs: number;
}

const LIMIT = /^(ip|user|account):(\d{1,7})\/(\d{0,4})(s|m|h|d)$/;

/** `ip:200/1m,user:60/1m`: one or more limits that must all hold. */
const limits = list.transform((parts, ctx) => {
  const specs: LimitSpec[] = [];
  for (const part of parts) {
    const [, tier, quota, count, unit] = LIMIT.exec(part) ?? [];
    const spec = {
      tier: tier as LimitTier,
      quota: Number(quota),
      windowMs: Number(count || 1) * UNIT_MS[unit],
    };
    if (tier && spec.quota > 0 && spec.windowMs >= SECOND && spec.windowMs <= DAY) specs.push(spec);
    else {
      ctx.addIssue({
        code: "custom",
        message: `must be limits like ip:200/1m,user:60/1m (at most 1d), got "${part}"`,
      });
    }
  }
  return specs;
});

/** The policies a path can be given; each has its limits in `LIMIT_<NAME>`. */
export const POLICY_NAMES = [
  "store",
  "assets",
  "api",
  "intensive",
  "onboarding",
  "critical",
  "auth",
  "expensive",
] as const;
export type PolicyName = typeof POLICY_NAMES[number];

const policyNames = list.pipe(z.array(z.enum(POLICY_NAMES)));

/** An operator's own choice of policy for a path of the origin. */
export interface LimitRule {
  /** Upper-case method, or `*`. */
  readonly method: string;
  /** Exact path, `*` for one segment; a final `*` stands for the whole rest. */
  readonly path: string;
  readonly policy: PolicyName;
  /** Permits that one request takes. */
  readonly cost: number;
}

const LIMIT_RULE = /^(?:([A-Z]{3,10}) )?(\/[^=\s]{0,500})=([a-z]+)(?::([1-9]\d{0,3}))?$/;

const limitRules = list.transform((parts, ctx) => {
  const rules: LimitRule[] = [];
  for (const part of parts) {
    const [, method = "*", path, name, cost = "1"] = LIMIT_RULE.exec(part) ?? [];
    const policy = POLICY_NAMES.find((known) => known === name);
    if (policy) rules.push({ method, path, policy, cost: Number(cost) });
    else {
      ctx.addIssue({
        code: "custom",
        message: `must be rules like POST /checkout=critical or /reports/*=expensive:2 with a ` +
          `policy of ${POLICY_NAMES.join(", ")}, got "${part}"`,
      });
    }
  }
  return rules;
});

/** How one security header is set on the origin's answers. */
export type HeaderMode = "enforce" | "report-only" | "fill" | "off";

const headerModes = list.transform((parts, ctx) => {
  const modes = new Map<string, HeaderMode>();
  for (const part of parts) {
    const [, name, mode] = /^([a-z0-9*-]+)=(enforce|report-only|fill|off)$/i.exec(part) ?? [];
    if (name) modes.set(name.toLowerCase(), mode.toLowerCase() as HeaderMode);
    else {
      ctx.addIssue({
        code: "custom",
        message: `must be pairs like x-frame-options=enforce, got "${part}"`,
      });
    }
  }
  return modes as ReadonlyMap<string, HeaderMode>;
});

export const SETTINGS = {
  PORT: setting(whole(0, 65_535), "8000", "Port to listen on; 0 takes a free one."),
  HOST: setting(z.string(), "127.0.0.1", "Address to listen on; `0.0.0.0` or `::` for all."),
  KV_PATH: setting(
    z.string(),
    "./data/gatehouse.sqlite3",
    "Deno KV: a file, `:memory:`, or the URL of a KV Connect server.",
  ),
  ORIGIN_URL: setting(
    httpUrl.optional(),
    undefined,
    "The web app behind the gate. Without it the demo shop is served.",
  ),
  ORIGIN_TIMEOUT_SECONDS: setting(
    whole(1, 3_600),
    "30",
    "How long the origin may take to begin its answer before the client gets 504.",
  ),
  BASE_PATH: setting(
    z.string().regex(/^(\/[\w.~-]+)*$/, "must be empty or like /_gatehouse"),
    "",
    "Prefix of all paths that are Gatehouse's own.",
  ),
  GATE_MODE: setting(
    z.enum(["enforce", "monitor", "off"]),
    "enforce",
    "`enforce` refuses, `monitor` only counts and logs what it would refuse, `off` does neither.",
  ),
  TRUSTED_PROXIES: setting(
    list,
    "",
    "CIDRs whose forwarding headers are believed; `cloudflare` names that network's ranges.",
  ),
  HTTPS_REDIRECT: setting(
    flag,
    "0",
    "Redirect plain HTTP to HTTPS; for when a trusted proxy or the platform ends TLS in front.",
  ),
  JWT_SECRET: setting(
    secret.optional(),
    undefined,
    "Shared secret (HS256) of the site's tokens; ours are signed with keys derived from it, or kept " +
      "in KV when absent (not on Deploy).",
  ),
  JWT_SECRET_PREVIOUS: setting(
    secrets,
    "",
    "Former values of `JWT_SECRET`, newest first, that are still accepted but sign nothing new.",
  ),
  BOOTSTRAP_TOKEN: setting(
    z.string().min(16, "must be at least 16 characters").optional(),
    undefined,
    "One-time token that creates the first admin; without it a start off Deploy prints a link.",
  ),
  JWT_PUBLIC_KEY: setting(
    z.string().startsWith("-----BEGIN PUBLIC KEY-----", "must be a PEM public key").optional(),
    undefined,
    "PEM public key of the origin's own tokens (EdDSA, ES256 or RS256).",
  ),
  JWKS_URL: setting(httpUrl.optional(), undefined, "Where the origin publishes its token keys."),
  JWT_ISSUER: setting(z.string().optional(), undefined, "`iss` that a token must carry."),
  JWT_AUDIENCE: setting(z.string().optional(), undefined, "`aud` that a token must carry."),
  LIMIT_STORE: setting(
    limits,
    "ip:200/1m,user:60/1m",
    "Limits of shop pages and the proxied origin; in an outage requests pass.",
  ),
  LIMIT_ASSETS: setting(
    limits,
    "ip:2000/1m",
    "Limits of the site's pictures, styles, scripts and fonts, which one page asks for by dozens.",
  ),
  LIMIT_API: setting(
    limits,
    "user:100/1m",
    "Limits of `/api/v1/*`, per operation; in an outage the fallback counts.",
  ),
  LIMIT_INTENSIVE: setting(
    limits,
    "user:200/1m",
    "Limits of API operations marked intensive, in place of `LIMIT_API`.",
  ),
  LIMIT_ONBOARDING: setting(limits, "user:100/5m", "Limits of `/api/v1/onboarding/*`."),
  LIMIT_CRITICAL: setting(
    limits,
    "user:50/1h",
    "Limits of uploads, conversation start, exports, task retry and clear; in an outage 503.",
  ),
  LIMIT_AUTH: setting(
    limits,
    "ip:5/5m,account:5/5m",
    "Limits of login and refresh; in an outage 503.",
  ),
  LIMIT_EXPENSIVE: setting(
    limits,
    "user:10/1h",
    "Limits of operations marked costly; in an outage 503.",
  ),
  LIMITS_PRESET: setting(
    z.enum(["standard", "hourly"]),
    "standard",
    "`hourly` counts the API at 100 an hour and pages at 1000 an hour instead.",
  ),
  LIMITS_SHADOW: setting(
    policyNames,
    "",
    "Names of policies that count and log but never refuse, for trying a limit out.",
  ),
  LIMIT_RULES: setting(
    limitRules,
    "",
    "Policies of origin paths: `POST /checkout=critical,/reports/*=expensive:2` (`:2` is the cost).",
  ),
  RATE_LIMITER_CIRCUIT_BREAKER_THRESHOLD: setting(
    whole(1, 100),
    "5",
    "Failures of KV in a row that open the breaker.",
  ),
  RATE_LIMITER_CIRCUIT_BREAKER_RESET_SECONDS: setting(
    whole(1, 3_600),
    "300",
    "How long the breaker stays open before one probe asks KV again.",
  ),
  RATE_LIMITER_FALLBACK_LIMIT: setting(
    whole(1, 100_000),
    "50",
    "Requests an hour and key that one isolate lets through while KV is out.",
  ),
  RATE_LIMITER_CLOCK_GUARD: setting(
    flag,
    "0",
    "Keep one more slot in each window, for isolates whose clocks differ by up to 2.5 s.",
  ),
  XSS_PROTECTION: setting(
    z.enum(["0", "1; mode=block"]),
    "1; mode=block",
    "`X-XSS-Protection`; OWASP advises `0`.",
  ),
  ORIGIN_HEADERS: setting(
    headerModes,
    "*=fill",
    "Mode of each security header on the origin's answers: enforce, report-only, fill, off.",
  ),
  ORIGIN_CSP: setting(
    z.string().regex(/^[\x20-\x7e]{1,4000}$/, "must be a policy in printable ASCII"),
    "object-src 'self'; base-uri 'self'",
    "Content-Security-Policy for the origin, used as `ORIGIN_HEADERS` says.",
  ),
  METRICS_TOKEN: setting(
    z.string().min(16, "must be at least 16 characters").optional(),
    undefined,
    "Bearer token for `/metrics`; without it nobody can scrape.",
  ),
  LOG_LEVEL: setting(
    z.enum(["debug", "info", "warn", "error"]),
    "info",
    "Least level that is written to the log.",
  ),
} as const;

type Settings = typeof SETTINGS;

/** Every setting, parsed. */
export type Config = { readonly [Name in keyof Settings]: z.infer<Settings[Name]["schema"]> };

/** Thrown when settings are wrong; its message names every one of them. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/** Reads the environment once. Throws `ConfigError` with all the problems at once. */
export function parseConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const values: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const [name, { schema, fallback }] of Object.entries(SETTINGS)) {
    const parsed = schema.safeParse(env[name] || fallback);
    if (parsed.success) values[name] = parsed.data;
    else problems.push(...parsed.error.issues.map((issue) => `${name} ${issue.message}`));
  }
  if (problems.length > 0) {
    throw new ConfigError(`Cannot start with these settings:\n  ${problems.join("\n  ")}`);
  }
  return values as Config;
}

/** The process's environment, read nowhere else. */
export function environment(): Record<string, string> {
  return Deno.env.toObject();
}

/** Whether the platform is Deno Deploy, which says so in the environment. */
export function runsOnDeploy(env: Readonly<Record<string, string | undefined>>): boolean {
  return Boolean(env.DENO_DEPLOY || env.DENO_DEPLOYMENT_ID);
}

/** The settings as the Markdown table of the README. */
export function settingsTable(): string {
  const rows = Object.entries(SETTINGS).map(([name, { fallback, about }]) =>
    `| \`${name}\` | ${fallback ? `\`${fallback}\`` : ""} | ${about} |`
  );
  return ["| variable | default | what it does |", "|---|---|---|", ...rows].join("\n");
}
