/** Listing a family of keys page by page. Each page is one consistent read under one deadline. */
import type { Cursors, CursorScope } from "./cursors.ts";
import type { Guard } from "./guard.ts";
import type { Kv } from "./kv.ts";
import type { RawKv } from "./raw.ts";

/** Rows of 60,000 bytes: the largest page is then 12 MB, which a small isolate can hold. */
const PAGE_ROWS_MAX = 200;

interface Rows<Value> {
  readonly items: { key: Deno.KvKey; value: Value }[];
  /** KV's own place after the last row, when there are more. */
  readonly place: string | null;
}

/** Reads one row more than wanted, so that the last page does not promise another one. */
async function readRows<Value>(
  raw: RawKv,
  { prefix, reverse }: CursorScope,
  limit: number,
  cursor: string | undefined,
): Promise<Rows<Value>> {
  const rows = raw.list<Value>({ prefix }, {
    limit: limit + 1,
    batchSize: limit + 1,
    reverse,
    cursor,
  });
  const items: { key: Deno.KvKey; value: Value }[] = [];
  let place = "";
  for await (const { key, value } of rows) {
    if (items.length === limit) return { items, place };
    items.push({ key, value });
    if (items.length === limit) place = rows.cursor;
  }
  return { items, place: null };
}

export function createPages(raw: RawKv, guard: Guard, cursors: Cursors): Pick<Kv, "page"> {
  return {
    async page<Value>(
      prefix: { readonly parts: Deno.KvKey; readonly value?: Value },
      { limit, cursor, reverse = false }: Parameters<Kv["page"]>[1],
    ) {
      if (!Number.isInteger(limit) || limit < 1 || limit > PAGE_ROWS_MAX) {
        throw new RangeError(`A page holds 1 to ${PAGE_ROWS_MAX} rows, not ${limit}`);
      }
      const scope = { prefix: prefix.parts, reverse };
      const from = cursor === undefined ? undefined : await cursors.open(scope, cursor);
      const { items, place } = await guard.run(
        "page",
        (trip) => trip(() => readRows<Value>(raw, scope, limit, from)),
      );
      return { items, next_cursor: place === null ? null : await cursors.sign(scope, place) };
    },
  };
}
