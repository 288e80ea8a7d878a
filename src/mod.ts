/**
 * Parts of the gate for people who run their own Hono app on Deno and want one of them alone. The
 * whole gate is `main.ts`.
 *
 * ```ts ignore
 * import { Hono } from "hono";
 * import { rateLimit, securityHeaders } from "@gatehouse/gatehouse";
 *
 * const app = new Hono();
 * app.use(securityHeaders());
 * app.use("/api/*", await rateLimit({ limits: "ip:100/1m", kvPath: "./data/limits.sqlite3" }));
 * ```
 */
import { parseConfig } from "./config.ts";
import { createClientAddress } from "./ip/client_ip.ts";
import { openKv } from "./kv/open.ts";
import { createLimits } from "./limits/limits.ts";
import { limitMiddleware, type LimitMiddlewareOptions } from "./limits/middleware.ts";
import type { OutagePolicy } from "./limits/charge.ts";
import { createLog } from "./log.ts";
import { createMetrics } from "./metrics/catalog.ts";
import { createKvBreaker } from "./resilience/kv_breaker.ts";
import { systemClock } from "./time.ts";

export { cspNonce, securityHeaders } from "./headers/middleware.ts";

export interface RateLimitOptions {
  /** Limits that must all hold, such as `ip:200/1m,user:60/1m`. */
  readonly limits: string;
  /** A file, `:memory:` (one process alone) or a KV Connect URL. */
  readonly kvPath: string;
  /** What a request gets while KV is out; `open` unless said. */
  readonly onOutage?: OutagePolicy;
  /** CIDRs whose `X-Forwarded-For` is believed. */
  readonly trustedProxies?: readonly string[];
  /** The user of a request, when the app knows one. */
  readonly userOf?: LimitMiddlewareOptions["userOf"];
}

/** Opens KV and gives the middleware. Throws `ConfigError` when the limits cannot be read. */
export async function rateLimit(
  options: RateLimitOptions,
): Promise<ReturnType<typeof limitMiddleware>> {
  const { limits, kvPath, onOutage = "open", trustedProxies = [], userOf } = options;
  const config = parseConfig({ LIMIT_STORE: limits, KV_PATH: kvPath });
  const clock = systemClock;
  const log = createLog({ level: config.LOG_LEVEL, clock });
  const metrics = createMetrics();
  const breaker = createKvBreaker({ config, clock, log, metrics });
  const kv = await openKv({ path: kvPath, clock, log, breaker });
  const policy = { name: "store", limits: config.LIMIT_STORE, onOutage, shadow: false };
  const guard = createLimits({
    config,
    clock,
    log,
    kv,
    metrics,
    breaker,
    policies: { all: [policy] },
    instanceId: crypto.randomUUID(),
  });
  return limitMiddleware({
    guard,
    clock,
    charge: { policy, operation: "", cost: 1 },
    addresses: createClientAddress({ trustedProxies }),
    userOf,
  });
}
