/** A report for people: what failed with its fix first, then the rest in a line each. */
import type { Result } from "./check.ts";
import { hasFailed, type Report } from "./verify.ts";

const MARKS = { pass: "pass", fail: "FAIL", skip: "skip" } as const;
const ID_WIDTH = 26;

export function plainReport(report: Report, strict = false): string {
  const { url, requests, tookMs, results } = report;
  const count = (outcome: Result["outcome"]) =>
    results.filter((one) => one.outcome === outcome).length;
  const failed = results.filter(({ outcome }) => outcome === "fail");
  const lines = [
    `${url}: ${count("pass")} passed, ${failed.length} failed, ${count("skip")} skipped ` +
    `(${requests} requests, ${(tookMs / 1_000).toFixed(1)} s)`,
    "",
    ...results.map((result) => `${markOf(result)}  ${result.id.padEnd(ID_WIDTH)} ${result.detail}`),
    ...failed.flatMap(({ id, level, what, detail, why, fix }) => [
      "",
      `${id} (${level}): ${what}`,
      `  found  ${detail}`,
      `  why    ${why}`,
      `  fix    ${fix}`,
    ]),
    "",
    hasFailed(report, strict) ? "Not passed" : "Passed",
  ];
  return lines.map(printable).join("\n") + "\n";
}

const markOf = ({ outcome, level }: Result) =>
  outcome === "fail" && level === "warning" ? "warn" : MARKS[outcome];

/** The site's own words must not steer the terminal. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, "?");
}
