/**
 * Deleting dead letters, by hundreds in a commit. KV allows 10 checks, so they share one: the gate
 * changes whenever a task leaves the dead letters, and while it has not, every row that was read
 * still tells the truth. What is deleted needs no reading, as the rows say all there is to delete.
 */
import { AppError } from "../errors/app_error.ts";
import { KV_LIMITS } from "../kv/atomic.ts";
import { type Key, keys, prefixes } from "../kv/keys.ts";
import type { Atomic } from "../kv/kv.ts";
import type { DeadRow } from "../kv/task_record.ts";
import { SECOND } from "../time.ts";
import type { Actor, Audit, ChangeDeps } from "./change_task.ts";
import { deadFilters, hourOf, Sums } from "./rows.ts";

export interface DeleteDeps extends ChangeDeps {
  readonly audit: Audit;
}

/** Which dead letters; those at work again are never among them. */
export interface DeadSelection {
  readonly status?: "dead" | "abandoned";
  readonly name?: string;
  /** Since it died or was given up. */
  readonly olderThanMs?: number;
}

interface Dead {
  readonly id: string;
  readonly deadAt: number;
  readonly row: DeadRow;
}

const PAGE_ROWS = 200;
/** Pages of a count or of one run; 200,000 dead letters. */
const PAGES_MAX = 1_000;
const TRIES_MAX = 20;
/** Leaves room for the sums, the gate and the audit entry. */
const MUTATIONS_MAX = KV_LIMITS.mutations - 60;
const RUN_MS = 20 * SECOND;

/** How many a deletion would take now. */
export async function countDead({ kv, clock }: DeleteDeps, chosen: DeadSelection): Promise<number> {
  const page = pagesOf(chosen, clock.now());
  let count = 0;
  let cursor: string | undefined;
  for (let pages = 0; pages < PAGES_MAX; pages++) {
    const { items, next_cursor } = await kv.page(page.prefix, { ...page.options, cursor });
    count += items.length;
    if (next_cursor === null) break;
    cursor = next_cursor;
  }
  return count;
}

/** Deletes for at most 20 s; what is `complete: false` is gone on with by calling it again. */
export async function deleteDead(
  deps: DeleteDeps,
  chosen: DeadSelection,
  actor: Actor,
): Promise<{ readonly deleted: number; readonly complete: boolean }> {
  const { clock } = deps;
  const startedAt = clock.monotonic();
  const { prefix, options } = pagesOf(chosen, clock.now());
  let deleted = 0;
  while (clock.monotonic() - startedAt < RUN_MS) {
    const count = await deleteBatch(deps, chosen, actor, { prefix, options });
    if (count === 0) return { deleted, complete: true };
    deleted += count;
  }
  return { deleted, complete: false };
}

type Pages = ReturnType<typeof pagesOf>;

/** The list that is shortest for this selection, and what of it is meant. */
function pagesOf({ status, name, olderThanMs = 0 }: DeadSelection, now: number) {
  const filters = [
    name === undefined ? [] : [`name:${name}`],
    status === undefined ? [] : [`status:${status}`],
  ].flat();
  return {
    prefix: prefixes.tasksDead(filters[0] ?? "all"),
    options: {
      limit: PAGE_ROWS,
      until: [now - olderThanMs + 1],
      filter: (row: DeadRow) =>
        (row.status === "dead" || row.status === "abandoned") &&
        (status === undefined || row.status === status) &&
        (name === undefined || row.name === name),
    },
  };
}

async function deleteBatch(
  { kv, newId, audit }: DeleteDeps,
  chosen: DeadSelection,
  actor: Actor,
  { prefix, options }: Pages,
): Promise<number> {
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const gate = await kv.get(keys.taskDeadGate());
    const { items } = await kv.page(prefix, options);
    const batch = withinCommit(items);
    if (batch.length === 0) return 0;
    const mark = newId();
    const commit = await kv.commitSure((atomic) => {
      atomic.check(keys.taskDeadGate(), gate.versionstamp).set(keys.taskDeadGate(), mark);
      deleteAll(atomic, batch);
      const details = { ...chosen, deleted: batch.length };
      audit(atomic, { action: "task.clear", target: "dlq", details }, actor);
    }, async () => (await kv.get(keys.taskDeadGate())).value === mark);
    if (commit.ok) return batch.length;
  }
  throw new AppError("CONFLICT");
}

/** As many of the rows as one commit can delete. */
function withinCommit(
  items: readonly { readonly key: Deno.KvKey; readonly value: DeadRow }[],
): Dead[] {
  const batch: Dead[] = [];
  let mutations = 0;
  for (const { key, value: row } of items) {
    const dead = { id: String(key[3]), deadAt: Number(key[2]), row };
    mutations += keysOf(dead).length;
    if (mutations > MUTATIONS_MAX) break;
    batch.push(dead);
  }
  return batch;
}

/** Everything that there is of one dead letter. */
export function keysOf({ id, deadAt, row }: Dead): Key<unknown>[] {
  const { name, key, chunks = 0 } = row;
  return [
    keys.task(id),
    ...deadFilters(row).map((filter) => keys.taskDead(filter, deadAt, id)),
    ...Array.from({ length: chunks }, (_, part) => keys.taskChunk(id, part)),
    ...(key === undefined ? [] : [keys.taskKey(name, key)]),
  ];
}

export function deleteAll(atomic: Atomic, batch: readonly Dead[]): void {
  const sums = new Sums();
  for (const dead of batch) {
    for (const key of keysOf(dead)) atomic.delete(key);
    const { name, status, category } = dead.row;
    sums.add(keys.taskCount(status, name), -1);
    sums.add(keys.taskCount("category", category), -1);
    sums.add(keys.taskCount("hour", hourOf(dead.deadAt)), -1);
  }
  sums.writeTo(atomic);
}
