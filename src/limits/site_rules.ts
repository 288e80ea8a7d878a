/**
 * An operator's own policies for paths of the origin. A path, and a method, may be read in several
 * ways; each reading has its charge, and the request gets the one that lets the fewest through.
 */
import type { LimitRule } from "../config_shapes.ts";
import { pathPattern } from "../paths/pattern.ts";
import type { RequestPath } from "../paths/request_path.ts";
import type { Charge, Policy } from "./charge.ts";

/** @param usual The charge where no rule applies. */
export type SiteCharge = (
  methods: readonly string[],
  path: RequestPath,
  usual: Charge,
) => Charge;

export function createSiteRules(
  rules: readonly LimitRule[],
  policyOf: (rule: LimitRule) => Policy,
): SiteCharge {
  if (rules.length === 0) return (_methods, _path, usual) => usual;
  const known = rules.map((rule) => {
    const charge: Charge = { policy: policyOf(rule), operation: "", cost: rule.cost };
    return { method: rule.method, pattern: pathPattern(rule.path), charge };
  });
  const chargeOf = (method: string, reading: string, usual: Charge) =>
    known.find((rule) =>
      (rule.method === "*" || rule.method === method) && rule.pattern.matches(reading)
    )?.charge ?? usual;

  return (methods, { readings }, usual) => {
    let strictest: Charge | undefined;
    for (const method of methods) {
      for (const reading of readings) {
        const charge = chargeOf(method, reading, usual);
        if (!strictest || rateOf(charge) < rateOf(strictest)) strictest = charge;
      }
    }
    return strictest ?? usual;
  };
}

/** Requests a millisecond that a charge lets through in the long run. */
function rateOf({ policy: { limits }, cost }: Charge): number {
  return Math.min(...limits.map(({ quota, windowMs }) => quota / windowMs)) / cost;
}
