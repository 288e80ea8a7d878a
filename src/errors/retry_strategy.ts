/**
 * How often and how soon to try again, by what kind of error it was. The task queue has numbers of
 * its own for each task; these are for calls that are tried again on the spot.
 */
import { MINUTE, SECOND } from "../time.ts";
import type { Categorized } from "./categorize.ts";
import type { ErrorCategory } from "./codes.ts";

export interface RetryStrategy {
  /** Tries in all; 1 is never again. */
  readonly attempts: number;
  /** The second try comes about this much after the first, each further one after twice as long. */
  readonly baseMs: number;
  readonly capMs: number;
}

const strategy = (attempts: number, baseMs: number, capMs: number): RetryStrategy => ({
  attempts,
  baseMs,
  capMs,
});

const NEVER = strategy(1, 0, 0);

/** From notes/tasks.md section 6. */
const STRATEGIES: Readonly<Record<ErrorCategory, RetryStrategy>> = {
  DATABASE: strategy(6, SECOND, 30 * SECOND),
  NETWORK: strategy(5, SECOND, MINUTE),
  LLM_API: strategy(3, 2 * SECOND, MINUTE),
  VALIDATION: NEVER,
  AUTHENTICATION: NEVER,
  RATE_LIMIT: strategy(5, 5 * SECOND, 15 * MINUTE),
  TIMEOUT: strategy(3, 2 * SECOND, MINUTE),
  EXTERNAL_SERVICE: strategy(5, 2 * SECOND, 15 * MINUTE),
  SYSTEM: strategy(2, 5 * SECOND, 5 * SECOND),
};

export function retryStrategyOf(category: ErrorCategory): RetryStrategy {
  return STRATEGIES[category];
}

/**
 * Milliseconds until the try after the `attempt`th (1 is the first); undefined when there should be
 * none. What the other side asked for is kept to, and up to a quarter more, so that not all come
 * back at once.
 */
export function retryDelayMs(
  { category, retryable, retryAfterMs }: Categorized,
  attempt: number,
  random: () => number = Math.random,
): number | undefined {
  const { attempts, baseMs, capMs } = STRATEGIES[category];
  if (!retryable || attempt >= attempts) return undefined;
  if (retryAfterMs !== undefined) return retryAfterMs * (1 + random() / 4);
  return Math.min(capMs, baseMs * 2 ** (attempt - 1)) * (0.5 + random() / 2);
}
