/**
 * How the text of a setting becomes its value: one shape a kind of setting. What settings there are
 * is said in config.ts.
 */
import { z } from "zod";
import { DAY, HOUR, MINUTE, SECOND } from "./time.ts";

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: SECOND,
  m: MINUTE,
  h: HOUR,
  d: DAY,
};

export const whole = (min: number, max: number) =>
  z.string().regex(/^\d+$/, "must be a whole number").transform(Number)
    .pipe(z.number().min(min, `must be at least ${min}`).max(max, `must be at most ${max}`));

export const flag = z.enum(["0", "1", "true", "false"]).transform((text) =>
  text === "1" || text === "true"
);

const SECRET_BYTES_MIN = 32;

export const secret = z.string().refine(
  (text) => new TextEncoder().encode(text).length >= SECRET_BYTES_MIN,
  `must be at least ${SECRET_BYTES_MIN} bytes`,
);

export const list = z.string().transform((text) =>
  text.split(",").map((s) => s.trim()).filter(Boolean)
);

export const secrets = list.pipe(z.array(secret).max(5, "must be at most 5 secrets"));

export const httpUrl = z.string().transform((text, ctx) => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && /^https?:$/.test(url.protocol) && !url.username && !url.search) return url;
  ctx.addIssue({ code: "custom", message: "must be an http(s) URL without credentials or query" });
  return z.NEVER;
});

/** Goes into a header or a path, so it holds nothing that would have to be escaped there. */
export const secretText = z.string().regex(
  /^[\w.~-]{8,200}$/,
  "must be 8 to 200 letters, digits, ._~-",
);

/** A block list on the web, and the reputation (0 to 1) of an address that is in it. */
export interface FeedSpec {
  readonly url: URL;
  readonly score: number;
}

const FEED_SCORE = 0.7;
const FEEDS_MAX = 10;

export const feeds = list.pipe(
  z.array(z.string()).max(FEEDS_MAX, `must be at most ${FEEDS_MAX} feeds`),
)
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

export const countries = list.pipe(
  z.array(z.string().regex(COUNTRY, "must be two-letter codes like XX,YY")).max(250),
);

export const countryRisks = list.transform((parts, ctx) => {
  const risks: Record<string, number> = {};
  for (const part of parts) {
    const [, country, risk] = /^([A-Z]{2})=(0|1|0?\.\d{1,3})$/.exec(part) ?? [];
    if (country) risks[country] = Number(risk);
    else ctx.addIssue({ code: "custom", message: `must be like XX=0.3,YY=1, got "${part}"` });
  }
  return risks;
});
/** What looks like a Standard Webhooks secret must be one. */
export const webhookSecret = secret.refine(
  (text) =>
    !text.startsWith("whsec_") || /^whsec_([\w+/]{4})+([\w+/]{2}(==)?|[\w+/]{3}=?)?$/.test(text),
  "must be base64 behind whsec_",
);

export const MAIL_FROM = /^([^<>"\r\n,;]{1,80} <)?[\w.+-]{1,64}@[\w-]{1,63}(\.[\w-]{1,63}){0,4}>?$/;

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
export const limits = list.transform((parts, ctx) => {
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

export const policyNames = list.pipe(z.array(z.enum(POLICY_NAMES)));

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

export const limitRules = list.transform((parts, ctx) => {
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

export const headerModes = list.transform((parts, ctx) => {
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

export const threatRules = list.transform((parts, ctx) => {
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

export const share = z.string().regex(
  /^(?:0(?:\.\d{1,3})?|1(?:\.0{1,3})?)$/,
  "must be between 0 and 1",
)
  .transform(Number);
