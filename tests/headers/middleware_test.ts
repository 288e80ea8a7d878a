import { assert, assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import { Hono } from "hono";
import { cspNonce, securityHeaders } from "../../src/headers/middleware.ts";

function app(options?: Parameters<typeof securityHeaders>[0]) {
  const hono = new Hono();
  hono.use(securityHeaders(options));
  hono.get("/page", (c) => c.html(`<script nonce="${cspNonce(c)}">${cspNonce(c)}</script>`));
  hono.get("/data", (c) => c.json({}));
  hono.get("/own", (c) => c.json({}, 200, { "x-frame-options": "SAMEORIGIN" }));
  hono.get("/policy", (c) => c.html("x", 200, { "content-security-policy": "default-src *" }));
  hono.get("/passed-on", () => fetch("data:text/plain,hello"));
  hono.get("/throws", () => {
    throw new Error("Not for the client");
  });
  return hono;
}

Deno.test("securityHeaders() puts the nonce of the page into its policy, a new one each time", async () => {
  const pages = [await app().request("/page"), await app().request("/page")];
  const nonces = await Promise.all(pages.map(async (page) => {
    const nonce = /nonce="([^"]{24})">\1</.exec(await page.text())?.[1];
    assertStringIncludes(page.headers.get("content-security-policy") ?? "", `'nonce-${nonce}'`);
    return nonce;
  }));
  assertNotEquals(nonces[0], nonces[1]);
});

Deno.test("securityHeaders() covers data, 404 and 500 alike", async () => {
  for (const path of ["/data", "/missing", "/throws"]) {
    const { headers } = await app().request(path);
    assertEquals(headers.get("x-frame-options"), "DENY", path);
    assertEquals(headers.get("x-content-type-options"), "nosniff", path);
    assertEquals(
      headers.get("content-security-policy"),
      "default-src 'none'; frame-ancestors 'none'",
      path,
    );
    assertEquals(headers.get("x-xss-protection"), "1; mode=block", path);
  }
});

Deno.test("securityHeaders() leaves what the handler set", async () => {
  const own = await app().request("/own");
  assertEquals(own.headers.get("x-frame-options"), "SAMEORIGIN");
  const policy = await app().request("/policy");
  assertEquals(policy.headers.get("content-security-policy"), "default-src *");
});

Deno.test("securityHeaders() takes other values, and leaves out what is false", async () => {
  const values = {
    "x-xss-protection": "0",
    "strict-transport-security": false,
    "content-security-policy": "default-src 'self'",
  } as const;
  const { headers } = await app({ values }).request("/page");
  assertEquals(headers.get("x-xss-protection"), "0");
  assertEquals(headers.has("strict-transport-security"), false);
  assertEquals(headers.get("content-security-policy"), "default-src 'self'");
});

Deno.test("securityHeaders() names the place for reports only when there is one", async () => {
  const silent = await app().request("/page");
  assertEquals(silent.headers.get("content-security-policy")?.includes("report"), false);
  assertEquals(silent.headers.has("reporting-endpoints"), false);
  const plain = await app({ reportPath: "/reports" }).request("/page");
  assertEquals(
    plain.headers.get("content-security-policy")?.endsWith("; report-uri /reports"),
    true,
  );
  assertEquals(plain.headers.has("reporting-endpoints"), false);
  const reporting = await app({ reportPath: "/reports" }).request("https://shop.example/page");
  assertStringIncludes(
    reporting.headers.get("content-security-policy") ?? "",
    "; report-uri /reports; report-to csp",
  );
  assertEquals(reporting.headers.get("reporting-endpoints"), 'csp="/reports"');
});

Deno.test("securityHeaders() writes on an answer whose headers cannot be changed", async () => {
  const response = await app().request("/passed-on");
  assertEquals(response.headers.get("x-frame-options"), "DENY");
  assertStringIncludes(response.headers.get("content-type") ?? "", "text/plain");
  assertEquals(await response.text(), "hello");
  assert(response.ok);
});
