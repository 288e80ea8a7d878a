/**
 * The count one isolate keeps for itself while KV is out: a sliding log of the last requests of
 * each key. Exact for this isolate and blind to the others, so a fleet of n lets n times as many
 * through; that is the price of answering at all.
 */
import { type Clock, HOUR } from "../time.ts";

export interface MemoryLimiterOptions {
  readonly clock: Clock;
  /** Requests a key may make in any window. */
  readonly quota: number;
  readonly windowMs?: number;
  /** Keys remembered in each of two generations. */
  readonly keysMax?: number;
}

export interface MemoryVerdict {
  readonly allowed: boolean;
  readonly remaining: number;
  /** Milliseconds until one more request would pass; 0 while some remain. */
  readonly retryAfterMs: number;
}

export interface MemoryLimiter {
  readonly quota: number;
  readonly windowMs: number;
  /** Takes `cost` permits of `key`, or none when fewer are left. */
  take(key: string, cost: number): MemoryVerdict;
  /** Keys held now, over both generations. */
  readonly size: number;
}

/** Times of the last requests, oldest first. */
type RequestLog = number[];

export function createMemoryLimiter(options: MemoryLimiterOptions): MemoryLimiter {
  const { clock, quota, windowMs = HOUR, keysMax = 10_000 } = options;
  // Two generations: a full young one becomes the old one, so what is dropped was not seen lately.
  let young = new Map<string, RequestLog>();
  let old = new Map<string, RequestLog>();

  const logOf = (key: string): RequestLog => {
    const known = young.get(key);
    if (known) return known;
    const log = old.get(key) ?? [];
    if (young.size >= keysMax) {
      old = young;
      young = new Map();
    }
    old.delete(key);
    young.set(key, log);
    return log;
  };

  return {
    quota,
    windowMs,
    take(key, cost) {
      const now = clock.now();
      const log = logOf(key);
      const expired = log.findIndex((time) => time > now - windowMs);
      log.splice(0, expired === -1 ? log.length : expired);
      const left = quota - log.length;
      if (cost > left) {
        // A cost above the whole quota never passes; the end of the window is as good as any.
        const freed = log[Math.min(cost - left, log.length) - 1] ?? now;
        return { allowed: false, remaining: left, retryAfterMs: freed + windowMs - now };
      }
      for (let i = 0; i < cost; i++) log.push(now);
      return { allowed: true, remaining: left - cost, retryAfterMs: 0 };
    },
    get size() {
      return young.size + old.size;
    },
  };
}
