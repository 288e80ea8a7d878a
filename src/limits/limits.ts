/** Puts the room together: the leases, the count of isolates, the fallback, and the guard on top. */
import type { Config } from "../config.ts";
import { keys } from "../kv/keys.ts";
import type { Kv } from "../kv/kv.ts";
import type { Log } from "../log.ts";
import type { Metrics } from "../metrics/catalog.ts";
import type { Breaker } from "../resilience/breaker.ts";
import type { Clock } from "../time.ts";
import { createLimitEvents } from "./events.ts";
import { createLimitGuard, type LimitGuard } from "./guard.ts";
import { createIsolateCount } from "./isolates.ts";
import { createLeaseLimiter } from "./lease_limiter.ts";
import { createLeaseStore } from "./lease_store.ts";
import { createMemoryLimiter } from "./memory_limiter.ts";
import type { Policies } from "./policy.ts";
import { overflowOf } from "./windows.ts";

/** Two clocks of a fleet may differ by this much while `RATE_LIMITER_CLOCK_GUARD` is on. */
const CLOCK_SKEW_MS = 2_500;

export interface LimitsOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  readonly kv: Kv;
  readonly metrics: Metrics;
  readonly breaker: Breaker;
  readonly policies: Pick<Policies, "all">;
  /** Names this isolate among those that share the limits. */
  readonly instanceId: string;
}

export interface Limits extends LimitGuard {
  /** Reports what only this isolate knows, gives back what it leased, and says goodbye. */
  leave(): Promise<void>;
}

export function createLimits(options: LimitsOptions): Limits {
  const { config, clock, log, kv, metrics, breaker, policies, instanceId } = options;
  const isolates = createIsolateCount({ kv, clock, id: instanceId });
  const limiter = createLeaseLimiter({
    store: createLeaseStore(kv),
    clock,
    isolates: isolates.shares,
    random: Math.random,
    clockSkewMs: config.RATE_LIMITER_CLOCK_GUARD ? CLOCK_SKEW_MS : 0,
    overflowOf,
    onTrip: (trip) => metrics.rateLimitTrips.add(trip.result),
  });
  metrics.watch("limitedSubjects", () => limiter.stats().subjects);
  metrics.watch("liveIsolates", () => isolates.alive);
  const guard = createLimitGuard({
    limiter,
    policies,
    fallback: createMemoryLimiter({ clock, quota: config.RATE_LIMITER_FALLBACK_LIMIT }),
    breaker,
    probe: () => void kv.get(keys.deployment()).catch(() => {}),
    monitor: config.GATE_MODE === "monitor",
    events: createLimitEvents({ metrics, log, clock }),
  });
  return {
    ...guard,
    async leave() {
      await limiter.flush();
      await isolates.leave();
    },
  };
}
