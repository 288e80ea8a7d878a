/** The records of the error journal. All times are Unix milliseconds. */
import type { ErrorCategory, Severity } from "../errors/codes.ts";

/**
 * How often, as pairs in one flat list to keep documents small: a minute or hour since the epoch,
 * oldest first, and the count in it.
 */
export type SparseCounts = readonly number[];

/** Errors of one cause. Its texts are redacted and without what varies. */
export interface ErrorPatternRecord {
  readonly fingerprint: string;
  readonly category: ErrorCategory;
  /** Of a single one. */
  readonly severity: Severity;
  readonly code: string;
  readonly message: string;
  /** Where in our source it was thrown; "" when no frame of ours is known. */
  readonly frame: string;
  readonly firstSeenAt: number;
  readonly lastSeenAt: number;
  readonly total: number;
  /** The last 130 minutes. */
  readonly minutes: SparseCounts;
  /** As long as the journal keeps them, at most 30 days. */
  readonly hours: SparseCounts;
  /** Since it came back after an admin called it resolved, or after a long silence. */
  readonly regressedAt?: number;
  readonly resolvedAt?: number;
  /** When a spike was last told. */
  readonly spikeAt?: number;
}
