/**
 * Threat indicators: the addresses attacks came from and the patterns they had, each with when it
 * was seen and how often. Gathered in memory, joined in KV in 64 keys; what was not seen for longest
 * makes room, among addresses and among patterns apart.
 */
import { keys, type ThreatIndicator } from "../kv/keys.ts";
import type { Kv } from "../kv/kv.ts";
import { type ListPage, type ListPageOptions, pageOfList, timeKey } from "../kv/list_pages.ts";
import { shardOf } from "../kv/shard.ts";
import { update } from "../kv/update.ts";
import { type Clock, DAY } from "../time.ts";
import type { NewSecurityEvent } from "./event_types.ts";

export interface IndicatorsQuery extends ListPageOptions {
  readonly kind?: ThreatIndicator["kind"];
  readonly value?: string;
  readonly minConfidence?: number;
  /** Last seen then or later; Unix time in milliseconds. */
  readonly since?: number;
}

export interface Indicators {
  add(event: NewSecurityEvent): void;
  /** Last seen first. */
  list(query: IndicatorsQuery): Promise<ListPage<ThreatIndicator>>;
  flush(): Promise<void>;
  readonly waiting: number;
}

export interface IndicatorsOptions {
  readonly kv: Kv;
  readonly clock: Clock;
  readonly days: number;
}

const PATTERN_SHARDS = 8;
const SHARDS = 64;
/** Of at most 300 bytes. */
const PER_SHARD = 150;
const WAITING_MAX = 2_000;
const SHARDS_PER_FLUSH = 8;
const VALUE_MAX = 100;
/** A signal below this says little about the request, and nothing about its sender. */
const PATTERN_CONFIDENCE = 0.5;
/** Of an address whose event has no score, such as a suspicion. */
const BEHAVIOUR_CONFIDENCE = 0.5;

export function createIndicators({ kv, clock, days }: IndicatorsOptions): Indicators {
  const waiting = new Map<string, ThreatIndicator>();

  const see = (kind: ThreatIndicator["kind"], text: string, confidence: number) => {
    const value = text.slice(0, VALUE_MAX);
    const key = `${kind} ${value}`;
    if (!waiting.has(key) && waiting.size >= WAITING_MAX) return;
    const at = clock.now();
    const seen = { kind, value, confidence, firstSeenAt: at, lastSeenAt: at, hits: 1 };
    waiting.set(key, join(waiting.get(key), seen));
  };

  const write = async (shard: number, group: readonly ThreatIndicator[]) => {
    await update(
      kv,
      keys.indicatorShard(shard),
      (stored) => fit([...(stored ?? []), ...group]),
      { expireIn: days * DAY },
    );
  };

  return {
    add({ ip, score = BEHAVIOUR_CONFIDENCE, signals = [] }) {
      if (ip) see("ip", ip, score);
      for (const { name, confidence } of signals) {
        if (confidence >= PATTERN_CONFIDENCE) see("pattern", name, confidence);
      }
    },
    async list({ kind, value, minConfidence = 0, since, ...page }) {
      const oldest = Math.max(since ?? 0, clock.now() - days * DAY);
      const shards = Array.from({ length: SHARDS }, (_, shard) => keys.indicatorShard(shard));
      const stored = (await kv.getMany(shards)).flatMap((entry) => entry.value ?? []);
      const wanted = stored.filter((indicator) =>
        (kind === undefined || indicator.kind === kind) &&
        (value === undefined || indicator.value === value) &&
        indicator.confidence >= minConfidence && indicator.lastSeenAt >= oldest
      );
      return pageOfList(wanted, ({ lastSeenAt, value }) => timeKey(lastSeenAt) + value, page);
    },
    async flush() {
      const groups = largestGroups(waiting.values());
      await Promise.all(groups.map(async ([shard, group]) => {
        for (const indicator of group) waiting.delete(keyOf(indicator));
        try {
          await write(shard, group);
        } catch (error) {
          for (const indicator of group) {
            waiting.set(keyOf(indicator), join(waiting.get(keyOf(indicator)), indicator));
          }
          throw error;
        }
      }));
    },
    get waiting() {
      return waiting.size;
    },
  };
}

const keyOf = ({ kind, value }: ThreatIndicator) => `${kind} ${value}`;

function shardOfIndicator({ kind, value }: ThreatIndicator): number {
  if (kind === "pattern") return shardOf(value, PATTERN_SHARDS);
  return PATTERN_SHARDS + shardOf(value, SHARDS - PATTERN_SHARDS);
}

/** What gathered most, so that a bounded number of commits does most of the work. */
function largestGroups(indicators: Iterable<ThreatIndicator>): [number, ThreatIndicator[]][] {
  const groups = Map.groupBy(indicators, shardOfIndicator);
  return [...groups].sort((a, b) => b[1].length - a[1].length).slice(0, SHARDS_PER_FLUSH);
}

function join(known: ThreatIndicator | undefined, seen: ThreatIndicator): ThreatIndicator {
  if (!known) return seen;
  return {
    ...known,
    confidence: Math.max(known.confidence, seen.confidence),
    firstSeenAt: Math.min(known.firstSeenAt, seen.firstSeenAt),
    lastSeenAt: Math.max(known.lastSeenAt, seen.lastSeenAt),
    hits: known.hits + seen.hits,
  };
}

function fit(indicators: readonly ThreatIndicator[]): ThreatIndicator[] {
  const joined = new Map<string, ThreatIndicator>();
  for (const indicator of indicators) {
    joined.set(keyOf(indicator), join(joined.get(keyOf(indicator)), indicator));
  }
  return [...joined.values()].sort((a, b) => b.lastSeenAt - a.lastSeenAt).slice(0, PER_SHARD);
}
