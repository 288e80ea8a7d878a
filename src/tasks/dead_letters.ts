/**
 * The tasks that were given up on, for people: finding, reading, sending out again, giving up,
 * deleting. Every change joins an audit entry to its commit. Who may do it is decided before.
 */
import { AppError } from "../errors/app_error.ts";
import type { ErrorCategory } from "../errors/codes.ts";
import { keys, prefixes } from "../kv/keys.ts";
import type { DeadRow, TaskRecord, TaskStatus } from "../kv/task_record.ts";
import { HOUR } from "../time.ts";
import { type Actor, changeTask, readTask } from "./change_task.ts";
import { type DeadStats, readDeadStats } from "./dead_stats.ts";
import { type DeadDetail, type DeadItem, detailOf, itemOf } from "./dead_view.ts";
import { countDead, deleteAll, deleteDead } from "./delete_dead.ts";
import { readPayload } from "./payload.ts";
import {
  blockersOf,
  type RedriveDeps,
  type Redriven,
  type RedriveOptions,
  redriveTask,
} from "./redrive.ts";
import { categoryOf } from "./rows.ts";
import { abandon } from "./transitions.ts";

export interface DeadQuery {
  /** `dead`, `abandoned`, or `retrying` for those sent out again. */
  readonly status?: TaskStatus;
  readonly name?: string;
  readonly category?: ErrorCategory;
  /** When it died: from (included) to (excluded), Unix milliseconds. */
  readonly from?: number;
  readonly to?: number;
  /** 1 to 100; 25 when absent. */
  readonly limit?: number;
  readonly cursor?: string;
  /** Newest first when absent. */
  readonly order?: "newest" | "oldest";
}

export interface DeadPage {
  readonly items: readonly DeadItem[];
  /** A page may hold fewer than `limit`, even none, and still have a next one. */
  readonly next_cursor: string | null;
}

export interface ClearOptions {
  readonly status?: "dead" | "abandoned";
  readonly name?: string;
  readonly older_than_hours?: number;
  /** Without it nothing is deleted, only counted. */
  readonly confirm?: boolean;
  /** Refuses when there are over 10 % more or fewer. */
  readonly expected_count?: number;
}

export interface Cleared {
  readonly confirmed: boolean;
  readonly would_delete: number;
  readonly deleted: number;
  /** False when time ran out: called again, it goes on. */
  readonly complete: boolean;
}

export interface DeadLetters {
  list(query?: DeadQuery): Promise<DeadPage>;
  /** Throws `NOT_FOUND`, also for a task that never died. */
  show(id: string): Promise<DeadDetail>;
  retry(id: string, options: RedriveOptions, actor: Actor): Promise<Redriven>;
  /** Also of a task that waits. Throws `TASK_RUNNING` for one at work. */
  abandon(id: string, actor: Actor): Promise<{ readonly id: string; readonly status: "abandoned" }>;
  /** Throws `TASK_RUNNING` for one at work or about to be. */
  delete(id: string, actor: Actor): Promise<{ readonly id: string; readonly deleted: true }>;
  stats(): Promise<DeadStats>;
  clear(options: ClearOptions, actor: Actor): Promise<Cleared>;
}

const LIMIT = 25;
const LIMIT_MAX = 100;

export function createDeadLetters(deps: RedriveDeps): DeadLetters {
  const { kv, clock, audit } = deps;

  const list = async (query: DeadQuery = {}): Promise<DeadPage> => {
    const { limit = LIMIT, cursor, order = "newest", from, to } = query;
    const { prefix, filter } = selectionOf(query);
    const page = await kv.page(prefix, {
      limit: Math.min(Math.max(1, Math.floor(limit)), LIMIT_MAX),
      cursor,
      reverse: order === "newest",
      from: from === undefined ? undefined : [from],
      until: to === undefined ? undefined : [to],
      filter,
    });
    const found = await kv.getMany(page.items.map(({ key }) => keys.task(String(key[3]))));
    const now = clock.now();
    const items = found.flatMap(({ value }) => value ? [itemOf(value, now)] : []);
    return { items, next_cursor: page.next_cursor };
  };

  const removeOne = async (id: string, actor: Actor) => {
    const { record, versionstamp } = await readTask(kv, id);
    if (record.status !== "dead" && record.status !== "abandoned") throw atWork(record);
    const { name, status, deadAt = 0, key, chunks } = record;
    const row: DeadRow = { name, status, category: categoryOf(record), key, chunks };
    const mark = deps.newId();
    const commit = await kv.commitSure((atomic) => {
      atomic.check(keys.task(id), versionstamp).set(keys.taskDeadGate(), mark);
      deleteAll(atomic, [{ id, deadAt, row }]);
      audit(atomic, { action: "task.delete", target: id, details: { name, status } }, actor);
    }, async () => (await kv.get(keys.task(id))).versionstamp === null);
    if (!commit.ok) throw new AppError("CONFLICT");
  };

  return {
    list,
    async show(id) {
      const { record } = await readTask(kv, id);
      if (record.deadAt === undefined) throw new AppError("NOT_FOUND");
      const payload = await readPayload(kv, record).catch(() => null);
      return detailOf(record, payload, blockersOf(record), clock.now());
    },
    retry: (id, options, actor) => redriveTask(deps, id, options, actor),
    async abandon(id, actor) {
      await changeTask(deps, id, (record) => {
        if (record.status === "running" || record.status === "succeeded") throw atWork(record);
        return abandon;
      }, (atomic) => audit(atomic, { action: "task.abandon", target: id }, actor));
      return { id, status: "abandoned" };
    },
    async delete(id, actor) {
      await removeOne(id, actor);
      return { id, deleted: true };
    },
    stats: () => readDeadStats(kv, clock.now()),
    async clear({ status, name, older_than_hours = 0, confirm = false, expected_count }, actor) {
      const chosen = { status, name, olderThanMs: older_than_hours * HOUR };
      const count = await countDead(deps, chosen);
      if (!confirm) return { confirmed: false, would_delete: count, deleted: 0, complete: false };
      if (expected_count !== undefined && Math.abs(count - expected_count) > expected_count / 10) {
        throw new AppError("TASK_COUNT_CHANGED", { extensions: { would_delete: count } });
      }
      const done = await deleteDead(deps, chosen, actor);
      return { confirmed: true, would_delete: count, ...done };
    },
  };
}

const atWork = ({ status }: TaskRecord) =>
  new AppError("TASK_RUNNING", { detail: `It is ${status}.` });

/** One ordered list serves the filter that leaves fewest; the others look at its rows. */
function selectionOf({ name, category, status }: DeadQuery) {
  const filters = [
    name === undefined ? [] : [`name:${name}`],
    category === undefined ? [] : [`category:${category}`],
    status === undefined ? [] : [`status:${status}`],
  ].flat();
  const isMeant = (row: DeadRow) =>
    (name === undefined || row.name === name) &&
    (category === undefined || row.category === category) &&
    (status === undefined || row.status === status);
  return {
    prefix: prefixes.tasksDead(filters[0] ?? "all"),
    filter: filters.length > 1 ? isMeant : undefined,
  };
}
