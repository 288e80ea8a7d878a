/**
 * What it means when KV throws: that it cannot be reached, that another process holds the SQLite
 * file for a moment, or that we asked for something it can never do. Only the first is a failure of
 * KV; the texts are those of Deno 2.5 to 2.9 and of the KV Connect server.
 */
import { AppError } from "../errors/app_error.ts";
import { SECOND } from "../time.ts";

/**
 * Why a call was not answered.
 * - `open`: the breaker is open, KV was not asked.
 * - `timeout`: no answer before the deadline; a commit may have landed, or may land later.
 * - `failed`: KV answered with an error; a commit may have landed.
 * - `contended`: other processes kept the file locked for too long; nothing was written.
 * - `closed`: this process has closed its handle; nothing was written.
 */
export type UnavailableReason = "open" | "timeout" | "failed" | "contended" | "closed";

/** Longest wait a client is told, however long the breaker stays open: a probe may end it. */
const RETRY_AFTER_MAX_MS = 30 * SECOND;

/** KV could not do a call. Left alone it becomes a 503 with `Retry-After`. */
export class KvUnavailableError extends AppError {
  readonly reason: UnavailableReason;

  constructor(reason: UnavailableReason, message: string, retryAfterMs = 0, cause?: unknown) {
    const waitMs = Math.min(Math.max(retryAfterMs, SECOND), RETRY_AFTER_MAX_MS);
    super("TEMPORARILY_UNAVAILABLE", {
      cause,
      headers: { "retry-after": String(Math.ceil(waitMs / SECOND)) },
    });
    this.reason = reason;
    this.message = message;
  }

  /** Whether a commit that ended like this may have been applied all the same. */
  get mayHaveLanded(): boolean {
    return this.reason === "timeout" || this.reason === "failed";
  }
}

const LOCKED = /database is locked|database table is locked/i;

/** Errors of the request, not of KV: they would come back however healthy it is. */
const MISUSE =
  /too large|too many (ranges|checks|mutations|entries|keys)|cannot be empty|could not be cloned|non-U64|invalid (check|cursor|expir|key)|status=400/i;

/** Whether a checked commit met another process in the same file; nothing was written then. */
export function isLocked(error: unknown): boolean {
  return error instanceof Error && LOCKED.test(error.message);
}

/** Whether the caller asked for what KV cannot do. */
export function isMisuse(error: unknown): boolean {
  return error instanceof RangeError || error instanceof Error && MISUSE.test(error.message);
}
