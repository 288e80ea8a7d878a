/**
 * The error journal's place in KV: one small document for each cause, the same for all isolates, at
 * most 500 of them. Several are written in one commit, each under a check of its version.
 */
import { AppError } from "../errors/app_error.ts";
import type { ErrorPatternRecord } from "../kv/error_records.ts";
import { keys, prefixes } from "../kv/keys.ts";
import type { Atomic, Kv } from "../kv/kv.ts";
import { pause } from "../kv/pause.ts";
import { update } from "../kv/update.ts";
import { type Judged, judgePattern } from "./error_patterns.ts";

export interface ErrorStore {
  /**
   * Puts what one isolate has seen to what is stored; `patterns` are at most `BATCH_MAX`. Throws
   * when KV is out or always somebody else was faster: then count them again later, and in the rare
   * case that only the reply was lost, twice.
   */
  merge(patterns: readonly ErrorPatternRecord[], nowMs: number): Promise<Judged[]>;
  all(): Promise<ErrorPatternRecord[]>;
  /** @throws AppError NOT_FOUND */
  resolve(
    fingerprint: string,
    nowMs: number,
    join: (atomic: Atomic) => void,
  ): Promise<ErrorPatternRecord>;
  /** Deletes what is over age or over number, longest unseen first; answers how many. */
  tidy(nowMs: number, signal?: AbortSignal): Promise<number>;
}

/** What one commit can check. */
export const BATCH_MAX = 10;
export const PATTERNS_MAX = 500;

const ATTEMPTS = 5;
const LONGEST_WAIT_MS = 60;
const PAGE_ROWS = 200;
/** Between two times of tidying, isolates add a few hundred at most. */
const PAGES_MAX = 20;
const DELETES_AT_ONCE = 100;

export function createErrorStore(
  { kv, retentionMs, random }: { kv: Kv; retentionMs: number; random: () => number },
): ErrorStore {
  const tryMerge = async (patterns: readonly ErrorPatternRecord[], nowMs: number) => {
    const places = patterns.map(({ fingerprint }) => keys.errorPattern(fingerprint));
    const stored = await kv.getMany(places);
    const judged = patterns.map((fresh, at) => judgePattern(stored[at].value, fresh, nowMs));
    const { ok } = await kv.commit((atomic) =>
      places.forEach((place, at) => {
        atomic.check(place, stored[at].versionstamp)
          .set(place, judged[at].record, { expireIn: retentionMs });
      })
    );
    return ok ? judged : undefined;
  };

  const all = async (): Promise<ErrorPatternRecord[]> => {
    const found: ErrorPatternRecord[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < PAGES_MAX; page++) {
      const { items, next_cursor } = await kv.page(prefixes.errorPatterns(), {
        limit: PAGE_ROWS,
        cursor,
      });
      found.push(...items.map(({ value }) => value));
      if (next_cursor === null) break;
      cursor = next_cursor;
    }
    return found;
  };

  return {
    all,
    async merge(patterns, nowMs) {
      for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
        const judged = await tryMerge(patterns, nowMs);
        if (judged) return judged;
        await pause(random() * LONGEST_WAIT_MS);
      }
      throw new AppError("CONFLICT");
    },
    async resolve(fingerprint, nowMs, join) {
      const { value } = await update(
        kv,
        keys.errorPattern(fingerprint),
        (current) =>
          current ? { ...current, resolvedAt: nowMs, regressedAt: undefined } : undefined,
        { expireIn: retentionMs, join },
      );
      if (!value) throw new AppError("NOT_FOUND");
      return value;
    },
    async tidy(nowMs, signal) {
      const newestFirst = (await all()).sort((a, b) => b.lastSeenAt - a.lastSeenAt);
      const gone = newestFirst.filter(({ lastSeenAt }, at) =>
        at >= PATTERNS_MAX || nowMs - lastSeenAt > retentionMs
      );
      for (let from = 0; from < gone.length; from += DELETES_AT_ONCE) {
        signal?.throwIfAborted();
        await kv.commit((atomic) => {
          for (const { fingerprint } of gone.slice(from, from + DELETES_AT_ONCE)) {
            atomic.delete(keys.errorPattern(fingerprint));
          }
        });
      }
      return gone.length;
    },
  };
}
