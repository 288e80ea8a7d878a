import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { createTestApp } from "../_app.ts";

const JSON_TYPE = "application/problem+json";

Deno.test("a path of ours that matches nothing is 404 problem+json and never the site", async () => {
  await using app = await createTestApp();
  for (const path of ["/api/v1/nothing", "/api/v1", "/admin/nothing", "/healthz/x", "/metrics"]) {
    const answer = await app.ask(path);
    assertEquals(answer.status, 404, path);
    assertEquals(answer.headers.get("content-type"), JSON_TYPE, path);
    assertEquals(answer.json().code, "NOT_FOUND", path);
  }
});

Deno.test("a wrong method on one of our paths is 405 and says which are right", async () => {
  await using app = await createTestApp();
  const answer = await app.ask("/healthz", { method: "DELETE" });
  assertEquals(answer.status, 405);
  assertEquals(answer.headers.get("allow"), "GET, HEAD");
  assertEquals(answer.json().code, "METHOD_NOT_ALLOWED");
});

Deno.test("JSON paths answer with and without the trailing slash", async () => {
  await using app = await createTestApp();
  for (const path of ["/healthz", "/healthz/", "/readyz", "/readyz/"]) {
    assertEquals((await app.ask(path)).status, 200, path);
  }
});

Deno.test("percent-encoding does not lead around the policy of a path", async () => {
  await using app = await createTestApp();
  const statuses = [];
  for (const path of ["login", "%6cogin", "log%69n", "login/", "lo%67in/", "login", "%6Cogin"]) {
    statuses.push((await app.ask(`/api/v1/auth/${path}`, { method: "POST" })).status);
  }
  assertEquals(statuses.filter((status) => status === 429).length, 2);
});

Deno.test("BASE_PATH moves every path of ours, and nothing under it reaches the site", async () => {
  await using app = await createTestApp({ env: { BASE_PATH: "/_gatehouse" } });
  assertEquals((await app.ask("/_gatehouse/healthz")).status, 200);
  assertEquals((await app.ask("/_gatehouse/healthz/")).status, 200);
  assertEquals((await app.ask("/_gatehouse/typo")).json().code, "NOT_FOUND");
  assertEquals((await app.ask("/_gatehouse/")).json().code, "NOT_FOUND");
  assertEquals((await app.ask("/us/products")).status, 200);
});

Deno.test("every answer carries a request id of its own and the security headers", async () => {
  await using app = await createTestApp();
  const ids = new Set<string | null>();
  const paths = ["/healthz", "/us/products", "/api/v1/nothing", "/us/nothing-here"];
  for (const path of paths) {
    const { headers } = await app.ask(path);
    ids.add(headers.get("x-request-id"));
    assertEquals(headers.get("x-frame-options"), "DENY", path);
    assertEquals(headers.get("x-content-type-options"), "nosniff", path);
    assertEquals(headers.get("x-xss-protection"), "1; mode=block", path);
    assertEquals(
      headers.get("strict-transport-security"),
      "max-age=31536000; includeSubDomains",
      path,
    );
    assert(headers.has("content-security-policy"), path);
  }
  assertEquals(ids.size, paths.length);
});

Deno.test("the demo's pages get a nonce policy without unsafe-inline, new for each answer", async () => {
  await using app = await createTestApp();
  const nonceOf = async () => {
    const { headers, text } = await app.ask("/us/products", { headers: { accept: "text/html" } });
    const policy = headers.get("content-security-policy") ?? "";
    assert(!policy.includes("unsafe-inline"));
    const [, nonce] = /'nonce-([^']+)'/.exec(policy) ?? [];
    assertMatch(nonce, /^[\w+/]{22}==$/);
    assertStringIncludes(text, `nonce="${nonce}"`);
    return nonce;
  };
  assert(await nonceOf() !== await nonceOf());
});

Deno.test("a person who is refused sees a page, a program sees problem+json", async () => {
  await using app = await createTestApp();
  for (let i = 0; i < 200; i++) await app.ask("/us/products");
  const page = await app.ask("/us/products", { headers: { accept: "text/html,*/*;q=0.8" } });
  assertEquals(page.status, 429);
  assertStringIncludes(page.headers.get("content-type") ?? "", "text/html");
  assertMatch(page.text, /<html lang="en-US">/);
  assertStringIncludes(page.text, page.headers.get("x-request-id") ?? "?");
  assert(page.headers.has("retry-after"));
  assertEquals((await app.ask("/us/products")).headers.get("content-type"), JSON_TYPE);
});

Deno.test("GET /gatehouse.css serves the stylesheet of our own pages", async () => {
  await using app = await createTestApp();
  const { status, headers } = await app.ask("/gatehouse.css");
  assertEquals(status, 200);
  assertStringIncludes(headers.get("content-type") ?? "", "text/css");
});

Deno.test("GET /metrics needs the scrape token, and shows what the gate counted", async () => {
  await using app = await createTestApp({ env: { METRICS_TOKEN: "a-scrape-token-of-length" } });
  assertEquals((await app.ask("/metrics")).status, 404);
  assertEquals((await app.ask("/metrics", { token: "a-scrape-token-of-lengtH" })).status, 404);
  await app.ask("/us/products");
  const answer = await app.ask("/metrics", { token: "a-scrape-token-of-length" });
  assertEquals(answer.status, 200);
  assertStringIncludes(answer.text, "rate_limiter_circuit_breaker_open 0");
  assertStringIncludes(answer.text, "webstore_rate_limit_exceeded_total");
});

Deno.test("POST csp-reports counts reports and refuses everything else clearly", async () => {
  await using app = await createTestApp();
  const path = "/api/v1/security/csp-reports/";
  const post = (body: string, type: string) =>
    app.ask(path, { method: "POST", body, headers: { "content-type": type } });
  const report = JSON.stringify({
    "csp-report": {
      "document-uri": "http://gate.example/us/products",
      "blocked-uri": "https://evil.example/x.js",
      "effective-directive": "script-src",
    },
  });
  assertEquals((await post(report, "application/csp-report")).status, 204);
  assertEquals(app.services.metrics.cspReports.counts.get("script-src"), 1);
  assertEquals((await post(report, "text/plain")).json().code, "UNSUPPORTED_MEDIA_TYPE");
  assertEquals((await post("{", "application/csp-report")).json().code, "MALFORMED_REQUEST");
  const huge = "x".repeat(70_000);
  assertEquals((await post(huge, "application/csp-report")).json().code, "PAYLOAD_TOO_LARGE");
});

Deno.test("HTTPS_REDIRECT without a trusted proxy is warned of at the start", async () => {
  await using app = await createTestApp({ env: { HTTPS_REDIRECT: "1" } });
  assertStringIncludes(app.logged.join("\n"), "TRUSTED_PROXIES is empty");
});

Deno.test("with HTTPS_REDIRECT plain HTTP is sent to HTTPS, except the health checks", async () => {
  await using app = await createTestApp({
    env: { HTTPS_REDIRECT: "1", TRUSTED_PROXIES: "10.0.0.0/8" },
  });
  const plain = await app.ask("/us/products?q=a%20b", { headers: { host: "shop.example" } });
  assertEquals(plain.status, 308);
  assertMatch(plain.headers.get("location") ?? "", /^https:\/\/[^/]+\/us\/products\?q=a%20b$/);
  assertEquals((await app.ask("/healthz")).status, 200);
  const secure = await app.ask("/us/products", {
    from: "10.0.0.1",
    headers: { "x-forwarded-proto": "https", "x-forwarded-for": "198.51.100.7" },
  });
  assertEquals(secure.status, 200);
});
