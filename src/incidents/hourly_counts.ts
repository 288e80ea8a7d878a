/**
 * Security events counted by the hour, all of them, also those too many to be kept: by type and
 * action, and the most frequent addresses, patterns and countries. The security report reads these.
 */
import { keys, type SecurityHour } from "../kv/keys.ts";
import type { Kv } from "../kv/kv.ts";
import { update } from "../kv/update.ts";
import { type Clock, DAY, HOUR } from "../time.ts";
import { type NewSecurityEvent, SUSPICIOUS } from "./event_types.ts";

export interface SecurityReport {
  /** Unix times in milliseconds, widened to whole hours. */
  readonly from: number;
  readonly to: number;
  readonly events: Readonly<Record<string, number>>;
  readonly actions: Readonly<Record<string, number>>;
  readonly suspicious: Readonly<Record<string, number>>;
  readonly topOffenders: readonly { readonly ip: string; readonly count: number }[];
  readonly topPatterns: readonly { readonly pattern: string; readonly count: number }[];
  readonly topCountries: readonly { readonly country: string; readonly count: number }[];
}

export interface HourlyCounts {
  add(event: NewSecurityEvent): void;
  /** At most 31 days; an earlier `from` is moved. */
  report(range: { readonly from: number; readonly to: number }): Promise<SecurityReport>;
  flush(): Promise<void>;
}

type Counts = Record<keyof SecurityHour, Map<string, number>>;

/** Names kept of each kind in an hour: the most frequent ones. Twice as many are counted here. */
const NAMES_MAX = 200;
const HOURS_MAX = 31 * 24;
const TOP = 20;
const PATTERNS_PER_EVENT = 3;
/** Hours that wait while KV is out. */
const WAITING_MAX = 3;

export function createHourlyCounts(
  { kv, clock, days }: { readonly kv: Kv; readonly clock: Clock; readonly days: number },
): HourlyCounts {
  const waiting = new Map<number, Counts>();

  const countsOf = (hour: number): Counts => {
    const known = waiting.get(hour);
    if (known) return known;
    if (waiting.size >= WAITING_MAX) waiting.delete(Math.min(...waiting.keys()));
    const counts = emptyCounts();
    waiting.set(hour, counts);
    return counts;
  };

  return {
    add(event) {
      const counts = countsOf(Math.floor(clock.now() / HOUR));
      count(counts.types, event.type);
      count(counts.actions, event.action);
      if (event.ip) count(counts.ips, event.ip);
      if (event.country) count(counts.countries, event.country);
      for (const { name } of event.signals?.slice(0, PATTERNS_PER_EVENT) ?? []) {
        count(counts.patterns, name);
      }
    },
    async report({ from, to }) {
      const last = Math.floor(Math.min(to, clock.now()) / HOUR);
      const first = Math.max(Math.floor(from / HOUR), last - HOURS_MAX + 1);
      const hours = Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => first + at);
      const stored = await kv.getMany(hours.map((hour) => keys.securityHour(hour)));
      const sum = emptyCounts();
      for (const { value } of stored) addAll(sum, value);
      return describe(sum, first * HOUR, (last + 1) * HOUR);
    },
    async flush() {
      for (const [hour, counts] of [...waiting]) {
        waiting.delete(hour);
        try {
          await update(kv, keys.securityHour(hour), (stored) => joined(stored, counts), {
            expireIn: days * DAY,
          });
        } catch (error) {
          const again = countsOf(hour);
          for (const field of FIELDS) {
            for (const [name, by] of counts[field]) count(again[field], name, by);
          }
          throw error;
        }
      }
    },
  };
}

const FIELDS = ["types", "actions", "ips", "patterns", "countries"] as const;

const emptyCounts = (): Counts => ({
  types: new Map(),
  actions: new Map(),
  ips: new Map(),
  patterns: new Map(),
  countries: new Map(),
});

function count(counts: Map<string, number>, name: string, by = 1, namesMax = 2 * NAMES_MAX): void {
  const known = counts.get(name);
  if (known !== undefined || counts.size < namesMax) counts.set(name, (known ?? 0) + by);
}

function addAll(sum: Counts, stored: SecurityHour | null): void {
  if (!stored) return;
  for (const field of FIELDS) {
    for (const [name, by] of Object.entries(stored[field])) count(sum[field], name, by, Infinity);
  }
}

/** What is stored when the counts are added to what is stored now. */
function joined(stored: SecurityHour | null, counts: Counts): SecurityHour {
  const part = (field: keyof SecurityHour) => {
    const sum = new Map(counts[field]);
    for (const [name, by] of Object.entries(stored?.[field] ?? {})) {
      count(sum, name, by, Infinity);
    }
    return Object.fromEntries(top(sum, NAMES_MAX));
  };
  return {
    types: part("types"),
    actions: part("actions"),
    ips: part("ips"),
    patterns: part("patterns"),
    countries: part("countries"),
  };
}

/** The most frequent names; among equals the first in the alphabet. */
function top(counts: ReadonlyMap<string, number>, max: number): [string, number][] {
  return [...counts]
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .slice(0, max);
}

function describe(sum: Counts, from: number, to: number): SecurityReport {
  const { types, actions, ips, patterns, countries } = sum;
  return {
    from,
    to,
    events: Object.fromEntries(types),
    actions: Object.fromEntries(actions),
    suspicious: Object.fromEntries(SUSPICIOUS.map((type) => [type, types.get(type) ?? 0])),
    topOffenders: top(ips, TOP).map(([ip, count]) => ({ ip, count })),
    topPatterns: top(patterns, TOP).map(([pattern, count]) => ({ pattern, count })),
    topCountries: top(countries, TOP).map(([country, count]) => ({ country, count })),
  };
}
