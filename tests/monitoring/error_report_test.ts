import { assertEquals } from "@std/assert";
import type { ErrorPatternRecord } from "../../src/kv/error_records.ts";
import { reportErrors } from "../../src/monitoring/error_report.ts";
import { DAY, HOUR, MINUTE } from "../../src/time.ts";

const NOW = Date.UTC(2026, 10, 21, 12);
const HOUR_NOW = NOW / HOUR;
const MINUTE_NOW = NOW / MINUTE;

const record = (more: Partial<ErrorPatternRecord> = {}): ErrorPatternRecord => ({
  fingerprint: "f",
  category: "TIMEOUT",
  severity: "MEDIUM",
  code: "TIMED_OUT",
  message: "m",
  frame: "",
  firstSeenAt: NOW - 3 * DAY,
  lastSeenAt: NOW,
  total: 1,
  minutes: [MINUTE_NOW, 1],
  hours: [HOUR_NOW, 1],
  ...more,
});

const only = (more: Partial<ErrorPatternRecord>, range = {}) =>
  reportErrors([record(more)], range, NOW, true).patterns[0];

Deno.test("reportErrors() counts the last day unless told otherwise", () => {
  const hours = [HOUR_NOW - 100, 7, HOUR_NOW - 5, 2, HOUR_NOW, 1];
  assertEquals(only({ hours }).count, 3);
  assertEquals(only({ hours }, { from: NOW - 5 * DAY }).count, 10);
  assertEquals(only({ hours }, { from: NOW - 5 * DAY, to: NOW - 4 * DAY }).count, 7);
  assertEquals(only({ hours }, { from: NOW - 3 * DAY, to: NOW - 2 * DAY }), undefined);
});

Deno.test("reportErrors() counts minutes within two hours", () => {
  const minutes = [MINUTE_NOW - 90, 5, MINUTE_NOW - 10, 2, MINUTE_NOW, 1];
  assertEquals(only({ minutes }, { from: NOW - 15 * MINUTE }).count, 3);
  assertEquals(only({ minutes }, { from: NOW - 2 * HOUR }).count, 8);
});

Deno.test("reportErrors() says where it is going", () => {
  const trend = (early: number, late: number) =>
    only({ hours: [HOUR_NOW - 20, early, HOUR_NOW - 2, late] }).trend;
  assertEquals([trend(10, 40), trend(40, 10), trend(10, 12), trend(1, 2)], [
    "rising",
    "falling",
    "steady",
    "steady",
  ]);
});

Deno.test("reportErrors() names the state of a pattern", () => {
  assertEquals(only({}).state, "ongoing");
  assertEquals(only({ firstSeenAt: NOW - HOUR }).state, "new");
  assertEquals(only({ regressedAt: NOW - HOUR }).state, "regressed");
  assertEquals(only({ regressedAt: NOW - 2 * DAY }).state, "ongoing");
  assertEquals(only({ resolvedAt: NOW }).state, "resolved");
});

Deno.test("reportErrors() sorts, filters and bounds", () => {
  const records = Array.from({ length: 150 }, (_, at) =>
    record({
      fingerprint: `f${at}`,
      hours: [HOUR_NOW, at + 1],
      category: at % 2 ? "NETWORK" : "SYSTEM",
    }));
  const report = reportErrors(records, { limit: 1_000 }, NOW, true);
  assertEquals(report.patterns.length, 100);
  assertEquals(report.patterns[0].count, 150);
  assertEquals(report.total, 150 * 151 / 2);
  assertEquals(reportErrors(records, {}, NOW, true).patterns.length, 25);
  const network = reportErrors(records, { category: "NETWORK" }, NOW, true);
  assertEquals(Object.keys(network.by_category), ["NETWORK"]);
  assertEquals(report.by_severity, { MEDIUM: report.total });
});
