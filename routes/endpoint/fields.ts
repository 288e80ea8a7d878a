/** Fields that many endpoints share: pages, ids, times. */
import { z } from "zod";

const PAGE_MAX = 200;
const PAGE_DEFAULT = 50;

/** A whole number in a query; the document calls it that, not the text it comes as. */
export function wholeText(min: number, max: number) {
  return z.string().regex(/^\d{1,12}$/, "must be a whole number").transform(Number)
    .pipe(z.number().min(min, `must be at least ${min}`).max(max, `must be at most ${max}`))
    .meta({ type: "integer", minimum: min, maximum: max, pattern: undefined });
}

export const pageFields = {
  limit: wholeText(1, PAGE_MAX).default(PAGE_DEFAULT).describe(
    `Rows of one page; ${PAGE_DEFAULT} unless told`,
  ),
  cursor: z.string().max(1_000).optional().describe("The `next_cursor` of the page before"),
};

/** `{ items, next_cursor }`. */
export function pageOf<Schema extends z.ZodType>(item: Schema) {
  return z.object({ items: z.array(item), next_cursor: z.string().nullable() });
}

export const idParam = (about: string) =>
  z.object({ id: z.string().min(1).max(100).describe(about) });

/** An ISO 8601 time of a request, as Unix time in milliseconds. */
export const timeText = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));

/** A time of an answer. */
export const time = z.iso.datetime();

export const iso = (ms: number): string => new Date(ms).toISOString();

export const isoOrNull = (ms: number | undefined): string | null =>
  ms === undefined ? null : iso(ms);
