/** The limits as a client meets them: through the whole app, with nothing but the clock faked. */
import {
  assert,
  assertEquals,
  assertLessOrEqual,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { createTestApp } from "../_app.ts";
import { createFaultKv } from "../_fault_kv.ts";

Deno.test("GET /us/products refuses the 201st request of an address in a minute", async () => {
  await using app = await createTestApp();
  for (let i = 1; i <= 200; i++) {
    const answer = await app.ask("/us/products");
    assertEquals(answer.status, 200, `request ${i}`);
    assertEquals(answer.headers.get("x-ratelimit-limit"), "200");
    assertEquals(answer.headers.get("x-ratelimit-remaining"), String(200 - i));
    await answer.text;
  }
  const refused = await app.ask("/us/products");
  assertEquals(refused.status, 429);
  const { detail, code, status, request_id } = refused.json();
  assertEquals(detail, "Rate limit exceeded for IP. Maximum 200 requests per minute.");
  assertEquals({ code, status }, { code: "RATE_LIMITED", status: 429 });
  assertEquals(request_id, refused.headers.get("x-request-id"));
  assertEquals(refused.headers.get("content-type"), "application/problem+json");
  assertEquals(refused.headers.get("x-ratelimit-remaining"), "0");
  assertEquals(refused.headers.get("ratelimit-policy"), '"ip";q=200;w=60');
  assertMatch(refused.headers.get("ratelimit") ?? "", /^"ip";r=0;t=\d+$/);
  assertMatch(refused.headers.get("retry-after") ?? "", /^[1-9]\d?$/);
  assertStringIncludes(app.logged.join("\n"), '"event":"Rate limit exceeded"');
});

Deno.test("a refusal fits the 1,024 bytes that leave in one write, both tiers told", async () => {
  await using app = await createTestApp();
  const ask = (i: number) =>
    app.ask("/us/products", { token: "user-token-123", from: `10.0.0.${i}` });
  for (let i = 1; i <= 60; i++) await ask(i);
  const { status, headers, text } = await ask(61);
  assertEquals([status, headers.get("ratelimit")?.split(", ").length], [429, 2]);
  const ofTheRuntime = "content-length: 999\r\ndate: Sat, 21 Nov 2026 07:21:21 GMT\r\n";
  const fields = [...headers].map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const head = `HTTP/1.1 429 Too Many Requests\r\n${fields}${ofTheRuntime}\r\n`;
  // The id is there twice, and grows by seven digits until the ten-millionth request.
  assertLessOrEqual(head.length + text.length + 2 * 7, 1_024);
});

Deno.test("a refused address passes after exactly the Retry-After it was told", async () => {
  await using app = await createTestApp();
  for (let i = 0; i < 200; i++) await app.ask("/us/products");
  const refused = await app.ask("/us/products");
  const seconds = Number(refused.headers.get("retry-after"));
  app.clock.turn(seconds * 1_000);
  assertEquals((await app.ask("/us/products")).status, 200);
});

Deno.test("GET /us/products refuses the 61st request of one user, and nobody else's", async () => {
  await using app = await createTestApp();
  const ask = (i: number) =>
    app.ask("/us/products", { token: "user-token-123", from: `10.0.0.${i}` });
  for (let i = 1; i <= 60; i++) assertEquals((await ask(i)).status, 200, `request ${i}`);
  const refused = await ask(61);
  assertEquals(refused.status, 429);
  assertEquals(
    refused.json().detail,
    "Rate limit exceeded for user. Maximum 60 requests per minute.",
  );
  assertEquals(refused.headers.get("ratelimit-policy"), '"ip";q=200;w=60, "user";q=60;w=60');
  assertEquals((await app.ask("/us/products", { token: "other-token-9" })).status, 200);
  assertEquals((await app.ask("/us/products")).status, 200);
});

Deno.test("two isolates on one KV admit at most 220 of an open limit of 200", async () => {
  using raw = await createFaultKv();
  await using one = await createTestApp({ rawKv: raw });
  await using two = await createTestApp({ rawKv: raw, clock: one.clock });
  let admitted = 0;
  for (let i = 0; i < 300; i++) {
    const { status } = await (i % 2 ? one : two).ask("/us/products");
    if (status === 200) admitted++;
  }
  assert(admitted >= 190 && admitted <= 220, `${admitted}`);
});

Deno.test("two isolates on one KV admit at most 5 sign-ins in five minutes", async () => {
  using raw = await createFaultKv();
  await using one = await createTestApp({ rawKv: raw });
  await using two = await createTestApp({ rawKv: raw, clock: one.clock });
  const login = { method: "POST", body: "{}", headers: { "content-type": "application/json" } };
  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, i) => (i % 2 ? one : two).ask("/api/v1/auth/login", login)),
  );
  const admitted = answers.filter(({ status }) => status !== 429).length;
  assert(admitted >= 3 && admitted <= 5, `${admitted}`);
  const { detail } = answers.find(({ status }) => status === 429)!.json();
  assertEquals(detail, "Rate limit exceeded for IP. Maximum 5 requests per 5 minutes.");
});

