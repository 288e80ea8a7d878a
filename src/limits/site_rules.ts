/**
 * An operator's own policies for paths of the origin. A path may be read in several ways; each
 * reading has its charge, and the request gets the one that lets the fewest through.
 */
import type { LimitRule } from "../config_shapes.ts";
import { methodOf, pathPattern } from "../paths/pattern.ts";
import type { RequestPath } from "../paths/request_path.ts";
import type { Charge, Policy } from "./policy.ts";

/** @param usual The charge where no rule applies. */
export type SiteCharge = (method: string, path: RequestPath, usual: Charge) => Charge;

export function createSiteRules(
  rules: readonly LimitRule[],
  policyOf: (rule: LimitRule) => Policy,
): SiteCharge {
  if (rules.length === 0) return (_method, _path, usual) => usual;
  const known = rules.map((rule) => {
    const charge: Charge = { policy: policyOf(rule), operation: "", cost: rule.cost };
    return { method: rule.method, pattern: pathPattern(rule.path), charge };
  });
  const chargeOf = (method: string, reading: string, usual: Charge) =>
    known.find((rule) =>
      (rule.method === "*" || rule.method === method) && rule.pattern.matches(reading)
    )?.charge ?? usual;

  return (method, { readings }, usual) => {
    const asked = methodOf(method);
    let strictest = chargeOf(asked, readings[0], usual);
    for (let at = 1; at < readings.length; at++) {
      const charge = chargeOf(asked, readings[at], usual);
      if (rateOf(charge) < rateOf(strictest)) strictest = charge;
    }
    return strictest;
  };
}

/** Requests a millisecond that a charge lets through in the long run. */
function rateOf({ policy: { limits }, cost }: Charge): number {
  return Math.min(...limits.map(({ quota, windowMs }) => quota / windowMs)) / cost;
}
