/**
 * From findings to one number. Inside a family signals support each other (noisy-or over each
 * signal's strongest rule); a family that is weak by itself counts half beside others; fields add up
 * once they say more than nothing.
 */
import type { Family, Match } from "./signal.ts";

export interface Finding {
  /** `signal/rule`, as in `sql_grammar/or_compare`. */
  readonly signal: string;
  readonly family: Family;
  /** 0..1, after discounts for prose and code. */
  readonly confidence: number;
  /** `path`, `query.q`, `json.user.name`, `cookie.prefs`, `header.referer`, … */
  readonly field: string;
  /** The text that matched, short and redacted. */
  readonly excerpt: string;
  /** The value from where the match begins, as it was read: for comparing, never for keeping. */
  readonly matched?: string;
}

/** A finding whose excerpt is not written yet: a hostile text has thousands, and twelve are kept. */
export type Sighting = Omit<Finding, "excerpt"> & { readonly match?: Match };

const WEAK = 0.5;
const FIELD_FLOOR = 0.25;

/** Something about a request as a whole, whatever its text: always the same finding. */
export function protocolFinding(signal: string, confidence: number, field: string): Finding {
  return { signal, family: "protocol", confidence, field, excerpt: "" };
}

/** The score 0..1 of one field's findings. */
export function scoreField(findings: readonly Sighting[]): number {
  if (findings.length === 0) return 0;
  const strongest = new Map<string, Sighting>();
  for (const finding of findings) {
    const name = finding.signal.slice(0, finding.signal.indexOf("/"));
    const known = strongest.get(name);
    if (!known || known.confidence < finding.confidence) strongest.set(name, finding);
  }
  const innocence = new Map<Family, number>();
  for (const { family, confidence } of strongest.values()) {
    innocence.set(family, (innocence.get(family) ?? 1) * (1 - confidence));
  }
  let clean = 1;
  for (const rest of innocence.values()) {
    const score = 1 - rest;
    clean *= score < WEAK ? 1 - score / 2 : rest;
  }
  return 1 - clean;
}

/** Adds a field's score to the request's. */
export function addScore(payload: number, field: number): number {
  return field <= FIELD_FLOOR ? payload : 1 - (1 - payload) * (1 - field);
}
