/**
 * Blocks in KV: 64 keys hold them all, and one index counts the changes of each. So a poll costs
 * one read, a change is read by everyone exactly once, and the number of blocks has a bound. Every
 * write is checked against the index, which makes all of them one after the other.
 */
import { AppError } from "../errors/app_error.ts";
import { type Block, type BlockIndex, keys } from "../kv/keys.ts";
import type { Atomic, Kv } from "../kv/kv.ts";
import { pause } from "../kv/pause.ts";
import { shardOf } from "../kv/shard.ts";
import type { Clock } from "../time.ts";
import { REPEAT_WITHIN_MS } from "./rule.ts";

export const SHARDS = 64;
/** 160 blocks of at most 370 bytes are one KV value; 10,240 in all. */
export const BLOCKS_PER_SHARD = 160;
/** Shards of one commit: ten full ones are 600,000 bytes. */
export const SHARDS_PER_COMMIT = 10;
const ATTEMPTS = 16;
const WAIT_MAX_MS = 64;

export const blockShardOf = (target: string): number => shardOf(target, SHARDS);

/** Turns the block that is there into another one, into none (null), or leaves it (undefined). */
export type Edit = (current: Block | undefined) => Block | null | undefined;

export interface StoredShard {
  readonly shard: number;
  /** The index's count of its changes. */
  readonly changes: number;
  readonly blocks: readonly Block[];
}

export interface BlockStore {
  readIndex(): Promise<BlockIndex>;
  readShards(shards: readonly number[], index: BlockIndex): Promise<StoredShard[]>;
  /**
   * Applies the edits, by target, in one commit; answers the shards it wrote. `also` joins the
   * commit when there is something to write. Throws `AppError("BLOCK_LIST_FULL")` when a block that
   * is not automatic finds no room.
   */
  change(
    edits: ReadonlyMap<string, Edit>,
    also?: (atomic: Atomic) => void,
  ): Promise<readonly StoredShard[]>;
  /** Changes the index and what it points to, checked and tried again like a change of blocks. */
  changeIndex(
    write: (index: BlockIndex, atomic: Atomic) => BlockIndex,
  ): Promise<BlockIndex>;
}

export const EMPTY_INDEX: BlockIndex = {
  shards: new Array<number>(SHARDS).fill(0),
  lists: { allow: { version: 0, chunks: 0 }, deny: { version: 0, chunks: 0 } },
};

export function createBlockStore(kv: Kv, clock: Clock): BlockStore {
  /** Runs `attempt` until its commit is not refused; it reads the index each time. */
  const again = async <Result>(
    attempt: (index: BlockIndex, versionstamp: string | null) => Promise<Result | undefined>,
  ): Promise<Result> => {
    for (let tries = 1; tries <= ATTEMPTS; tries++) {
      const { value, versionstamp } = await kv.get(keys.blockIndex());
      const result = await attempt(value ?? EMPTY_INDEX, versionstamp);
      if (result !== undefined) return result;
      await pause(Math.random() * Math.min(2 ** tries, WAIT_MAX_MS));
    }
    throw new AppError("CONFLICT");
  };

  const readShards: BlockStore["readShards"] = async (shards, index) => {
    const entries = await kv.getMany(shards.map((shard) => keys.blockShard(shard)));
    return shards.map((shard, at) => ({
      shard,
      changes: index.shards[shard],
      blocks: entries[at].value ?? [],
    }));
  };

  return {
    readShards,
    readIndex: async () => (await kv.get(keys.blockIndex())).value ?? EMPTY_INDEX,
    change: (edits, also) =>
      again(async (index, versionstamp) => {
        const touched = [...new Set([...edits.keys()].map(blockShardOf))];
        const stored = await readShards(touched, index);
        const written = stored.flatMap((one) => editShard(one, edits, clock.now()) ?? []);
        if (written.length === 0) return stored;
        const shards = [...index.shards];
        for (const { shard, changes } of written) shards[shard] = changes;
        const { ok } = await kv.commit((atomic) => {
          atomic.check(keys.blockIndex(), versionstamp).set(keys.blockIndex(), {
            ...index,
            shards,
          });
          for (const { shard, blocks } of written) atomic.set(keys.blockShard(shard), blocks);
          also?.(atomic);
        });
        return ok ? written : undefined;
      }),
    changeIndex: (write) =>
      again(async (index, versionstamp) => {
        let next = index;
        const { ok } = await kv.commit((atomic) => {
          next = write(index, atomic);
          atomic.check(keys.blockIndex(), versionstamp).set(keys.blockIndex(), next);
        });
        return ok ? next : undefined;
      }),
  };
}

/** The shard with its edits, or undefined when they change nothing. */
function editShard(
  { shard, changes, blocks }: StoredShard,
  edits: ReadonlyMap<string, Edit>,
  now: number,
): StoredShard | undefined {
  const byTarget = new Map(blocks.map((block) => [block.target, block]));
  let isChanged = false;
  for (const [target, edit] of edits) {
    if (blockShardOf(target) !== shard) continue;
    const next = edit(byTarget.get(target));
    if (next === undefined) continue;
    isChanged = true;
    if (next === null) byTarget.delete(target);
    else byTarget.set(target, next);
  }
  if (!isChanged) return undefined;
  return { shard, changes: changes + 1, blocks: fit([...byTarget.values()], now) };
}

/** Gives up what ended longest ago, then what ends first; what a person decided stays. */
function fit(blocks: Block[], now: number): readonly Block[] {
  const kept = blocks.filter(({ until }) => until + REPEAT_WITHIN_MS > now);
  if (kept.length <= BLOCKS_PER_SHARD) return kept;
  const isFirm = ({ automatic, until }: Block) => !automatic && until > now;
  const firm = kept.filter(isFirm);
  if (firm.length > BLOCKS_PER_SHARD) throw new AppError("BLOCK_LIST_FULL");
  const others = kept.filter((block) => !isFirm(block)).sort((a, b) => b.until - a.until);
  return [...firm, ...others.slice(0, BLOCKS_PER_SHARD - firm.length)];
}
