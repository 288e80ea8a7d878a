/**
 * Reading the audit log backwards in time, month by month: KV lists a prefix from its end, so a
 * month is what can be skipped at no cost, and what lies after `to` within a month is read over.
 */
import { AppError } from "../errors/app_error.ts";
import type { AuditRecord } from "../kv/auth_records.ts";
import type { Page, PageOptions } from "../kv/kv.ts";
import { HOUR } from "../time.ts";

export interface AuditQuery {
  /** Entries wanted, 1 to 200. */
  readonly limit: number;
  readonly cursor?: string;
  /** Unix milliseconds; both ends are included. */
  readonly from?: number;
  readonly to?: number;
}

export interface AuditSlice {
  readonly items: readonly AuditRecord[];
  readonly next_cursor: string | null;
}

interface AuditSource {
  /** Older entries are no longer kept, and newer ones are not there yet. */
  readonly oldest: number;
  readonly newest: number;
  readMonth(month: string, options: PageOptions): Promise<Page<AuditRecord>>;
}

/** Where reading goes on: a month, and KV's own cursor in it. */
interface Place {
  readonly month: string;
  readonly cursor?: string;
}

/** Reads of KV for one page: 13 months, and rows that are read over. */
const READS_MAX = 30;
const CURSOR = /^(\d{4}-(?:0[1-9]|1[0-2]))(?:\.([\w-]+))?$/;

export async function auditPage(query: AuditQuery, source: AuditSource): Promise<AuditSlice> {
  const from = Math.max(query.from ?? source.oldest, source.oldest);
  // A clock that runs ahead of ours may have written entries of our near future.
  const to = query.to ?? Infinity;
  const newest = Math.min(to, source.newest + HOUR);
  let place: Place | undefined = query.cursor === undefined
    ? { month: monthOf(newest) }
    : readCursor(query.cursor);
  const items: AuditRecord[] = [];
  for (let reads = 0; place && reads < READS_MAX && items.length < query.limit; reads++) {
    const { month, cursor }: Place = place;
    if (month < monthOf(from)) return { items, next_cursor: null };
    const limit = query.limit - items.length;
    const page = await source.readMonth(month, { limit, cursor, reverse: true });
    const entries = page.items.map(({ value }) => value);
    items.push(...entries.filter(({ at }) => at >= from && at <= to));
    if (entries.some(({ at }) => at < from)) return { items, next_cursor: null };
    place = page.next_cursor === null
      ? { month: monthBefore(month) }
      : { month, cursor: page.next_cursor };
  }
  const isOver = !place || place.month < monthOf(from);
  return { items, next_cursor: isOver ? null : cursorText(place) };
}

/** Months are what the log is kept by, such as `2026-11`. */
export function monthOf(at: number): string {
  return new Date(at).toISOString().slice(0, 7);
}

function monthBefore(month: string): string {
  const [year, number] = month.split("-").map(Number);
  return monthOf(Date.UTC(year, number - 2));
}

const cursorText = ({ month, cursor }: Place) =>
  cursor === undefined ? month : `${month}.${cursor}`;

function readCursor(text: string): Place {
  const [, month, cursor] = CURSOR.exec(text) ?? [];
  if (month === undefined) throw new AppError("INVALID_CURSOR");
  return { month, cursor };
}
