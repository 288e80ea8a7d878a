/** Tells the metrics and the log what the guard decided; a flood of refusals is one line a second. */
import type { Log } from "../log.ts";
import type { Metrics } from "../metrics/catalog.ts";
import { type Clock, SECOND } from "../time.ts";
import type { GuardEvents } from "./guard.ts";

const LOG_EVERY_MS = SECOND;

export interface LimitEventsOptions {
  readonly metrics: Metrics;
  readonly log: Log;
  readonly clock: Clock;
}

export function createLimitEvents({ metrics, log, clock }: LimitEventsOptions): GuardEvents {
  // Bounded: limits are named by the policies, never by clients.
  const refusals = new Map<string, { loggedAt: number; suppressed: number }>();

  const logRefusal = (limit: string, enforced: boolean) => {
    const last = refusals.get(limit);
    const now = clock.now();
    // By the clock that stands still during a request, which may also have been set back.
    if (last && Math.abs(now - last.loggedAt) < LOG_EVERY_MS) {
      last.suppressed++;
      return;
    }
    const suppressed = last?.suppressed ?? 0;
    log.warn("Rate limit exceeded", { limit_type: limit, enforced, suppressed });
    refusals.set(limit, { loggedAt: now, suppressed: 0 });
  };

  return {
    decided(source) {
      metrics.rateLimitDecisions.add(source);
      if (source === "fallback") metrics.fallbackHits.add("");
    },
    refused(limit, enforced) {
      (enforced ? metrics.rateLimitExceeded : metrics.rateLimitShadowed).add(limit);
      logRefusal(limit, enforced);
    },
    // KV's own door logs what went wrong; here it is only counted.
    failed: () => metrics.cacheFailures.add(""),
  };
}
