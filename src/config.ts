/**
 * Map 1: every setting. One row is its name in the environment (and in code), its shape, its
 * default and one sentence; the table in the README is printed from here.
 */
import { z } from "zod";
import project from "../deno.json" with { type: "json" };
import { fieldNames, originHost, publicHosts } from "./config_names.ts";
import {
  countries,
  countryRisks,
  feeds,
  flag,
  headerModes,
  httpUrl,
  limitRules,
  limits,
  list,
  MAIL_FROM,
  policyNames,
  secret,
  secrets,
  secretText,
  share,
  threatRules,
  webhookSecret,
  whole,
} from "./config_shapes.ts";

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
  ORIGIN_HOST: setting(
    originHost.optional(),
    undefined,
    "Host the origin is told: `preserve` (the public one), `origin` (its own) or a name; unset, " +
      "private and local ones hear the public one.",
  ),
  ORIGIN_FIELDS_KEEP: setting(
    fieldNames,
    "",
    "Fields that reach the origin though frameworks believe them, such as `Remote-User` of a proxy " +
      "in front that always writes it.",
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
  PUBLIC_HOSTS: setting(
    publicHosts,
    "",
    "Hosts that are ours: `shop.example,*.shop.example,[::1]:8000`; another one is refused with " +
      "421. Empty, any is ours.",
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
    "Policies of origin paths: `POST /checkout=critical,/reports/*=expensive:2` (`:2`: the cost; `*`: a segment, at the end the rest).",
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
      "(body fields after `:` are not examined).",
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
    "Strong attack payloads within 10 minutes, each of another kind or in another field, after which an address is blocked.",
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
  TASKS_DOORBELL: setting(
    z.enum(["auto", "kvqueue", "off"]),
    "auto",
    "Whether KV's own queue wakes background tasks too; `auto` uses it where there is one.",
  ),
  TASKS_CONCURRENCY: setting(
    whole(1, 200),
    "10",
    "Background tasks that one isolate runs at once.",
  ),
  TASKS_WAKE_URL: setting(
    httpUrl.optional(),
    undefined,
    "Where another instance is told that a task waits: its `/api/v1/tasks/wake`.",
  ),
  TASKS_WAKE_SECRET: setting(
    z.string().min(32, "must be at least 32 characters").optional(),
    undefined,
    "Signs wake-up calls; the same in all instances. Without it none is accepted.",
  ),
  DELIVERY_RETRY_HOURS: setting(
    whole(1, 168),
    "24",
    "How long mail and webhooks go on being tried while their server is out of order.",
  ),
  METRICS_TOKEN: setting(
    z.string().min(16, "must be at least 16 characters").optional(),
    undefined,
    "Bearer token for `/metrics`; without it nobody can scrape.",
  ),
  ERROR_RETENTION_DAYS: setting(
    whole(1, 365),
    "30",
    "How long the error journal keeps a pattern after it was last seen.",
  ),
  MAIL_API_URL: setting(
    httpUrl.optional(),
    undefined,
    "HTTPS mail API that sends our mail, such as `https://api.resend.com/emails`.",
  ),
  MAIL_API_STYLE: setting(
    z.enum(["resend", "postmark"]),
    "resend",
    "How that API wants its fields and its key.",
  ),
  MAIL_API_KEY: setting(z.string().optional(), undefined, "Key of the mail API."),
  MAIL_FROM: setting(
    z.string().regex(MAIL_FROM, "must be like shop@example.com or Shop <shop@example.com>"),
    "Gatehouse <gatehouse@localhost.localdomain>",
    "Sender of our mail.",
  ),
  SMTP_URL: setting(
    z.string().regex(/^smtps?:\/\/\S+$/, "must be an smtp:// or smtps:// URL").optional(),
    undefined,
    "Mail server, used without a mail API: `smtp://user:password@mail.example.com:587`.",
  ),
  WEBHOOK_SECRET: setting(
    webhookSecret.optional(),
    undefined,
    "Signs our webhooks; `whsec_` and base64 is read as Standard Webhooks has it.",
  ),
  WEBHOOK_SECRET_PREVIOUS: setting(
    list.pipe(z.array(webhookSecret).max(5, "must be at most 5 secrets")),
    "",
    "Former values of `WEBHOOK_SECRET`, whose signatures are sent along until receivers know it.",
  ),
  WEBHOOK_ALLOW_PRIVATE: setting(
    flag,
    "0",
    "Let webhooks go to plain HTTP, private addresses and any port: receivers in your own network.",
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
