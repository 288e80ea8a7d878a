/**
 * Who is kept out, and who is let in whatever happens: the allow and deny lists, the blocks that
 * administrators make, and those that follow from the rule. A request's question is answered from
 * memory; changes made elsewhere come by a poll of one read, only while requests come.
 */
import type { Block } from "../kv/keys.ts";
import type { Atomic, Kv } from "../kv/kv.ts";
import { type ListPage, type ListPageOptions, pageOfList, timeKey } from "../kv/list_pages.ts";
import type { Log } from "../log.ts";
import type { Clock } from "../time.ts";
import {
  type AddressList,
  type AddressRanges,
  createAddressLists,
  type ListEntry,
  type ListName,
} from "./address_lists.ts";
import { createAutomaticBlocks } from "./automatic_blocks.ts";
import { type Author, type BlockRecord, createBlockActs, type NewBlock } from "./block_acts.ts";
import { createBlockBook } from "./block_book.ts";
import { createBlockPoll } from "./block_poll.ts";
import { createBlockStore } from "./block_store.ts";
import { type BlockRule, deservesBlock, type Evidence } from "./rule.ts";

export interface BlocksOptions extends BlockRule {
  readonly kv: Kv;
  readonly clock: Clock;
  readonly log: Log;
  readonly ranges: AddressRanges;
  /** Adds an administrator's act to the audit log, in the same commit. */
  readonly record: (atomic: Atomic, entry: BlockRecord, by: Author) => void;
  /** Told of each block made here. */
  readonly onBlock?: (block: Block) => void;
}

export interface Client {
  readonly ip: string;
  /** The IPv4 address, or the /64 of an IPv6 one. */
  readonly subject: string;
}

export interface BlocksQuery extends ListPageOptions {
  readonly automatic?: boolean;
  /** In force unless told otherwise; ended ones are kept for a day. */
  readonly state?: "active" | "ended";
}

export interface Blocks {
  /** Allow list first, then deny list and blocks. Synchronous and without KV. */
  verdict(client: Client): "allow" | "deny" | undefined;
  /**
   * Something to wait for, 300 ms at most, when nobody asked for so long that the list may be old:
   * the first requests after an idle time. Undefined otherwise, also while KV is out.
   */
  catchUp(): Promise<void> | undefined;
  /**
   * The automatic rule. A signed-in user is `flagged`, not the address he shares; the caller leaves
   * out addresses of the allow list.
   */
  consider(
    evidence: Evidence & { readonly subject: string; readonly user?: string },
  ): "blocked" | "flagged" | undefined;
  /** The block of exactly this target, while it is in force. */
  find(target: string): Block | undefined;
  /** Newest first. */
  list(query: BlocksQuery): Promise<ListPage<Block>>;
  /** Throws `VALIDATION_FAILED` and `BLOCK_LIST_FULL`. */
  add(block: NewBlock, by: Author): Promise<Block>;
  /** False when no block of this target is in force. */
  lift(target: string, by: Author): Promise<boolean>;
  getList(name: ListName): Promise<AddressList>;
  /** Throws `VALIDATION_FAILED`, and `CONFLICT` when `version` is not the current one. */
  putList(
    name: ListName,
    list: { readonly entries: readonly ListEntry[]; readonly version?: number },
    by: Author,
  ): Promise<AddressList>;
  /** Reads what changed. Rejects when KV does. */
  refresh(): Promise<void>;
  /** Writes what waits. */
  flush(): Promise<void>;
  stop(): Promise<void>;
  /** Blocks in memory, ended ones included. */
  readonly size: number;
}

export function createBlocks(options: BlocksOptions): Blocks {
  const { kv, clock, ranges, record, onBlock = () => {} } = options;
  const store = createBlockStore(kv, clock);
  const lists = createAddressLists({ kv, store, ranges });
  const book = createBlockBook(clock, ranges);
  const poll = createBlockPoll({ ...options, store, lists, book });
  const acts = createBlockActs({
    ...options,
    store,
    book,
    cancel: (target) => automatic.cancel(target),
  });
  const automatic = createAutomaticBlocks({ store, book, clock, rule: options, onBlock });

  const inForce = (block: Block | undefined) =>
    block !== undefined && block.until > clock.now() ? block : undefined;

  return {
    verdict(client) {
      poll.awake();
      if (poll.holds("allow", client.ip)) return "allow";
      if (poll.holds("deny", client.ip)) return "deny";
      return book.covering(client.ip, client.subject) ? "deny" : undefined;
    },
    catchUp: poll.catchUp,
    consider({ subject, user, ...evidence }) {
      if (user !== undefined) return deservesBlock(evidence, options) ? "flagged" : undefined;
      return automatic.consider(subject, evidence) ? "blocked" : undefined;
    },
    find: (target) => inForce(book.get(target)),
    async list({ automatic: kind, state = "active", ...page }) {
      // While KV is out the list is what this isolate knows.
      await poll.refresh().catch(() => {});
      const wanted = [...book.values()].filter((block) =>
        (kind === undefined || block.automatic === kind) &&
        (inForce(block) !== undefined) === (state === "active")
      );
      return pageOfList(wanted, ({ at, target }) => timeKey(at) + target, page);
    },
    add: acts.add,
    lift: acts.lift,
    getList: async (name) => await lists.read(name, await store.readIndex()),
    async putList(name, list, by) {
      const details = { entries: list.entries.length };
      const entry = { action: "address_list.replace", target: name, details };
      const stored = await lists.replace(name, list, (atomic) => record(atomic, entry, by));
      await poll.refresh().catch(() => {});
      return stored;
    },
    refresh: poll.refresh,
    flush: automatic.flush,
    async stop() {
      await Promise.all([poll.stop(), automatic.stop()]);
    },
    get size() {
      return book.size;
    },
  };
}
