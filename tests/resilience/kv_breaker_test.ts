import { assertEquals, assertStringIncludes } from "@std/assert";
import { parseConfig } from "../../src/config.ts";
import { createLog } from "../../src/log.ts";
import { createMetrics } from "../../src/metrics/catalog.ts";
import { createKvBreaker } from "../../src/resilience/kv_breaker.ts";
import { MINUTE } from "../../src/time.ts";
import { createTestClock } from "../_clock.ts";

Deno.test("createKvBreaker() opens after 5 failures, half-opens after 5 minutes, and says so", async () => {
  const clock = createTestClock();
  const lines: string[] = [];
  const log = createLog({ level: "info", clock, write: (line) => lines.push(line) });
  const metrics = createMetrics();
  const breaker = createKvBreaker({ config: parseConfig({}), clock, log, metrics });
  for (let i = 0; i < 5; i++) {
    breaker.record(breaker.allow()!, false);
    clock.turn(100);
  }
  assertEquals(breaker.state, "open");
  assertStringIncludes(await metrics.registry.metrics(), "rate_limiter_circuit_breaker_open 1");
  assertStringIncludes(lines[0], '"event":"breaker.changed","dependency":"kv"');
  clock.turn(5.5 * MINUTE);
  assertEquals(breaker.state, "half_open");
  breaker.record(breaker.allow()!, true);
  assertEquals(breaker.state, "closed");
  assertEquals(metrics.breakerTransitions.counts.get("closed"), 1);
  assertStringIncludes(await metrics.registry.metrics(), "rate_limiter_circuit_breaker_open 0");
});
