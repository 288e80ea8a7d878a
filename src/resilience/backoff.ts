/** How long to wait before trying again. Pure: who waits, and for what, is the caller's affair. */

export interface Backoff {
  /** The first wait, in milliseconds. */
  readonly baseMs: number;
  /** No wait is longer. */
  readonly capMs: number;
  /**
   * From this wait on they grow by a tenth and no longer double, so that the end of an outage is
   * seen soon: within the steady wait and a fifth of how long it lasted.
   */
  readonly steadyMs?: number;
}

const STEADY_GROWTH = 1.1;

/**
 * The wait after the `attempt`th failure (1 is the first): doubling from `baseMs` up to `capMs`,
 * of which a random 50 to 100 %, so that what failed together does not come back together.
 */
export function backoffMs(
  backoff: Backoff,
  attempt: number,
  random: () => number,
): number {
  const longestMs = Math.min(backoff.capMs, grown(backoff, attempt));
  return Math.round(longestMs * (0.5 + random() / 2));
}

function grown({ baseMs, steadyMs = Infinity }: Backoff, attempt: number): number {
  const doubledMs = baseMs * 2 ** Math.min(attempt - 1, 52);
  if (doubledMs <= steadyMs) return doubledMs;
  const doublings = Math.log2(steadyMs / baseMs);
  return steadyMs * STEADY_GROWTH ** Math.min(attempt - 1 - doublings, 1_000);
}

/** The most attempts that fit into `forMs`, were every wait as short as can be; at most `max`. */
export function attemptsWithin(backoff: Backoff, forMs: number, max: number): number {
  let attempts = 1;
  for (let atMs = 0; atMs < forMs && attempts < max; attempts++) {
    atMs += backoffMs(backoff, attempts, () => 0);
  }
  return attempts;
}
