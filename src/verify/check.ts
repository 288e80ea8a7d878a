/**
 * What a check of a live site is: a row that says what it looks at, why, and how to fix it, with a
 * function from facts to a verdict. A family gathers its facts once, then judges all its rows.
 */
import { ProbeError } from "./probe.ts";
import type { Visit } from "./visit.ts";

/** `error` makes the run fail; `warning` is worth knowing. */
export type Level = "error" | "warning";

export interface Verdict {
  /** `skip`: it does not apply to this site, or could not be found out. */
  readonly outcome: "pass" | "fail" | "skip";
  readonly detail: string;
}

export interface Rule {
  /** `headers.hsts`: the family first. */
  readonly id: string;
  readonly level: Level;
  /** What holds when it passes. */
  readonly what: string;
  readonly why: string;
  readonly fix: string;
}

export interface Check<Facts> extends Rule {
  readonly judge: (facts: Facts) => Verdict;
}

export interface Result extends Rule, Verdict {}

export interface Family {
  readonly rules: readonly Rule[];
  run(visit: Visit): Promise<Result[]>;
}

export const pass = (detail: string): Verdict => ({ outcome: "pass", detail });
export const fail = (detail: string): Verdict => ({ outcome: "fail", detail });
export const skip = (detail: string): Verdict => ({ outcome: "skip", detail });

/** The verdict of many things of which each may be wrong. */
export function verdictOf(wrong: readonly string[], allRight: string): Verdict {
  return wrong.length > 0 ? fail(wrong.join("; ")) : pass(allRight);
}

export function createFamily<Facts>(
  gather: (visit: Visit) => Promise<Facts>,
  checks: readonly Check<Facts>[],
): Family {
  const rules = checks.map(({ id, level, what, why, fix }) => ({ id, level, what, why, fix }));
  return {
    rules,
    async run(visit) {
      try {
        const facts = await gather(visit);
        return checks.map(({ judge }, at) => ({ ...rules[at], ...judge(facts) }));
      } catch (error) {
        if (!(error instanceof ProbeError)) throw error;
        return rules.map((rule) => ({ ...rule, ...skip(error.message) }));
      }
    },
  };
}
