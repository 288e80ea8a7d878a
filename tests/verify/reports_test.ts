import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { plainReport } from "../../src/verify/plain_report.ts";
import { sarifReport } from "../../src/verify/sarif_report.ts";
import { hasFailed, type Report } from "../../src/verify/verify.ts";
import { serveTestApp } from "../_app.ts";
import { runChild } from "../_child.ts";
import { serveSite, wrongSite } from "./_sites.ts";

const row = (id: string, level: "error" | "warning", outcome: "pass" | "fail" | "skip") => ({
  id,
  level,
  outcome,
  what: "It holds",
  why: "Because.",
  fix: "Do it.",
  detail: "seen \u001b[31mred",
});

const REPORT: Report = {
  url: "https://shop.example/",
  startedAt: Date.UTC(2026, 10, 21),
  tookMs: 1_500,
  requests: 12,
  results: [
    row("headers.a", "error", "fail"),
    row("headers.b", "warning", "fail"),
    row("auth.c", "error", "pass"),
    row("tls.d", "error", "skip"),
  ],
};
const WARNED: Report = { ...REPORT, results: REPORT.results.slice(1) };

Deno.test("hasFailed() by an error, and by a warning only when strict", () => {
  assertEquals([hasFailed(REPORT), hasFailed(WARNED), hasFailed(WARNED, true)], [
    true,
    false,
    true,
  ]);
  assertEquals(hasFailed({ ...REPORT, results: REPORT.results.slice(3) }), true, "nothing judged");
});

Deno.test("plainReport() counts, lists, and explains what failed", () => {
  const text = plainReport(REPORT);
  assertMatch(
    text,
    /^https:\/\/shop\.example\/: 1 passed, 2 failed, 1 skipped \(12 requests, 1\.5 s\)/,
  );
  assertMatch(text, /^FAIL {2}headers\.a +seen/m);
  assertMatch(text, /^warn {2}headers\.b +seen/m);
  assertStringIncludes(text, "headers.a (error): It holds\n  found  seen");
  assertStringIncludes(text, "  fix    Do it.");
  assert(text.endsWith("\nNot passed\n"));
  assert(plainReport(WARNED).endsWith("\nPassed\n"));
  assert(!text.includes("\u001b"), "the site's words do not steer the terminal");
});

Deno.test("sarifReport() is a log of version 2.1.0 with a rule and a kind for each result", () => {
  const log = JSON.parse(sarifReport(REPORT, "1.2.3"));
  assertEquals([log.version, log.runs.length], ["2.1.0", 1]);
  const [{ tool: { driver }, invocations, results }] = log.runs;
  assertEquals([driver.name, driver.version, driver.rules.length], [
    "Gatehouse verify:security",
    "1.2.3",
    4,
  ]);
  assertEquals(invocations, [{
    executionSuccessful: true,
    startTimeUtc: "2026-11-21T00:00:00.000Z",
    endTimeUtc: "2026-11-21T00:00:01.500Z",
  }]);
  const told = results.map(({ kind, level }: Record<string, string>) => `${kind} ${level}`);
  assertEquals(told, ["fail error", "fail warning", "pass none", "notApplicable none"]);
  for (const { ruleId, ruleIndex, locations } of results) {
    assertEquals(driver.rules[ruleIndex].id, ruleId);
    assertEquals(locations[0].physicalLocation.artifactLocation.uri, REPORT.url);
  }
});

async function run(...args: string[]) {
  const command = ["run", "-A", "ops/verify_security.ts", ...args];
  const { code, stdout, stderr } = await runChild(Deno.execPath(), { args: command });
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), err: text(stderr) };
}

Deno.test("verify:security exits with 0 for the app, in plain words", async () => {
  await using app = await serveTestApp();
  const { code, out } = await run(app.url);
  assertEquals(code, 0, out);
  assert(out.endsWith("\nPassed\n"));
});

Deno.test("verify:security exits with 1 for a bad site, as JSON and as SARIF", async () => {
  await using site = serveSite(wrongSite);
  const json = await run(site.url.href, "--format", "json");
  assertEquals([json.code, JSON.parse(json.out).url], [1, site.url.href]);
  const sarif = await run(site.url.href, "--format=sarif", "--path", "/cart");
  assertEquals([sarif.code, JSON.parse(sarif.out).version], [1, "2.1.0"]);
  assert(site.asked.includes("GET /cart"));
});

Deno.test("verify:security exits with 2 and its usage when it is not understood", async () => {
  for (const args of [[], ["shop.example"], ["http://a.example", "--format", "xml"], ["--nope"]]) {
    const { code, err } = await run(...args);
    assertEquals(code, 2, args.join(" "));
    assertStringIncludes(err, "Usage: deno task verify:security URL");
  }
});