Deno.test("IPv6 clients are counted by /64, and by /48 at five times the quota", async () => {
  await using app = await createTestApp();
  for (let i = 0; i < 200; i++) {
    const { status } = await app.ask("/us/products", { from: `2001:db8:1:1::${i.toString(16)}` });
    assertEquals(status, 200);
  }
  assertEquals((await app.ask("/us/products", { from: "2001:db8:1:1::ffff" })).status, 429);
  let admitted = 200;
  for (let i = 0; i < 900; i++) {
    const from = `2001:db8:1:${(i + 2).toString(16)}::1`;
    if ((await app.ask("/us/products", { from })).status === 200) admitted++;
  }
  assertEquals(admitted, 1_000);
});

Deno.test("health checks are never limited and carry no limit fields", async () => {
  await using app = await createTestApp();
  for (let i = 0; i < 300; i++) assertEquals((await app.ask("/healthz")).status, 200);
  assertEquals((await app.ask("/readyz")).headers.get("ratelimit-policy"), null);
});

Deno.test("a shadow policy counts, logs and lets pass", async () => {
  await using app = await createTestApp({ env: { LIMITS_SHADOW: "store" } });
  for (let i = 0; i < 250; i++) assertEquals((await app.ask("/us/products")).status, 200);
  const { counts } = app.services.metrics.rateLimitShadowed;
  assertEquals(counts.get("store.ip"), 50);
});

Deno.test("GATE_MODE=monitor refuses nothing, GATE_MODE=off does not even count", async () => {
  for (const mode of ["monitor", "off"]) {
    await using app = await createTestApp({ env: { GATE_MODE: mode } });
    for (let i = 0; i < 210; i++) assertEquals((await app.ask("/us/products")).status, 200);
    const shadowed = app.services.metrics.rateLimitShadowed.counts.get("store.ip");
    assertEquals(shadowed, mode === "monitor" ? 10 : 0);
  }
});

Deno.test("a rule with a cost takes that many permits a request", async () => {
  await using app = await createTestApp({ env: { LIMIT_RULES: "/us/products=expensive:4" } });
  const statuses = [];
  for (let i = 0; i < 3; i++) statuses.push((await app.ask("/us/products")).status);
  assertEquals(statuses, [200, 200, 429]);
});

Deno.test("a made-up token is anonymous and cannot buy a fresh quota", async () => {
  await using app = await createTestApp();
  let admitted = 0;
  for (let i = 0; i < 230; i++) {
    const { status } = await app.ask("/us/products", { token: `eyJhbGciOiJub25lIn0.${i}.` });
    if (status === 200) admitted++;
  }
  assertEquals(admitted, 200);
});
