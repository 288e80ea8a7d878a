import { assert, assertEquals } from "@std/assert";
import { valueSizeBytes } from "../../src/kv/size.ts";
import type { ErrorPatternRecord } from "../../src/kv/error_records.ts";
import {
  hourOf,
  judgePattern,
  mergePatterns,
  minuteOf,
  recentCount,
} from "../../src/monitoring/error_patterns.ts";
import { DAY, HOUR, MINUTE } from "../../src/time.ts";

const NOW = Date.UTC(2026, 10, 21, 12);

const seen = (at: number, count: number): ErrorPatternRecord => ({
  fingerprint: "f",
  category: "TIMEOUT",
  severity: "MEDIUM",
  code: "TIMED_OUT",
  message: "it took too long",
  frame: "",
  firstSeenAt: at,
  lastSeenAt: at,
  total: count,
  minutes: [minuteOf(at), count],
  hours: [hourOf(at), count],
});

/** A history of `count` every five minutes for two hours up to now. */
const steady = (count: number) =>
  Array.from({ length: 24 }, (_, at) => seen(NOW - (24 - at) * 5 * MINUTE, count))
    .reduce(mergePatterns);

Deno.test("judgePattern() tells a spike against the cause's own usual number", () => {
  const eventOf = (usual: number, count: number) =>
    judgePattern(steady(usual), seen(NOW, count), NOW).event;
  assertEquals(eventOf(1, 9), undefined);
  assertEquals(eventOf(1, 10), "spike");
  assertEquals(eventOf(50, 50), undefined);
  assertEquals(eventOf(50, 51), "spike");
  const uneven = [20, 90, 40, 70].map((count, at) => seen(NOW - (at + 1) * 5 * MINUTE, count))
    .reduce((all, one) => mergePatterns(all, one), steady(50));
  assertEquals(judgePattern(uneven, seen(NOW, 120), NOW).event, undefined);
});

Deno.test("judgePattern() tells a spike once an hour", () => {
  const first = judgePattern(steady(1), seen(NOW, 30), NOW);
  assertEquals(first.event, "spike");
  const next = judgePattern(first.record, seen(NOW + MINUTE, 300), NOW + MINUTE);
  assertEquals(next.event, undefined);
  const later = NOW + HOUR + MINUTE;
  assertEquals(judgePattern(next.record, seen(later, 3_000), later).event, "spike");
});

Deno.test("judgePattern() does not call back what was seen before it was resolved", () => {
  const resolved = { ...seen(NOW, 1), resolvedAt: NOW + MINUTE };
  const late = judgePattern(resolved, seen(NOW + MINUTE / 2, 1), NOW + 2 * MINUTE);
  assertEquals([late.event, late.record.resolvedAt], [undefined, NOW + MINUTE]);
});

Deno.test("recentCount() looks at the five minutes up to the last one", () => {
  const counts = [10, 4, 3, 0].map((ago) => seen(NOW - ago * MINUTE, 1)).reduce(mergePatterns);
  assertEquals(recentCount(counts), 3);
});

Deno.test("a record stays small however long its history is", () => {
  let record = seen(NOW, 1_000_000);
  for (let at = 0; at < 60 * DAY; at += 20 * MINUTE) {
    record = mergePatterns(record, seen(NOW + at, 1_000_000));
  }
  for (let at = 0; at < 6 * HOUR; at += MINUTE) {
    record = mergePatterns(record, seen(NOW + 60 * DAY + at, 1_000_000));
  }
  assert(record.hours.length <= 2 * (30 * 24 + 1));
  assert(record.minutes.length <= 2 * 131);
  const sizeBytes = valueSizeBytes(record);
  assert(sizeBytes < 12_000, `${sizeBytes} bytes`);
});
