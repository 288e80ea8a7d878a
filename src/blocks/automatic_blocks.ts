/**
 * Blocks that follow from the rule. They hold in this isolate at once and are written in batches
 * beside the requests; how many are made in a minute, and how many wait, is bounded: in a flood
 * beyond that, requests are still refused one by one.
 */
import type { Block } from "../kv/keys.ts";
import { createBatchTimer } from "../resilience/batch_timer.ts";
import { type Clock, MINUTE, SECOND } from "../time.ts";
import type { BlockBook } from "./block_book.ts";
import { blockShardOf, type BlockStore, type Edit, SHARDS_PER_COMMIT } from "./block_store.ts";
import { blockMs, type BlockRule, deservesBlock, type Evidence, REPEAT_WITHIN_MS } from "./rule.ts";

export interface AutomaticBlocksOptions {
  readonly store: BlockStore;
  readonly book: BlockBook;
  readonly clock: Clock;
  readonly rule: BlockRule;
  readonly onBlock: (block: Block) => void;
}

export interface AutomaticBlocks {
  /** Blocks the subject if it deserves it, and answers whether it is blocked. */
  consider(subject: string, evidence: Evidence): boolean;
  /** Takes back a block that is not written yet. */
  cancel(target: string): void;
  flush(): Promise<void>;
  stop(): Promise<void>;
}

const WRITE_EVERY_MS = SECOND;
const PER_MINUTE_MAX = 600;
const WAITING_MAX = 2_000;

const STRIKES = "Several different attack payloads within 10 minutes";
const CORROBORATED = "An attack payload from an address that is suspicious by itself";

export function createAutomaticBlocks(options: AutomaticBlocksOptions): AutomaticBlocks {
  const { store, book, clock, rule, onBlock } = options;
  const waiting = new Map<string, Block>();
  let minute = 0;
  let madeInMinute = 0;

  const hasRoom = () => {
    const now = Math.floor(clock.now() / MINUTE);
    if (now !== minute) [minute, madeInMinute] = [now, 0];
    return waiting.size < WAITING_MAX && madeInMinute++ < PER_MINUTE_MAX;
  };

  const write = async () => {
    const batch = takeBatch(waiting);
    try {
      const shards = await store.change(new Map(batch.map((block) => [block.target, edit(block)])));
      for (const { target } of batch) book.settle(target);
      book.take(shards);
    } catch (error) {
      // They hold here all the same, and are written when KV is back.
      for (const block of batch) {
        if (book.get(block.target) === block) waiting.set(block.target, block);
      }
      writer.ask();
      throw error;
    }
  };
  const writer = createBatchTimer({
    everyMs: WRITE_EVERY_MS,
    async work() {
      while (waiting.size > 0) await write();
    },
  });

  /** What another isolate knew and this one did not counts too. */
  const edit = (block: Block): Edit => (current) => {
    if (!current || current.until + REPEAT_WITHIN_MS <= block.at) return block;
    return current.until > block.at ? undefined : repeat(block, current.times + 1);
  };
  const repeat = (block: Block, times: number): Block => ({
    ...block,
    times,
    until: block.at + blockMs(times, rule),
  });

  return {
    consider(subject, evidence) {
      if (!deservesBlock(evidence, rule)) return false;
      const now = clock.now();
      const last = book.get(subject);
      if (last && last.until > now) return true;
      if (!hasRoom()) return false;
      const times = last && last.until + REPEAT_WITHIN_MS > now ? last.times + 1 : 1;
      const reason = evidence.distinctPayloads >= rule.strikes ? STRIKES : CORROBORATED;
      const first = { target: subject, reason, author: "automatic", automatic: true };
      const block = repeat({ ...first, at: now, until: now, times }, times);
      waiting.set(subject, block);
      book.put(block);
      writer.ask();
      onBlock(block);
      return true;
    },
    cancel: (target) => void waiting.delete(target),
    flush: writer.run,
    stop: writer.stop,
  };
}

/** As many as one commit may touch shards of, the oldest first. */
function takeBatch(waiting: Map<string, Block>): Block[] {
  const shards = new Set<number>();
  const batch: Block[] = [];
  for (const [target, block] of waiting) {
    const shard = blockShardOf(target);
    if (shards.size >= SHARDS_PER_COMMIT && !shards.has(shard)) continue;
    shards.add(shard);
    batch.push(block);
    waiting.delete(target);
  }
  return batch;
}
