/**
 * Whether threat rules can be kept: every one of them well-formed, able to apply, and all of them
 * together small enough for one KV value. Says everything that is wrong at once.
 */
import { AppError } from "../errors/app_error.ts";
import { patternProblem } from "../paths/pattern.ts";
import type { ThreatRule } from "./path_rules.ts";

export const RULES_MAX = 200;
export const PATH_MAX = 500;
export const EXEMPT_MAX = 20;
/** Characters of all rules; one beyond Latin-1 takes two bytes of the 60,000 of a value. */
const CHARACTERS_MAX = 24_000;
const ERRORS_MAX = 50;

const METHOD = /^(?:\*|[A-Z]{3,10})$/;
const FIELD = /^[\w.[\]-]{1,80}$/;

interface Problem {
  readonly pointer: string;
  readonly detail: string;
}

/** Throws `VALIDATION_FAILED` with the pointer of each wrong value. */
export function checkRules(rules: readonly ThreatRule[]): void {
  if (rules.length > RULES_MAX) {
    refuse([{ pointer: "/rules", detail: `There can be at most ${RULES_MAX} rules` }]);
  }
  const problems = rules.flatMap(problemsOf);
  const characters = rules.reduce((sum, rule) => sum + JSON.stringify(rule).length, 0);
  if (characters > CHARACTERS_MAX) {
    problems.push({
      pointer: "/rules",
      detail: `The rules must not exceed ${CHARACTERS_MAX} characters of JSON in all`,
    });
  }
  if (problems.length > 0) refuse(problems);
}

function problemsOf(
  { method, path, exempt }: ThreatRule,
  at: number,
  all: readonly ThreatRule[],
): Problem[] {
  const problems: Problem[] = [];
  const tell = (field: string, detail: string) =>
    problems.push({ pointer: `/rules/${at}/${field}`, detail });

  if (!METHOD.test(method)) tell("method", "A method is written in capitals; * stands for all");
  const wrong = path.length > PATH_MAX
    ? `must have at most ${PATH_MAX} characters`
    : patternProblem(path);
  if (wrong) tell("path", `A path ${wrong}`);
  if (exempt.length > EXEMPT_MAX) tell("exempt", `There can be at most ${EXEMPT_MAX} fields`);
  if (!exempt.every((name) => FIELD.test(name))) {
    tell("exempt", "A field is named like body_html or post.content, in at most 80 characters");
  }
  const first = all.findIndex((rule) => rule.method === method && rule.path === path);
  if (first < at) tell("path", `This can never apply, because rule ${first} is for the same`);
  return problems;
}

function refuse(errors: readonly Problem[]): never {
  throw new AppError("VALIDATION_FAILED", { extensions: { errors: errors.slice(0, ERRORS_MAX) } });
}
