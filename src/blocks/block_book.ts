/**
 * The blocks as this isolate knows them, arranged so that a request's question is a look into a
 * map. Filled from shards as they are read, with the blocks this isolate has just made on top.
 */
import type { Block } from "../kv/keys.ts";
import type { Clock } from "../time.ts";
import type { AddressRanges } from "./address_lists.ts";
import { blockShardOf, SHARDS, type StoredShard } from "./block_store.ts";

export interface BlockBook {
  /** The block in force that covers the client. */
  covering(ip: string, subject: string): boolean;
  /** The block of exactly this target, in force or ended. */
  get(target: string): Block | undefined;
  /** A block made here that KV does not have yet; stays on top until `settle`. */
  put(block: Block): void;
  /** From now on what is read of the target's shard counts. */
  settle(target: string): void;
  remove(target: string): void;
  take(shards: readonly StoredShard[]): void;
  /** Shards whose changes this isolate has not read. */
  stale(changes: readonly number[]): number[];
  values(): IterableIterator<Block>;
  readonly size: number;
}

/** What clients are counted as: an IPv4 address, or the /64 of an IPv6 one. */
const isSubject = (target: string) =>
  target.includes(":") ? target.endsWith("/64") : !target.includes("/");

export function createBlockBook(clock: Clock, ranges: AddressRanges): BlockBook {
  const byTarget = new Map<string, Block>();
  const unsettled = new Map<string, Block>();
  const targets: string[][] = Array.from({ length: SHARDS }, () => []);
  const known = new Array<number>(SHARDS).fill(0);
  let wide = ranges.build([]);
  /** When the set of ranges must be built anew, because one of them ends. */
  let wideUntil = Infinity;

  const buildWide = () => {
    const now = clock.now();
    const inForce = [...byTarget.values()]
      .filter(({ target, until }) => !isSubject(target) && until > now);
    wide = ranges.build(inForce.map(({ target }) => target));
    wideUntil = Math.min(Infinity, ...inForce.map(({ until }) => until));
  };

  return {
    covering(ip, subject) {
      const now = clock.now();
      const block = byTarget.get(subject);
      if (block !== undefined && block.until > now) return true;
      if (now >= wideUntil) buildWide();
      return wide.size > 0 && wide.has(ip);
    },
    get: (target) => byTarget.get(target),
    put(block) {
      byTarget.set(block.target, block);
      unsettled.set(block.target, block);
      if (!isSubject(block.target)) buildWide();
    },
    settle(target) {
      if (unsettled.delete(target)) targets[blockShardOf(target)].push(target);
    },
    remove(target) {
      byTarget.delete(target);
      unsettled.delete(target);
      if (!isSubject(target)) buildWide();
    },
    take(shards) {
      for (const { shard, changes, blocks } of shards) {
        // A slow read must not undo what was read or written since.
        if (changes < known[shard]) continue;
        for (const target of targets[shard]) byTarget.delete(target);
        for (const block of blocks) byTarget.set(block.target, block);
        targets[shard] = blocks.map(({ target }) => target);
        known[shard] = changes;
      }
      for (const [target, block] of unsettled) byTarget.set(target, block);
      buildWide();
    },
    stale: (changes) => changes.flatMap((count, shard) => count === known[shard] ? [] : shard),
    values: () => byTarget.values(),
    get size() {
      return byTarget.size;
    },
  };
}
