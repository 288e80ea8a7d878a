/**
 * The causes this isolate has met, at most 500 of them: what is known of each, and which part of it
 * KV has not heard of yet. When there are more, the one unseen for longest is forgotten.
 */
import type { ErrorPatternRecord } from "../kv/error_records.ts";
import { type LineState, newLineState } from "./error_lines.ts";
import { mergePatterns } from "./error_patterns.ts";
import { PATTERNS_MAX } from "./error_store.ts";

/** One cause. */
export interface Tracked {
  /** All that is known: what KV held at the last flush, and what came since. */
  readonly record: ErrorPatternRecord;
  readonly lines: LineState;
}

/** What is on its way to KV. */
export interface Taken {
  readonly fresh: readonly ErrorPatternRecord[];
  /** It arrived; `records` are what KV holds now, in the same order. */
  done(records: readonly ErrorPatternRecord[]): void;
  /** It did not: it is to be taken again. */
  failed(): void;
}

export interface ErrorMemory {
  add(fresh: ErrorPatternRecord): Tracked;
  /** What KV has not heard of, in batches of at most `max`. */
  take(max: number): Taken[];
  /** KV has something newer about a cause that may be known here. */
  replace(record: ErrorPatternRecord): void;
  records(): ErrorPatternRecord[];
}

interface Entry {
  record: ErrorPatternRecord;
  fresh?: ErrorPatternRecord;
  readonly lines: LineState;
}

export function createErrorMemory(): ErrorMemory {
  // In the order last seen, so that the first is the one to give up.
  const entries = new Map<string, Entry>();

  const taken = (batch: readonly Entry[]): Taken => {
    const fresh = batch.flatMap((entry) => entry.fresh ?? []);
    for (const entry of batch) entry.fresh = undefined;
    return {
      fresh,
      done: (records) =>
        batch.forEach((entry, at) => {
          entry.record = plus(records[at], entry.fresh);
        }),
      failed: () =>
        batch.forEach((entry, at) => {
          entry.fresh = plus(fresh[at], entry.fresh);
        }),
    };
  };

  return {
    add(fresh) {
      const { fingerprint } = fresh;
      const known = entries.get(fingerprint);
      entries.delete(fingerprint);
      if (entries.size >= PATTERNS_MAX) entries.delete(entries.keys().next().value ?? "");
      const entry = known ?? { record: fresh, lines: newLineState() };
      if (known) known.record = mergePatterns(known.record, fresh);
      entry.fresh = plus(fresh, entry.fresh);
      entries.set(fingerprint, entry);
      return entry;
    },
    take(max) {
      const dirty = [...entries.values()].filter(({ fresh }) => fresh);
      const batches: Taken[] = [];
      for (let from = 0; from < dirty.length; from += max) {
        batches.push(taken(dirty.slice(from, from + max)));
      }
      return batches;
    },
    replace(record) {
      const entry = entries.get(record.fingerprint);
      if (entry) entry.record = plus(record, entry.fresh);
    },
    records: () => [...entries.values()].map(({ record }) => record),
  };
}

const plus = (record: ErrorPatternRecord, more: ErrorPatternRecord | undefined) =>
  more ? mergePatterns(record, more) : record;
