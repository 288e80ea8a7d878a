/** Error patterns as an admin reads them, most frequent first. Pure: from records to the answer. */
import type { ErrorCategory, Severity } from "../errors/codes.ts";
import { risenSeverity } from "../errors/severity.ts";
import type { ErrorPatternRecord, SparseCounts } from "../kv/error_records.ts";
import { DAY, HOUR } from "../time.ts";
import { countsSince, countWithin } from "./error_counts.ts";
import { hourOf, minuteOf, recentCount } from "./error_patterns.ts";

export interface ErrorPattern {
  readonly fingerprint: string;
  readonly category: ErrorCategory;
  /** With what repetition added to it. */
  readonly severity: Severity;
  readonly code: string;
  readonly message: string;
  readonly frame: string;
  readonly state: "new" | "ongoing" | "regressed" | "resolved";
  /** In the range asked for. */
  readonly count: number;
  readonly total_count: number;
  /** The second half of the range against the first. */
  readonly trend: "rising" | "steady" | "falling";
  readonly first_seen: string;
  readonly last_seen: string;
  readonly resolved_at: string | null;
  /** The last 24 hours of the range that had any. */
  readonly hours: readonly { readonly hour: string; readonly count: number }[];
}

export interface ErrorReport {
  readonly from: string;
  readonly to: string;
  /** False while KV is out: then these are the errors this isolate knows of. */
  readonly complete: boolean;
  readonly total: number;
  readonly by_category: Readonly<Partial<Record<ErrorCategory, number>>>;
  readonly by_severity: Readonly<Partial<Record<Severity, number>>>;
  readonly patterns: readonly ErrorPattern[];
}

export interface ErrorRange {
  /** Unix milliseconds; the last 24 hours when absent. Over two hours, whole hours are counted. */
  readonly from?: number;
  readonly to?: number;
  /** 1 to 100, 25 when absent. */
  readonly limit?: number;
  readonly category?: ErrorCategory;
}

interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

const LIMIT = 25;
const LIMIT_MAX = 100;
const NEW_FOR_MS = DAY;
/** So far back the journal knows minutes. */
const MINUTES_SPAN_MS = 2 * HOUR;
const HOURS_SHOWN = 24;
/** One half must be so much more than the other, and by more than chance, to be a trend. */
const TREND_FACTOR = 1.5;
const TREND_MIN = 3;

export function reportErrors(
  records: readonly ErrorPatternRecord[],
  range: ErrorRange,
  nowMs: number,
  complete: boolean,
): ErrorReport {
  const { to: toMs = nowMs, from: fromMs = toMs - DAY, limit = LIMIT, category } = range;
  const patterns = records
    .filter((record) => !category || record.category === category)
    .map((record) => viewPattern(record, nowMs, { fromMs, toMs }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count || (a.last_seen < b.last_seen ? 1 : -1));
  return {
    from: iso(fromMs),
    to: iso(toMs),
    complete,
    total: patterns.reduce((sum, { count }) => sum + count, 0),
    by_category: sumBy(patterns, ({ category }) => category),
    by_severity: sumBy(patterns, ({ severity }) => severity),
    patterns: patterns.slice(0, Math.min(Math.max(limit, 1), LIMIT_MAX)),
  };
}

/** One pattern over a span; over its last 24 hours when none is given. */
export function viewPattern(
  record: ErrorPatternRecord,
  nowMs: number,
  span: Span = { fromMs: nowMs - DAY, toMs: nowMs },
): ErrorPattern {
  const { resolvedAt } = record;
  return {
    fingerprint: record.fingerprint,
    category: record.category,
    severity: risenSeverity(record, recentCount(record)),
    code: record.code,
    message: record.message,
    frame: record.frame,
    state: stateOf(record, nowMs),
    count: countIn(record, span),
    total_count: record.total,
    trend: trendOf(record, span),
    first_seen: iso(record.firstSeenAt),
    last_seen: iso(record.lastSeenAt),
    resolved_at: resolvedAt === undefined ? null : iso(resolvedAt),
    hours: hoursOf(countsSince(record.hours, hourOf(span.fromMs)), hourOf(span.toMs)),
  };
}

function stateOf({ resolvedAt, regressedAt, firstSeenAt }: ErrorPatternRecord, nowMs: number) {
  if (resolvedAt !== undefined) return "resolved";
  if (regressedAt !== undefined && nowMs - regressedAt < NEW_FOR_MS) return "regressed";
  return nowMs - firstSeenAt < NEW_FOR_MS ? "new" : "ongoing";
}

function countIn({ minutes, hours }: ErrorPatternRecord, { fromMs, toMs }: Span): number {
  return toMs - fromMs > MINUTES_SPAN_MS
    ? countWithin(hours, hourOf(fromMs), hourOf(toMs))
    : countWithin(minutes, minuteOf(fromMs), minuteOf(toMs));
}

function trendOf(record: ErrorPatternRecord, { fromMs, toMs }: Span): ErrorPattern["trend"] {
  const [counts, unitOf] = toMs - fromMs > MINUTES_SPAN_MS
    ? [record.hours, hourOf] as const
    : [record.minutes, minuteOf] as const;
  const middle = unitOf((fromMs + toMs) / 2);
  const before = countWithin(counts, unitOf(fromMs), middle);
  const after = countWithin(counts, middle + 1, unitOf(toMs));
  if (after - before >= TREND_MIN && after > before * TREND_FACTOR) return "rising";
  return before - after >= TREND_MIN && before > after * TREND_FACTOR ? "falling" : "steady";
}

function hoursOf(counts: SparseCounts, last: number): ErrorPattern["hours"] {
  const hours: { hour: string; count: number }[] = [];
  for (let at = 0; at < counts.length; at += 2) {
    const isShown = counts[at] <= last && counts[at] > last - HOURS_SHOWN;
    if (isShown) hours.push({ hour: iso(counts[at] * HOUR), count: counts[at + 1] });
  }
  return hours;
}

function sumBy<Name extends string>(
  patterns: readonly ErrorPattern[],
  nameOf: (pattern: ErrorPattern) => Name,
): Partial<Record<Name, number>> {
  const sums: Partial<Record<Name, number>> = {};
  for (const pattern of patterns) {
    const name = nameOf(pattern);
    sums[name] = (sums[name] ?? 0) + pattern.count;
  }
  return sums;
}

const iso = (atMs: number) => new Date(atMs).toISOString();
