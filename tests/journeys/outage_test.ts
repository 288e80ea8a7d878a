/** What each policy does while KV is cut, and how the app comes back. */
import { assert, assertEquals, assertLess } from "@std/assert";
import { createTestApp, type TestApp } from "../_app.ts";
import { createFaultKv, type Faults } from "../_fault_kv.ts";
import { MINUTE } from "../../src/time.ts";

const CUTS: readonly (readonly [name: string, faults: Faults])[] = [
  ["errors", { error: 1 }],
  ["hangs", { hang: 1 }],
  ["is slow", { slowMs: 1_500 }],
];

/** A fresh address each time needs KV each time, so the breaker soon has its five failures. */
async function openBreaker(app: TestApp): Promise<void> {
  for (let i = 0; i < 200 && app.services.breaker.state === "closed"; i++) {
    const { status } = await app.ask("/api/v1/auth/login", { method: "POST", from: `10.1.0.${i}` });
    assert(status === 503 || status === 404, `${status}`);
    app.clock.turn(100);
  }
  assertEquals(app.services.breaker.state, "open");
}

for (const [name, faults] of CUTS) {
  Deno.test(`while KV ${name} nobody waits once the breaker is open, and nobody gets a 500`, async () => {
    using raw = await createFaultKv();
    await using app = await createTestApp({ rawKv: raw });
    raw.inject(faults);
    await openBreaker(app);
    const trips = raw.counts.trips;

    const startedAt = performance.now();
    for (let i = 0; i < 300; i++) {
      assertEquals((await app.ask("/us/products", { from: `10.2.0.${i % 5}` })).status, 200);
    }
    const upload = await app.ask("/api/v1/onboarding/sessions/s1/uploads/", { method: "POST" });
    assertEquals(upload.status, 503);
    assertEquals(upload.json().code, "TEMPORARILY_UNAVAILABLE");
    assert(Number(upload.headers.get("retry-after")) >= 1);
    assertLess(performance.now() - startedAt, 3_000);
    assertEquals(raw.counts.trips, trips, "an open breaker spares KV");
    raw.heal();
  });
}

Deno.test("while KV is out the API counts 50 an hour in this isolate's memory", async () => {
  using raw = await createFaultKv();
  await using app = await createTestApp({ rawKv: raw });
  raw.inject({ error: 1 });
  await openBreaker(app);
  const statuses: number[] = [];
  for (let i = 0; i < 51; i++) statuses.push((await app.ask("/api/v1/nothing")).status);
  assertEquals(statuses.slice(0, 50), Array(50).fill(404));
  assertEquals(statuses[50], 429);
  const refused = await app.ask("/api/v1/nothing");
  assertEquals(refused.headers.get("ratelimit-policy"), '"fallback";q=50;w=3600');
  assertEquals(refused.json().detail, "Rate limit exceeded for IP. Maximum 50 requests per hour.");
  assertEquals(app.services.metrics.fallbackHits.counts.get(""), 52);
});

Deno.test("after five minutes one probe finds KV well, and counting goes on", async () => {
  using raw = await createFaultKv();
  await using app = await createTestApp({ rawKv: raw });
  raw.inject({ error: 1 });
  await openBreaker(app);
  raw.heal();
  app.clock.turn(5 * MINUTE + 35_000);
  // The first request starts the probe and does not wait for it.
  assertEquals((await app.ask("/us/products")).status, 200);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assertEquals(app.services.breaker.state, "closed");
  assertEquals((await app.ask("/us/products")).headers.get("ratelimit-policy"), '"ip";q=200;w=60');
});

Deno.test("an outage gives no second quota: what passed meanwhile is counted on recovery", async () => {
  using raw = await createFaultKv();
  await using app = await createTestApp({ rawKv: raw });
  for (let i = 0; i < 100; i++) await app.ask("/us/products");
  raw.inject({ error: 1 });
  app.clock.turn(1_000);
  await openBreaker(app);
  for (let i = 0; i < 250; i++) assertEquals((await app.ask("/us/products")).status, 200);
  raw.heal();
  app.services.breaker.reset();
  let admitted = 0;
  for (let i = 0; i < 50; i++) if ((await app.ask("/us/products")).status === 200) admitted++;
  assert(admitted <= 20, `${admitted}`);
});

Deno.test("readyz says no while KV is out, healthz goes on", async () => {
  using raw = await createFaultKv();
  await using app = await createTestApp({ rawKv: raw });
  assertEquals((await app.ask("/readyz")).status, 200);
  raw.inject({ error: 1 });
  app.clock.turn(2_000);
  assertEquals((await app.ask("/readyz")).status, 503);
  assertEquals((await app.ask("/healthz")).status, 200);
});
