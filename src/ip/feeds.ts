/**
 * Block list feeds of REPUTATION_FEEDS. A cron has one isolate read each of them anew; the others
 * take the result from KV. They need no key, and a feed that cannot be read leaves its last content
 * in force.
 */
import type { FeedSpec } from "../config_shapes.ts";
import type { Kv } from "../kv/kv.ts";
import type { Log } from "../log.ts";
import { type Clock, MINUTE, SECOND } from "../time.ts";
import { createFeedStore } from "./feed_store.ts";
import { readFeed } from "./feed_text.ts";
import { createRangeSet, type RangeSet } from "./range_set.ts";

export interface FeedsOptions {
  readonly feeds: readonly FeedSpec[];
  readonly fetch: typeof globalThis.fetch;
  readonly kv: Kv;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Feeds {
  /** The highest score of the feeds that list the address; 0 for none. Memory only. */
  scoreOf(ip: string): number;
  /** Reads anew what is older than 50 minutes; for an hourly cron. Never rejects. */
  refresh(): Promise<void>;
  /** Takes from KV what others have read. Never rejects. */
  load(): Promise<void>;
}

const READ_AGAIN_MS = 50 * MINUTE;
const LOAD_EVERY_MS = 10 * MINUTE;
const DEADLINE_MS = 30 * SECOND;
const NAME_MAX = 300;

interface LoadedFeed {
  readonly name: string;
  readonly spec: FeedSpec;
  generation: string;
  ranges: RangeSet;
}

export function createFeeds(options: FeedsOptions): Feeds {
  const { feeds, kv, clock, log } = options;
  const store = createFeedStore(kv, clock);
  const loaded = feeds.map((spec): LoadedFeed => ({
    name: `${spec.url.host}${spec.url.pathname}`.slice(0, NAME_MAX),
    spec,
    generation: "",
    ranges: createRangeSet([]),
  }));
  let loadAt = -Infinity;

  const loadOne = async (feed: LoadedFeed) => {
    const head = await store.head(feed.name);
    if (!head || head.generation === feed.generation) return;
    const ranges = await store.load(feed.name, head);
    if (ranges) Object.assign(feed, { ranges, generation: head.generation });
  };

  const refreshOne = async (feed: LoadedFeed) => {
    const { name, spec } = feed;
    const head = await store.head(name);
    const isDue = !head || head.readAt < clock.now() - READ_AGAIN_MS;
    if (!isDue || !await store.claim(name)) return;
    const ranges = await download(spec.url, options);
    const { generation } = await store.save(name, ranges);
    Object.assign(feed, { ranges, generation });
    log.info("feed.read", { host: spec.url.host, ranges: ranges.size });
  };

  const each = async (what: (feed: LoadedFeed) => Promise<void>, event: string) => {
    for (const feed of loaded) {
      await what(feed).catch((error) => log.warn(event, { host: feed.spec.url.host, error }));
    }
  };
  const load = () => {
    loadAt = clock.monotonic() + LOAD_EVERY_MS;
    return each(loadOne, "feed.not_loaded");
  };

  return {
    load,
    refresh: () => each(refreshOne, "feed.not_read"),
    scoreOf(ip) {
      if (loaded.length === 0) return 0;
      if (clock.monotonic() >= loadAt) void load();
      let score = 0;
      for (const { spec, ranges } of loaded) {
        if (spec.score > score && ranges.has(ip)) score = spec.score;
      }
      return score;
    },
  };
}

async function download(url: URL, options: FeedsOptions): Promise<RangeSet> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), DEADLINE_MS);
  try {
    const response = await options.fetch(url, { signal: deadline.signal });
    if (!response.ok || !response.body) {
      await response.body?.cancel();
      throw new Error(`The feed answered status ${response.status}`);
    }
    return await readFeed(response.body);
  } finally {
    clearTimeout(timer);
  }
}
