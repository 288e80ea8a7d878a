/**
 * The strong attack payloads of one client, and how many of them stand apart. What tells that two
 * are one attempt is a mark: the same text, or the same field and family, as when somebody tries
 * two texts in one search. Marks are hashes with a key, so that nothing of a request can be read.
 */
import { createHmac, randomBytes } from "node:crypto";
import type { Activity } from "../kv/keys.ts";
import { MINUTE } from "../time.ts";

/** `marks` is absent in records of earlier releases, whose `hash` was text of the request. */
export type Attempt = Activity["payloads"][number];
type MarkedAttempt = Required<Attempt>;

export interface MarkHash {
  of(text: string): string;
  /** Whether other isolates make the same of it. */
  readonly isShared: boolean;
}

const ATTEMPTS_MS = 10 * MINUTE;
const ATTEMPTS_MAX = 8;
/** Those of one attempt; a request has at most 12 findings, with a text and a place each. */
const MARKS_MAX = 24;
const MARK_LENGTH = 16;

/** @param key The deployment's; without one the isolate draws its own, and tells others nothing. */
export function createMarkHash(key?: Uint8Array): MarkHash {
  const own = key ?? randomBytes(32);
  return {
    of: (text) =>
      createHmac("sha256", own).update(`attempt\n${text}`).digest("base64url")
        .slice(0, MARK_LENGTH),
    isShared: key !== undefined,
  };
}

export function attemptOf(
  at: number,
  payload: string,
  marks: readonly string[],
  hash: MarkHash,
): MarkedAttempt {
  return {
    hash: hash.of(payload),
    at,
    marks: [...new Set(marks.map((mark) => hash.of(mark)))].slice(0, MARKS_MAX),
  };
}

/** Both in one, oldest first: the last ones of ten minutes, each payload once. */
export function joinAttempts(
  one: readonly Attempt[],
  other: readonly Attempt[],
  nowMs: number,
): readonly MarkedAttempt[] {
  const joined = new Map<string, MarkedAttempt>();
  for (const { hash, at, marks } of [...one, ...other]) {
    if (!marks || at <= nowMs - ATTEMPTS_MS) continue;
    const known = joined.get(hash);
    joined.set(hash, {
      hash,
      at: Math.max(at, known?.at ?? 0),
      marks: [...new Set([...known?.marks ?? [], ...marks])].slice(0, MARKS_MAX),
    });
  }
  return [...joined.values()].sort((a, b) => a.at - b.at).slice(-ATTEMPTS_MAX);
}

/** How many there are of which no two share a mark. */
export function countApart(attempts: readonly Attempt[]): number {
  const taken = new Set<string>();
  let apart = 0;
  const marked = attempts.map(({ hash, marks = [] }) => [hash, ...marks]);
  for (const marks of marked.sort((a, b) => a.length - b.length)) {
    if (marks.some((mark) => taken.has(mark))) continue;
    for (const mark of marks) taken.add(mark);
    apart++;
  }
  return apart;
}
