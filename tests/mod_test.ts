/** The parts, as another app uses them: its own Hono, our middleware. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { Hono } from "hono";
import { ConfigError } from "../src/config.ts";
import { cspNonce, rateLimit, securityHeaders } from "../src/mod.ts";
import { peer } from "./_app.ts";

// Its KV stays open as long as the app that uses it, so the sanitizer would see a leak.
const test = (name: string, fn: () => Promise<void>) =>
  Deno.test({ name, fn, sanitizeOps: false, sanitizeResources: false });

test("rateLimit() refuses in a foreign app, and writes the fields on every answer", async () => {
  const app = new Hono();
  app.use(await rateLimit({ limits: "ip:2/1m", kvPath: ":memory:" }));
  app.get("/", (c) => c.text("theirs"));
  const ask = (from: string) => app.request("/", {}, peer(from));
  for (const left of ["1", "0"]) {
    const response = await ask("203.0.113.1");
    assertEquals(await response.text(), "theirs");
    assertEquals(response.headers.get("x-ratelimit-remaining"), left);
  }
  const refused = await ask("203.0.113.1");
  assertEquals(refused.status, 429);
  assertEquals((await refused.json()).code, "RATE_LIMITED");
  assert(Number(refused.headers.get("retry-after")) >= 1);
  assertEquals((await ask("203.0.113.2")).status, 200);
});

test("rateLimit() counts the user its app names", async () => {
  const app = new Hono();
  const user = { id: "anna", expiresAt: Infinity, roles: [], realm: "site" as const };
  app.use(await rateLimit({ limits: "user:1/1m", kvPath: ":memory:", userOf: () => user }));
  app.get("/", (c) => c.text("theirs"));
  assertEquals((await app.request("/", {}, peer("203.0.113.1"))).status, 200);
  assertEquals((await app.request("/", {}, peer("203.0.113.2"))).status, 429);
});

test("rateLimit() names what it cannot read", async () => {
  await assertRejects(
    () => rateLimit({ limits: "ip:lots", kvPath: ":memory:" }),
    ConfigError,
    "LIMIT_STORE",
  );
});

test("securityHeaders() covers a foreign app's pages and hands them the nonce", async () => {
  const app = new Hono();
  app.use(securityHeaders());
  app.get("/", (c) => c.html(`<script nonce="${cspNonce(c)}"></script>`));
  const response = await app.request("/");
  const [, nonce] = /nonce="([^"]+)"/.exec(await response.text()) ?? [];
  assert(response.headers.get("content-security-policy")?.includes(`'nonce-${nonce}'`));
});
