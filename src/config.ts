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

/** Goes into a header or a path, so it holds nothing that would have to be escaped there. */
const secretText = z.string().regex(/^[\w.~-]{8,200}$/, "must be 8 to 200 letters, digits, ._~-");

/** A block list on the web, and the reputation (0 to 1) of an address that is in it. */
export interface FeedSpec {
  readonly url: URL;
  readonly score: number;
}

const FEED_SCORE = 0.7;
const FEEDS_MAX = 10;

const feeds = list.pipe(z.array(z.string()).max(FEEDS_MAX, `must be at most ${FEEDS_MAX} feeds`))
  .transform((parts, ctx) =>
    parts.map((part): FeedSpec => {
      const [, address, score] = /^(.*?)(?:=(0?\.\d{1,3}|1))?$/.exec(part) ?? [];
      const url = httpUrl.safeParse(address).data;
      if (url) return { url, score: score === undefined ? FEED_SCORE : Number(score) };
      ctx.addIssue({
        code: "custom",
        message: `must be URLs like https://lists.example/drop.netset=0.7, got "${part}"`,
      });
      return z.NEVER;
    })
  );

const COUNTRY = /^[A-Z]{2}$/;

const countries = list.pipe(
  z.array(z.string().regex(COUNTRY, "must be two-letter codes like XX,YY")).max(250),
);

const countryRisks = list.transform((parts, ctx) => {
  const risks: Record<string, number> = {};
  for (const part of parts) {
    const [, country, risk] = /^([A-Z]{2})=(0|1|0?\.\d{1,3})$/.exec(part) ?? [];
    if (country) risks[country] = Number(risk);
    else ctx.addIssue({ code: "custom", message: `must be like XX=0.3,YY=1, got "${part}"` });
  }
  return risks;
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

/** What the threat engine does with a path: refuse, only watch, or look away. */
export type ThreatRuleMode = "enforce" | "monitor" | "off";

/** An operator's own rule for threats on a path of the origin. */
export interface ThreatRuleSetting {
  /** Upper-case method, or `*`. */
  readonly method: string;
  /** Exact path, `*` for one segment; a final `*` stands for the whole rest. */
  readonly path: string;
  readonly mode: ThreatRuleMode;
  /** Names of fields that are not examined. */
  readonly exempt: readonly string[];
}

const THREAT_RULE =
  /^(?:([A-Z]{3,10}) )?(\/[^=\s]{0,500})=(enforce|monitor|off)(?::([\w.[\]-]{1,80}(?:\+[\w.[\]-]{1,80}){0,19}))?$/;

const threatRules = list.transform((parts, ctx) => {
  const rules: ThreatRuleSetting[] = [];
  for (const part of parts) {
    const [, method = "*", path, mode, exempt = ""] = THREAT_RULE.exec(part) ?? [];
    if (path) {
      const fields = exempt.split("+").filter(Boolean);
      rules.push({ method, path, mode: mode as ThreatRuleMode, exempt: fields });
    } else {
      ctx.addIssue({
        code: "custom",
        message: `must be rules like /metrics/*=off or POST /pages/*=enforce:body_html+summary, ` +
          `got "${part}"`,
      });
    }
  }
  return rules;
});

const share = z.string().regex(/^(?:0(?:\.\d{1,3})?|1(?:\.0{1,3})?)$/, "must be between 0 and 1")
  .transform(Number);

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
  RISK_THRESHOLD: setting(share, "0.8", "A request with a risk above this is refused."),
  BLOCK_THRESHOLD: setting(
    share,
    "0.9",
    "An address whose request has a risk above this may be blocked.",
  ),
  THREAT_RULES: setting(
    threatRules,
    "",
    "Threats on paths of the origin: `/search/*=monitor,POST /pages/*=enforce:body_html+summary` " +
      "(the fields after `:` are not examined).",
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
  BLOCK_SECONDS: setting(
    whole(1, 2_592_000),
    "3600",
    "How long an address is blocked automatically the first time; each repeat doubles it.",
  ),
  BLOCK_MAX_SECONDS: setting(
    whole(1, 31_536_000),
    "86400",
    "The longest automatic block.",
  ),
  BLOCK_STRIKES: setting(
    whole(1, 8),
    "2",
    "Different strong attack payloads within 10 minutes after which an address is blocked.",
  ),
  SECURITY_EVENT_DAYS: setting(whole(1, 365), "30", "How long security events are kept."),
  ABUSEIPDB_KEY: setting(secretText.optional(), undefined, "API key of AbuseIPDB."),
  ABUSEIPDB_URL: setting(
    httpUrl,
    "https://api.abuseipdb.com/",
    "Where AbuseIPDB answers.",
  ),
  ABUSEIPDB_DAILY_QUOTA: setting(
    whole(1, 1_000_000),
    "1000",
    "Look-ups a day that AbuseIPDB allows; nine tenths of them are used.",
  ),
  IPQUALITYSCORE_KEY: setting(secretText.optional(), undefined, "API key of IPQualityScore."),
  IPQUALITYSCORE_URL: setting(
    httpUrl,
    "https://www.ipqualityscore.com/",
    "Where IPQualityScore answers.",
  ),
  IPQUALITYSCORE_DAILY_QUOTA: setting(
    whole(1, 1_000_000),
    "33",
    "Look-ups a day that IPQualityScore allows; nine tenths of them are used.",
  ),
  REPUTATION_FEEDS: setting(
    feeds,
    "",
    "Block list feeds (netset or text): `https://lists.example/drop.netset=0.7`; the number is the reputation of an address in it, 0.7 if absent.",
  ),
  COUNTRY_DENY: setting(
    countries,
    "",
    "Countries that are refused, as two-letter codes: `XX,YY`.",
  ),
  COUNTRY_RISK: setting(
    countryRisks,
    "",
    "Suspicion of a country from 0 to 1: `XX=0.3`; at most a tenth of an address's behaviour.",
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
