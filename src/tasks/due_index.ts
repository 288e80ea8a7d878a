/** Reading the due index, and the records of what it names. */
import { keys, prefixes } from "../kv/keys.ts";
import type { Kv } from "../kv/kv.ts";
import type { DueRow, TaskRecord } from "../kv/task_record.ts";
import type { Clock } from "../time.ts";
import { BANDS, type Stored } from "./rows.ts";

export interface DueIndexOptions {
  readonly kv: Kv;
  readonly clock: Clock;
  /** Whether this isolate still has the task at work. */
  readonly holds: (id: string) => boolean;
  readonly isWanted: (row: DueRow) => boolean;
}

export interface DueIndex {
  /** Ids of due tasks of one band that are wanted, oldest first. */
  ids(band: number, limit: number): Promise<string[]>;
  /** The heads of all bands of healthy tasks, most urgent first. */
  heads(wanted: number): Promise<string[][]>;
  /** The records of those that may still be started. */
  records(ids: readonly string[]): Promise<Stored[]>;
}

const HEAD_ROWS = 4;
const HEAD_ROWS_MIN = 20;
const HEAD_ROWS_MAX = 200;
/** Pages of 1000 rows looked at when names without room stand at the head. */
const PAGES_MAX = 5;

export function createDueIndex({ kv, clock, holds, isWanted }: DueIndexOptions): DueIndex {
  const ids: DueIndex["ids"] = async (band, limit) => {
    const range = { limit, until: [clock.now() + 1], filter: isWanted };
    let cursor: string | undefined;
    for (let page = 0; page < PAGES_MAX; page++) {
      const { items, next_cursor } = await kv.page(prefixes.tasksDue(band), { ...range, cursor });
      if (items.length > 0 || next_cursor === null) {
        return items.map(({ key }) => String(key.at(-1)));
      }
      cursor = next_cursor;
    }
    return [];
  };

  /** The index may be a moment behind the records. */
  const isStartable = ({ status, at }: TaskRecord) =>
    (status === "pending" || status === "retrying") && at <= clock.now();

  return {
    ids,
    heads(wanted) {
      const limit = Math.min(Math.max(wanted * HEAD_ROWS, HEAD_ROWS_MIN), HEAD_ROWS_MAX);
      return Promise.all(Object.values(BANDS).map((band) => ids(band, limit)));
    },
    async records(found) {
      // What was taken from us while we were frozen is still at work here until its abort.
      const others = found.filter((id) => !holds(id));
      const entries = await kv.getMany(others.map((id) => keys.task(id)));
      return entries.flatMap(({ value, versionstamp }) =>
        value && isStartable(value) ? [{ record: value, versionstamp }] : []
      );
    },
  };
}
