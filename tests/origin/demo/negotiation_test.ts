import { assertEquals, assertThrows } from "@std/assert";
import { AppError } from "../../../src/errors/app_error.ts";
import { prefersJson, requireSameOrigin } from "../../../src/origin/demo/negotiation.ts";
import { gateOf, JSON_TYPE, WANTS_PAGE } from "./_shop.ts";

const CHROME = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8";

const wants = (accept: string | undefined, init: RequestInit = {}) =>
  prefersJson(
    new Request("http://shop.example/", {
      ...init,
      headers: { ...accept === undefined ? {} : { accept }, ...init.headers },
    }),
  );

Deno.test("prefersJson() answers who asks for JSON", () => {
  for (
    const accept of [
      "application/json",
      "APPLICATION/JSON",
      "application/json, text/plain, */*",
      "application/*",
      "application/problem+json",
      "text/html;q=0.5, application/json",
    ]
  ) assertEquals(wants(accept), true, accept);
});

Deno.test("prefersJson() gives everyone else a page", () => {
  for (
    const accept of [
      CHROME,
      "*/*",
      undefined,
      "text/html",
      "text/*",
      "application/json;q=0",
      "application/json;q=0.5, text/html;q=0.9",
      "application/json, text/html",
      "application/json;q=nonsense",
      "",
    ]
  ) assertEquals(wants(accept), false, accept);
});

Deno.test("prefersJson() answers JSON with JSON unless a page is asked for", () => {
  const post = { method: "POST", body: "{}", headers: JSON_TYPE };
  assertEquals(wants("*/*", post), true);
  assertEquals(wants(undefined, post), true);
  assertEquals(wants(CHROME, post), false);
});

Deno.test("prefersJson() reads no more of Accept than it must", () => {
  assertEquals(wants(`${"x/y,".repeat(20_000)}application/json`), false);
});

/** Whether the same-origin check lets a POST with these headers pass. */
function passes(headers: HeadersInit): boolean {
  const request = new Request("http://shop.example/us/cart", { method: "POST", headers });
  try {
    requireSameOrigin(request, gateOf(request));
    return true;
  } catch (error) {
    if (error instanceof AppError && error.code === "FORBIDDEN") return false;
    throw error;
  }
}

Deno.test("requireSameOrigin() believes Sec-Fetch-Site", () => {
  assertEquals(passes({ "sec-fetch-site": "same-origin" }), true);
  assertEquals(passes({ "sec-fetch-site": "none" }), true);
  for (const site of ["cross-site", "same-site", "nonsense"]) {
    assertEquals(passes({ "sec-fetch-site": site }), false, site);
  }
  // A browser that says both means the first; the second may be behind a proxy's other name.
  assertEquals(passes({ "sec-fetch-site": "cross-site", origin: "http://shop.example" }), false);
});

Deno.test("requireSameOrigin() reads Origin of older browsers", () => {
  assertEquals(passes({ origin: "http://shop.example" }), true);
  assertEquals(passes({ origin: "https://shop.example" }), true);
  const others = ["http://evil.example", "null", "", "http://shop.example.evil.example", "shop"];
  for (const origin of others) assertEquals(passes({ origin }), false, origin);
});

Deno.test("requireSameOrigin() lets programs pass, which say neither", () => {
  assertEquals(passes({}), true);
  assertEquals(passes(WANTS_PAGE), true);
});

Deno.test("requireSameOrigin() says nothing about why", () => {
  const request = new Request("http://shop.example/", {
    headers: { origin: "http://evil.example" },
  });
  const check = () => requireSameOrigin(request, gateOf(request));
  assertThrows(check, AppError, "Not sent from a page of this site.");
});
