/**
 * Pages of a list that is already in memory, last key first. The cursor names the last row shown,
 * so a page is right even when rows came or went since; it opens nothing, so it is not signed.
 */
import { AppError } from "../errors/app_error.ts";

export interface ListPage<Item> {
  readonly items: readonly Item[];
  readonly next_cursor: string | null;
}

export interface ListPageOptions {
  /** Rows wanted, 1 to 200. */
  readonly limit: number;
  readonly cursor?: string;
}

const ROWS_MAX = 200;
const CURSOR_MAX = 1_024;

/** Part of a key that sorts by time; what comes after it tells rows of one millisecond apart. */
export const timeKey = (ms: number): string => String(Math.max(0, ms)).padStart(15, "0");

/** `keyOf` is different for each item. Throws `AppError("INVALID_CURSOR")` for a cursor of others. */
export function pageOfList<Item>(
  items: Iterable<Item>,
  keyOf: (item: Item) => string,
  { limit, cursor }: ListPageOptions,
): ListPage<Item> {
  if (!Number.isInteger(limit) || limit < 1 || limit > ROWS_MAX) {
    throw new RangeError(`A page holds 1 to ${ROWS_MAX} rows, not ${limit}`);
  }
  const before = cursor === undefined ? undefined : readCursor(cursor);
  const rows: { readonly key: string; readonly item: Item }[] = [];
  for (const item of items) {
    const key = keyOf(item);
    if (before === undefined || key < before) rows.push({ key, item });
  }
  rows.sort((one, other) => one.key < other.key ? 1 : -1);
  const shown = rows.slice(0, limit);
  return {
    items: shown.map(({ item }) => item),
    next_cursor: rows.length > limit ? writeCursor(shown[limit - 1].key) : null,
  };
}

function writeCursor(key: string): string {
  const binary = String.fromCharCode(...new TextEncoder().encode(key));
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function readCursor(cursor: string): string {
  if (cursor.length > CURSOR_MAX || !/^[\w-]+$/.test(cursor) || cursor.length % 4 === 1) {
    throw new AppError("INVALID_CURSOR");
  }
  const binary = atob(cursor.replaceAll("-", "+").replaceAll("_", "/"));
  return new TextDecoder().decode(Uint8Array.from(binary, (char) => char.charCodeAt(0)));
}
