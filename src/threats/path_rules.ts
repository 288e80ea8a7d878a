/**
 * Where threats are refused, only watched, or not looked for, and which fields are left alone there:
 * an operator's rules by method and path, the first that matches wins.
 */

import { type Exemptions, exemptionsOf } from "./exemptions.ts";

export type ThreatMode = "enforce" | "monitor" | "off";

export interface ThreatRule {
  /** Upper-case method, or `*`. */
  readonly method: string;
  /** Exact path, `*` for one segment; a final `*` stands for the whole rest. */
  readonly path: string;
  readonly mode: ThreatMode;
  /** Names of fields that are not examined, as `exemptions.ts` reads them: `body_html`, `query.q`. */
  readonly exempt: readonly string[];
}

export interface RuleMatch {
  readonly mode: ThreatMode;
  readonly exempt: Exemptions | undefined;
}

export interface ThreatRules {
  /** What applies to a request; `pathname` is normalised and without the query. */
  match(method: string, pathname: string): RuleMatch;
}

export function createThreatRules(rules: readonly ThreatRule[], fallback: ThreatMode): ThreatRules {
  const byDefault: RuleMatch = { mode: fallback, exempt: undefined };
  const known = rules.map((rule) => ({
    method: rule.method,
    segments: rule.path.split("/"),
    match: { mode: rule.mode, exempt: exemptionsOf(rule.exempt) },
  }));
  // Known beforehand where there is no rule, or where the first one is for every request.
  const always = known.length === 0
    ? byDefault
    : rules[0].method === "*" && rules[0].path === "/*"
    ? known[0].match
    : undefined;
  return {
    match(method, pathname) {
      if (always) return always;
      const segments = pathname.split("/");
      const rule = known.find((rule) =>
        (rule.method === "*" || rule.method === method) && fits(rule.segments, segments)
      );
      return rule?.match ?? byDefault;
    },
  };
}

function fits(pattern: readonly string[], segments: readonly string[]): boolean {
  const open = pattern[pattern.length - 1] === "*";
  if (open ? segments.length < pattern.length : segments.length !== pattern.length) return false;
  return pattern.every((part, at) => part === "*" || part === segments[at]);
}
