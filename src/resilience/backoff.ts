/** How long to wait before trying again. Pure: who waits, and for what, is the caller's affair. */

export interface Backoff {
  /** The first wait, in milliseconds. */
  readonly baseMs: number;
  /** No wait is longer. */
  readonly capMs: number;
}

/**
 * The wait after the `attempt`th failure (1 is the first): doubling from `baseMs` up to `capMs`,
 * of which a random 50 to 100 %, so that what failed together does not come back together.
 */
export function backoffMs(
  { baseMs, capMs }: Backoff,
  attempt: number,
  random: () => number,
): number {
  const longestMs = Math.min(capMs, baseMs * 2 ** Math.min(attempt - 1, 52));
  return Math.round(longestMs * (0.5 + random() / 2));
}
