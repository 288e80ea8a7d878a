import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { createMetrics } from "../../src/metrics/catalog.ts";

Deno.test("createMetrics() starts every known label at 0", async () => {
  const text = await createMetrics().registry.metrics();
  assertStringIncludes(text, 'webstore_rate_limit_exceeded_total{limit_type="store.ip"} 0');
  assertStringIncludes(text, "rate_limiter_cache_failures_total 0");
});

Deno.test("Tally.add() shows in every scrape once", async () => {
  const metrics = createMetrics();
  metrics.rateLimitExceeded.add("store.ip");
  metrics.rateLimitExceeded.add("store.ip", 2);
  metrics.fallbackHits.add("");
  for (let scrape = 0; scrape < 2; scrape++) {
    const text = await metrics.registry.metrics();
    assertStringIncludes(text, 'webstore_rate_limit_exceeded_total{limit_type="store.ip"} 3');
    assertStringIncludes(text, "rate_limiter_fallback_cache_hits_total 1");
  }
});

Deno.test("Tally.add() counts labels nobody declared as other, so series stay bounded", async () => {
  const metrics = createMetrics();
  for (let i = 0; i < 1_000; i++) metrics.cspReports.add(`made-up-${i}`);
  assertEquals(metrics.cspReports.counts.get("other"), 1_000);
  const lines = (await metrics.registry.metrics()).split("\n")
    .filter((line) => line.startsWith("gatehouse_csp_reports_total"));
  assert(lines.length <= 7);
});

Deno.test("watch() reads its value at each scrape", async () => {
  const metrics = createMetrics();
  let open = 0;
  metrics.watch("breakerOpen", () => open);
  assertStringIncludes(await metrics.registry.metrics(), "rate_limiter_circuit_breaker_open 0");
  open = 1;
  assertStringIncludes(await metrics.registry.metrics(), "rate_limiter_circuit_breaker_open 1");
});
