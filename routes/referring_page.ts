/**
 * What a request's Referer may hold: what the rules let the page it names hold. A page whose search
 * may be anything loads its pictures and goes on with that search as the Referer, and all of them
 * would be refused. Anything else in a Referer is examined as ever: attackers write there too.
 */
import { isOfReferer } from "../src/threats/attempt.ts";
import type { Exemptions } from "../src/threats/exemptions.ts";
import type { RuleMatch } from "../src/threats/path_rules.ts";
import type { Finding } from "../src/threats/score.ts";

const PART = "header.referer.";

export function isInReferer(findings: readonly Finding[]): boolean {
  return findings.some(({ field }) => isOfReferer(field));
}

/**
 * @param host The host this was asked of, as `GateContext.host`.
 * @param rule What the rules say of this request.
 * @param ruleOf What they say of a page, by its path as a browser sends it.
 * @returns What need not be examined, the exemptions of `rule` included.
 */
export function withReferer(
  headers: Headers,
  host: string,
  { mode, exempt }: RuleMatch,
  ruleOf: (path: string) => RuleMatch,
): Exemptions | undefined {
  const page = URL.parse(headers.get("referer") ?? "");
  if (!page || page.host !== host || page.username || page.password) return exempt;
  const rule = ruleOf(page.pathname);
  const holdsAnything = rule.mode === "off" || (rule.mode === "monitor" && mode === "enforce");
  const mayHold = (field: string) =>
    holdsAnything ||
    (field.startsWith(PART) && rule.exempt?.has(`query.${field.slice(PART.length)}`) === true);
  return {
    has: (field) => exempt?.has(field) === true || (isOfReferer(field) && mayHold(field)),
  };
}
