/**
 * A feed's ranges in KV, for the isolates that did not read it themselves: its tables in chunks
 * under the hash of their content, and one head that names them. A reader sees one list or another,
 * never parts of two.
 */
import { type FeedHead, type Key, keys } from "../kv/keys.ts";
import type { Kv } from "../kv/kv.ts";
import { type Clock, DAY, MINUTE } from "../time.ts";
import { type RangeSet, rangeSetOf } from "./range_set.ts";

export interface FeedStore {
  head(feed: string): Promise<FeedHead | null>;
  /** The ranges, or undefined when their chunks are gone. */
  load(feed: string, head: FeedHead): Promise<RangeSet | undefined>;
  save(feed: string, ranges: RangeSet): Promise<FeedHead>;
  /** Whether this isolate may read the feed now; others are kept from it for five minutes. */
  claim(feed: string): Promise<boolean>;
}

/** A whole number of ranges of either kind (8 and 32 bytes). */
const CHUNK_BYTES = 58_400;
const CHUNKS_PER_COMMIT = 10;
/** 500,000 IPv4 ranges. */
const CHUNKS_MAX = 100;
const CHUNK_KEPT_MS = 7 * DAY;
const CLAIM_MS = 5 * MINUTE;
const FAMILIES = ["ipv4", "ipv6"] as const;

export function createFeedStore(kv: Kv, clock: Clock): FeedStore {
  const chunkKeys = (feed: string, { generation, chunks }: FeedHead) =>
    FAMILIES.map((family) =>
      Array.from(
        { length: Math.min(chunks[family], CHUNKS_MAX) },
        (_, at) => keys.feedChunk(feed, generation, family, at),
      )
    );

  const read = async (chunks: readonly Key<Uint8Array>[]): Promise<Uint32Array | undefined> => {
    const found = (await kv.getMany(chunks)).map(({ value }) => value);
    if (found.includes(null)) return undefined;
    return new Uint32Array(await new Blob(found as Uint8Array<ArrayBuffer>[]).arrayBuffer());
  };

  const head = async (feed: string) => (await kv.get(keys.feedHead(feed))).value;

  return {
    head,
    async load(feed, stored) {
      const [ipv4, ipv6] = await Promise.all(chunkKeys(feed, stored).map(read));
      return ipv4 && ipv6 ? rangeSetOf({ ipv4, ipv6 }) : undefined;
    },
    async save(feed, ranges) {
      const parts = FAMILIES.map((family) => cut(bytesOf(ranges.tables[family])));
      const next: FeedHead = {
        generation: await hash(parts.flat()),
        chunks: { ipv4: parts[0].length, ipv6: parts[1].length },
        ranges: ranges.size,
        readAt: clock.now(),
      };
      const before = await head(feed);
      const targets = chunkKeys(feed, next).flat();
      const chunks = parts.flat();
      for (let from = 0; from < chunks.length; from += CHUNKS_PER_COMMIT) {
        await kv.commit((atomic) => {
          for (let at = from; at < Math.min(from + CHUNKS_PER_COMMIT, chunks.length); at++) {
            atomic.set(targets[at], chunks[at], { expireIn: CHUNK_KEPT_MS });
          }
        });
      }
      await kv.commit((atomic) => {
        atomic.set(keys.feedHead(feed), next);
        if (!before || before.generation === next.generation) return;
        for (const key of chunkKeys(feed, before).flat()) atomic.delete(key);
      });
      return next;
    },
    async claim(feed) {
      const key = keys.feedLease(feed);
      const { value, versionstamp } = await kv.get(key);
      const until = clock.now() + CLAIM_MS;
      if (value !== null && value > clock.now()) return false;
      const claim = await kv.commit((atomic) =>
        atomic.check(key, versionstamp).set(key, until, { expireIn: CLAIM_MS })
      );
      return claim.ok;
    },
  };
}

const bytesOf = (table: Uint32Array) => new Uint8Array(table.slice().buffer, 0, table.byteLength);

function cut(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>[] {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  for (let from = 0; from < bytes.length; from += CHUNK_BYTES) {
    chunks.push(bytes.slice(from, from + CHUNK_BYTES));
  }
  return chunks.slice(0, CHUNKS_MAX);
}

async function hash(chunks: readonly Uint8Array<ArrayBuffer>[]): Promise<string> {
  const all = await new Blob([...chunks]).arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", all), 0, 8);
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
