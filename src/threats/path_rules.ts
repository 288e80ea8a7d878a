/**
 * Where threats are refused, only watched, or not looked for, and which fields are left alone there:
 * an operator's rules by method and path, the first that matches wins.
 */
import { pathPattern } from "../paths/pattern.ts";
import type { RequestPath } from "../paths/request_path.ts";

import { type Exemptions, exemptionsOf } from "./exemptions.ts";

export type ThreatMode = "enforce" | "monitor" | "off";

export interface ThreatRule {
  /** Upper-case method, or `*`. */
  readonly method: string;
  /** A pattern as `pathPattern` reads it. */
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
  /** What applies to a request: the strictest of what applies to the readings of its path. */
  match(methods: readonly string[], path: Pick<RequestPath, "readings">): RuleMatch;
}

export function createThreatRules(rules: readonly ThreatRule[], fallback: ThreatMode): ThreatRules {
  const byDefault: RuleMatch = { mode: fallback, exempt: undefined };
  const known = rules.map((rule) => ({
    method: rule.method,
    pattern: pathPattern(rule.path),
    match: { mode: rule.mode, exempt: exemptionsOf(rule.exempt) },
  }));
  // Known beforehand where there is no rule, or where the first one is for every request.
  const always = known.length === 0
    ? byDefault
    : rules[0].method === "*" && rules[0].path === "/*"
    ? known[0].match
    : undefined;
  const matchOf = (method: string, reading: string) =>
    known.find((rule) =>
      (rule.method === "*" || rule.method === method) && rule.pattern.matches(reading)
    )?.match ?? byDefault;
  return {
    match(methods, { readings }) {
      if (always) return always;
      let strictest: RuleMatch | undefined;
      for (const method of methods) {
        for (const reading of readings) {
          const match = matchOf(method, reading);
          strictest = strictest ? stricter(strictest, match) : match;
        }
      }
      return strictest ?? byDefault;
    },
  };
}

const STRICTNESS: Readonly<Record<ThreatMode, number>> = { off: 0, monitor: 1, enforce: 2 };

/** Who decides by the one path must not be fooled by the other: what only one exempts is examined. */
function stricter(one: RuleMatch, other: RuleMatch): RuleMatch {
  if (one === other) return one;
  const mode = STRICTNESS[one.mode] < STRICTNESS[other.mode] ? other.mode : one.mode;
  return { mode, exempt: undefined };
}
