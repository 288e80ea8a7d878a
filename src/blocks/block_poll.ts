/**
 * Keeps this isolate's blocks and address lists as KV has them: one read of the index every two
 * seconds while requests come, and reads of what it says has changed. `kv.watch` would not do: it
 * does not see what other processes write.
 */
import type { BlockIndex } from "../kv/keys.ts";
import type { Log } from "../log.ts";
import { createAwakePoll, waitAtMost } from "../resilience/awake_poll.ts";
import { type Clock, SECOND } from "../time.ts";
import type { AddressLists, AddressRanges, ListName } from "./address_lists.ts";
import type { BlockBook } from "./block_book.ts";
import type { BlockStore } from "./block_store.ts";

export interface BlockPollOptions {
  readonly store: BlockStore;
  readonly lists: AddressLists;
  readonly book: BlockBook;
  readonly ranges: AddressRanges;
  readonly clock: Clock;
  readonly log: Log;
}

export interface BlockPoll {
  /** A request came: the poll goes on for a while. */
  awake(): void;
  catchUp(): Promise<void> | undefined;
  refresh(): Promise<void>;
  holds(list: ListName, ip: string): boolean;
  stop(): Promise<void>;
}

const POLL_MS = 2 * SECOND;
const OLD_MS = 5 * SECOND;
const CATCH_UP_MAX_MS = 300;

export function createBlockPoll(options: BlockPollOptions): BlockPoll {
  const { store, lists, book, ranges, clock, log } = options;
  const sets = {
    allow: { version: 0, set: ranges.build([]) },
    deny: { version: 0, set: ranges.build([]) },
  };
  let triedAt = -Infinity;
  let reading: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;

  const takeList = async (name: ListName, index: BlockIndex) => {
    if (index.lists[name].version === sets[name].version) return;
    const { version, entries } = await lists.read(name, index);
    sets[name] = { version, set: ranges.build(entries.map(({ cidr }) => cidr)) };
  };

  const read = async () => {
    triedAt = clock.now();
    const index = await store.readIndex();
    const stale = book.stale(index.shards);
    if (stale.length > 0) book.take(await store.readShards(stale, index));
    await takeList("allow", index);
    await takeList("deny", index);
  };
  /** Begins after one under way: what was written before this call is read by it. */
  const refresh = () =>
    next ??= reading.then(() => {
      next = undefined;
      const begun = read();
      reading = begun.catch(() => {});
      return begun;
    });

  const poll = createAwakePoll({
    everyMs: POLL_MS,
    read: refresh,
    clock,
    log,
    staleEvent: "blocks.stale",
  });

  return {
    refresh,
    stop: poll.stop,
    holds: (name, ip) => sets[name].set.size > 0 && sets[name].set.has(ip),
    awake: poll.awake,
    catchUp() {
      // The time of the last try, not of the last success: nobody waits because KV is out.
      if (clock.now() - triedAt <= OLD_MS) return undefined;
      return waitAtMost(refresh().catch(() => {}), CATCH_UP_MAX_MS);
    },
  };
}
