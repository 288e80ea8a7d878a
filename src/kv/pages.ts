/** Listing a family of keys page by page. Each page is one consistent read under one deadline. */
import type { Cursors, CursorScope } from "./cursors.ts";
import type { Guard } from "./guard.ts";
import type { Kv, PageOptions } from "./kv.ts";
import type { RawKv } from "./raw.ts";

/** Rows of 60,000 bytes: the largest page is then 12 MB, which a small isolate can hold. */
const PAGE_ROWS_MAX = 200;
/** Rows looked at for one page when a filter leaves some out; 1000 small ones take about 6 ms. */
const SCAN_ROWS_MAX = 1_000;
const BATCH_ROWS_MAX = 201;

interface Rows<Value> {
  readonly items: { key: Deno.KvKey; value: Value }[];
  /** KV's own place after the last row looked at, when there are more. */
  readonly place: string | null;
}

function selectorOf({ prefix, from, until }: CursorScope): Deno.KvListSelector {
  if (from && until) return { start: [...prefix, ...from], end: [...prefix, ...until] };
  if (from) return { prefix, start: [...prefix, ...from] };
  return until ? { prefix, end: [...prefix, ...until] } : { prefix };
}

/** Whether a range ends before it begins: KV fails on such a one, and it is only empty. */
function isTurned({ from = [], until }: CursorScope): boolean {
  if (until === undefined) return false;
  for (const [at, part] of from.entries()) {
    const end = until[at];
    if (end === undefined) return true;
    if (part !== end) return isAfter(part, end);
  }
  return false;
}

/** Of parts of one type; KV knows the order of types. */
function isAfter(one: Deno.KvKeyPart, other: Deno.KvKeyPart): boolean {
  if (typeof one === "number" && typeof other === "number") return one > other;
  return typeof one === "string" && typeof other === "string" && one > other;
}

/** Reads one row more than wanted, so that the last page does not promise another one. */
async function readRows<Value>(
  raw: RawKv,
  scope: CursorScope,
  limit: number,
  cursor: string | undefined,
  filter?: (value: Value, key: Deno.KvKey) => boolean,
): Promise<Rows<Value>> {
  const scanMax = filter ? SCAN_ROWS_MAX : limit;
  const rows = raw.list<Value>(selectorOf(scope), {
    limit: scanMax + 1,
    batchSize: Math.min(scanMax + 1, BATCH_ROWS_MAX),
    reverse: scope.reverse,
    cursor,
  });
  const items: { key: Deno.KvKey; value: Value }[] = [];
  let seen = 0;
  let place = "";
  for await (const { key, value } of rows) {
    if (items.length === limit || seen === scanMax) return { items, place };
    seen++;
    if (!filter || filter(value, key)) items.push({ key, value });
    if (items.length === limit || seen === scanMax) place = rows.cursor;
  }
  return { items, place: null };
}

export function createPages(raw: RawKv, guard: Guard, cursors: Cursors): Pick<Kv, "page"> {
  return {
    async page<Value>(
      prefix: { readonly parts: Deno.KvKey; readonly value?: Value },
      { limit, cursor, reverse = false, from: start, until, filter }: PageOptions<Value>,
    ) {
      if (!Number.isInteger(limit) || limit < 1 || limit > PAGE_ROWS_MAX) {
        throw new RangeError(`A page holds 1 to ${PAGE_ROWS_MAX} rows, not ${limit}`);
      }
      const scope = { prefix: prefix.parts, reverse, from: start, until };
      if (isTurned(scope)) return { items: [], next_cursor: null };
      const from = cursor === undefined ? undefined : await cursors.open(scope, cursor);
      const { items, place } = await guard.run(
        "page",
        (trip) => trip(() => readRows<Value>(raw, scope, limit, from, filter)),
      );
      return { items, next_cursor: place === null ? null : await cursors.sign(scope, place) };
    },
  };
}
