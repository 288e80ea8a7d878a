/** A report in SARIF 2.1.0 (OASIS), which code hosts and dashboards show among their findings. */
import type { Result } from "./check.ts";
import type { Report } from "./verify.ts";

const KINDS = { pass: "pass", fail: "fail", skip: "notApplicable" } as const;

export function sarifReport({ url, startedAt, tookMs, results }: Report, version: string): string {
  const log = {
    $schema:
      "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
    version: "2.1.0",
    runs: [{
      tool: { driver: { name: "Gatehouse verify:security", version, rules: results.map(ruleOf) } },
      invocations: [{
        executionSuccessful: true,
        startTimeUtc: new Date(startedAt).toISOString(),
        endTimeUtc: new Date(startedAt + tookMs).toISOString(),
      }],
      results: results.map((result, at) => resultOf(result, at, url)),
    }],
  };
  return JSON.stringify(log, null, 2) + "\n";
}

function ruleOf({ id, level, what, why, fix }: Result) {
  return {
    id,
    shortDescription: { text: what },
    fullDescription: { text: `${what}. ${why}` },
    help: { text: fix },
    defaultConfiguration: { level },
  };
}

function resultOf({ id, outcome, level, what, detail }: Result, ruleIndex: number, uri: string) {
  return {
    ruleId: id,
    ruleIndex,
    kind: KINDS[outcome],
    // 3.27.10: a result that is no failure has the level none.
    level: outcome === "fail" ? level : "none",
    message: { text: `${what}: ${detail}` },
    locations: [{ physicalLocation: { artifactLocation: { uri } } }],
  };
}
