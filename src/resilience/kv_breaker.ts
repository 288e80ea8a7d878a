/** The breaker around KV: its numbers from the settings, its changes counted and logged. */
import type { Config } from "../config.ts";
import type { Log } from "../log.ts";
import { type Clock, SECOND } from "../time.ts";
import { type Breaker, createBreaker } from "./breaker.ts";

/** Where its changes are counted; the catalog of metrics fits. */
export interface BreakerMetrics {
  readonly breakerTransitions: { add(to: string): void };
  watch(gauge: "breakerOpen", read: () => number): void;
}

export interface KvBreakerOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: BreakerMetrics;
}

export function createKvBreaker({ config, clock, log, metrics }: KvBreakerOptions): Breaker {
  const breaker = createBreaker({
    name: "kv",
    threshold: config.RATE_LIMITER_CIRCUIT_BREAKER_THRESHOLD,
    resetMs: config.RATE_LIMITER_CIRCUIT_BREAKER_RESET_SECONDS * SECOND,
    clock,
    onTransition(to, from) {
      metrics.breakerTransitions.add(to);
      log.warn("breaker.changed", { dependency: "kv", from, to });
    },
  });
  metrics.watch("breakerOpen", () => breaker.state === "closed" ? 0 : 1);
  return breaker;
}
