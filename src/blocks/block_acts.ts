/**
 * What administrators do to blocks: make one, lift one. Each act and its audit entry are one commit,
 * and hold in this isolate when it answers.
 */
import { AppError } from "../errors/app_error.ts";
import type { Block } from "../kv/keys.ts";
import type { Atomic } from "../kv/kv.ts";
import { type Clock, SECOND } from "../time.ts";
import type { AddressRanges } from "./address_lists.ts";
import type { BlockBook } from "./block_book.ts";
import type { BlockStore, Edit } from "./block_store.ts";

/** Who did it, as the audit log wants to know. */
export interface Author {
  readonly id: string;
  readonly requestId: string;
}

export interface BlockRecord {
  readonly action: string;
  readonly target: string;
  readonly details?: Readonly<Record<string, string | number | boolean>>;
}

export interface NewBlock {
  /** Address or CIDR. */
  readonly target: string;
  readonly seconds: number;
  readonly reason: string;
}

export interface BlockActsOptions {
  readonly store: BlockStore;
  readonly book: BlockBook;
  readonly clock: Clock;
  readonly ranges: AddressRanges;
  readonly record: (atomic: Atomic, entry: BlockRecord, by: Author) => void;
  /** Takes back an automatic block that is not written yet. */
  readonly cancel: (target: string) => void;
  readonly onBlock?: (block: Block) => void;
}

export interface BlockActs {
  add(block: NewBlock, by: Author): Promise<Block>;
  lift(target: string, by: Author): Promise<boolean>;
}

const SECONDS_MAX = 365 * 24 * 3_600;
const REASON_MAX = 120;

export function createBlockActs(options: BlockActsOptions): BlockActs {
  const { store, book, clock, ranges, record, cancel, onBlock = () => {} } = options;
  const inForce = (block: Block | undefined) => block !== undefined && block.until > clock.now();
  const edit = async (target: string, change: Edit, entry: BlockRecord, by: Author) => {
    const also = (atomic: Atomic) => record(atomic, entry, by);
    book.take(await store.change(new Map([[target, change]]), also));
  };

  return {
    async add(wanted, by) {
      const block = checkBlock(wanted, by, clock.now(), ranges);
      const { target, reason } = block;
      const details = { seconds: wanted.seconds, reason };
      await edit(target, () => block, { action: "block.add", target, details }, by);
      cancel(target);
      onBlock(block);
      return block;
    },
    async lift(text, by) {
      const range = ranges.canonical(text);
      const target = "text" in range ? range.text : text;
      cancel(target);
      // One that is not written yet is lifted by forgetting it.
      const held = inForce(book.get(target));
      let found = false;
      const lift: Edit = (current) => {
        found = inForce(current);
        return found ? null : undefined;
      };
      await edit(target, lift, { action: "block.lift", target }, by);
      book.remove(target);
      return found || held;
    },
  };
}

function checkBlock(
  { target, seconds, reason }: NewBlock,
  by: Author,
  now: number,
  ranges: AddressRanges,
): Block {
  const errors: { pointer: string; detail: string }[] = [];
  const range = ranges.canonical(target.slice(0, REASON_MAX));
  if ("why" in range) errors.push({ pointer: "/target", detail: `Not used, because ${range.why}` });
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > SECONDS_MAX) {
    errors.push({ pointer: "/seconds", detail: `1 to ${SECONDS_MAX} seconds are possible` });
  }
  if (errors.length > 0 || "why" in range) {
    throw new AppError("VALIDATION_FAILED", { extensions: { errors } });
  }
  return {
    target: range.text,
    reason: reason.slice(0, REASON_MAX),
    author: by.id,
    automatic: false,
    at: now,
    until: now + seconds * SECOND,
    times: 1,
  };
}
