/**
 * Reading the counters that rows.ts keeps, and holding them against a scan of all records. They
 * agree by construction; the scan is there because a store can be damaged.
 */
import { type Key, keys, type Prefix, prefixes } from "../kv/keys.ts";
import type { Kv } from "../kv/kv.ts";
import { countsOf } from "./rows.ts";

const PAGE_ROWS = 200;
/** Rows that are read at most of one family: names × kinds, or hours of a month. */
const ROWS_MAX = 10_000;

/** A counter that was taken below nothing has wrapped around, and is read as what it means. */
const numberOf = (value: Deno.KvU64): number => Number(BigInt.asIntN(64, value.value));

/** Counters by the last part of their key. */
export async function readCounts(kv: Kv, kind: string): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for await (const { key, value } of walk(kv, prefixes.taskCountsOf(kind), ROWS_MAX)) {
    const count = numberOf(value);
    if (count > 0) counts.set(String(key.at(-1)), count);
  }
  return counts;
}

export const total = (counts: ReadonlyMap<string, number>): number =>
  counts.values().reduce((sum, count) => sum + count, 0);

/** A counter and what a scan of the records found. */
export interface Drift {
  readonly kind: string;
  readonly of: string;
  readonly counter: number;
  readonly scan: number;
}

/** Of these no record stays, or not for long enough to be counted again. */
const CUMULATIVE = new Set(["succeeded", "redrive"]);
const RECORDS_MAX = 200_000;

/** Every counter that differs from a scan. What changes while it runs may seem to differ. */
export async function findDrift(kv: Kv): Promise<Drift[]> {
  const scan = new Map<string, number>();
  for await (const { value: record } of walk(kv, prefixes.tasks(), RECORDS_MAX)) {
    for (const [kind, of] of countsOf(record)) {
      const name = JSON.stringify([kind, of]);
      scan.set(name, (scan.get(name) ?? 0) + 1);
    }
  }
  const counters = new Map<string, number>();
  for await (const { key, value } of walk(kv, prefixes.taskCounts(), ROWS_MAX)) {
    counters.set(JSON.stringify(key.slice(-2)), numberOf(value));
  }
  const names = [...new Set([...scan.keys(), ...counters.keys()])];
  return names.map((name) => {
    const [kind, of] = JSON.parse(name);
    return { kind, of, counter: counters.get(name) ?? 0, scan: scan.get(name) ?? 0 };
  }).filter(({ kind, counter, scan }) => !CUMULATIVE.has(kind) && counter !== scan);
}

/** Puts right what differed in two scans in a row by the same amount. Answers how many. */
export async function reconcile(kv: Kv): Promise<number> {
  const first = await findDrift(kv);
  if (first.length === 0) return 0;
  const second = await findDrift(kv);
  const sure = second.filter((two) =>
    first.some((one) =>
      one.kind === two.kind && one.of === two.of && one.counter === two.counter &&
      one.scan === two.scan
    )
  );
  await kv.commit((atomic) => {
    for (const { kind, of, counter, scan } of sure) {
      atomic.sum(keys.taskCount(kind, of), BigInt(scan - counter));
    }
  });
  return sure.length;
}

/** Rows of a family, page by page. */
export async function* walk<Value>(
  kv: Kv,
  prefix: Prefix<Value>,
  rowsMax: number,
  range: { readonly from?: Deno.KvKey; readonly until?: Deno.KvKey } = {},
): AsyncGenerator<{ readonly key: Deno.KvKey; readonly value: Value }> {
  let cursor: string | undefined;
  for (let rows = 0; rows < rowsMax; rows += PAGE_ROWS) {
    const page = await kv.page(prefix, { limit: PAGE_ROWS, cursor, ...range });
    yield* page.items;
    if (page.next_cursor === null) return;
    cursor = page.next_cursor;
  }
}

export const keyOf = (parts: Deno.KvKey): Key<unknown> => ({ parts });
