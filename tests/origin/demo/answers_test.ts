import { assertEquals, assertIsError, assertRejects, assertThrows } from "@std/assert";
import { Hono } from "hono";
import { z } from "zod";
import type { GateEnv } from "../../../src/context.ts";
import { AppError } from "../../../src/errors/app_error.ts";
import {
  answerJson,
  answerPage,
  check,
  countryOf,
  invalid,
  offerOnly,
  visitOf,
} from "../../../src/origin/demo/answers.ts";
import { COUNTRIES } from "../../../src/origin/demo/countries.ts";
import { gateOf } from "./_shop.ts";

const app = new Hono<GateEnv>()
  .get("/:country/page", (c) => answerPage(c, "<p>", countryOf(c), "no-store", 422))
  .get("/:country/json", (c) => answerJson(c, { a: 1 }, "private, no-cache", 201))
  .get("/:country/visit", (c) => {
    const country = countryOf(c);
    return c.json({ ...visitOf(c, { country, address: "cart", cart: [], nowMs: 5 }), country: 0 });
  });
app.all("/:country/page", offerOnly("GET, HEAD"));
app.all("/bare", offerOnly("POST"));
app.onError((error) => {
  throw error;
});

async function ask(path: string, method = "GET"): Promise<Response> {
  const request = new Request(`http://shop.example${path}`, { method });
  return await app.fetch(request, gateOf(request));
}

Deno.test("answerPage() and answerJson() say what they are and who may keep them", async () => {
  const page = await ask("/JP/page");
  assertEquals([page.status, await page.text()], [422, "<p>"]);
  assertEquals(page.headers.get("content-type"), "text/html; charset=utf-8");
  assertEquals(page.headers.get("content-language"), "ja-JP");
  assertEquals([page.headers.get("cache-control"), page.headers.get("vary")], [
    "no-store",
    "Accept",
  ]);
  const json = await ask("/us/json");
  assertEquals([json.status, await json.text()], [201, '{"a":1}']);
  assertEquals(json.headers.get("content-type"), "application/json; charset=utf-8");
  assertEquals(json.headers.get("vary"), "Accept");
});

Deno.test("visitOf() knows the canonical address, whatever was asked for", async () => {
  const visit = await (await ask("/US/visit?x=1")).json();
  assertEquals([visit.address, visit.cartCount, visit.nowMs], ["/us/cart", 0, 5]);
});

Deno.test("countryOf() throws NOT_FOUND for no country of ours", async () => {
  const error = await assertRejects(() => ask("/xx/page"), AppError);
  assertIsError(error, AppError);
  assertEquals(error.code, "NOT_FOUND");
  assertEquals(COUNTRIES.some(({ code }) => code as string === "xx"), false);
});

Deno.test("offerOnly() refuses with Allow, tells OPTIONS, and 404 comes before 405", async () => {
  const refused = await assertRejects(() => ask("/us/page", "PUT"), AppError);
  assertIsError(refused, AppError);
  assertEquals([refused.code, refused.options.headers], [
    "METHOD_NOT_ALLOWED",
    { allow: "GET, HEAD" },
  ]);
  const told = await ask("/us/page", "OPTIONS");
  assertEquals([told.status, told.headers.get("allow")], [204, "GET, HEAD"]);
  const missing = await assertRejects(() => ask("/xx/page", "PUT"), AppError);
  assertIsError(missing, AppError);
  assertEquals(missing.code, "NOT_FOUND");
  assertEquals((await ask("/bare", "OPTIONS")).status, 204);
});

Deno.test("check() gives the value or points at every wrong field", () => {
  const schema = z.object({ a: z.object({ b: z.array(z.number("A number.")) }) });
  assertEquals(check(schema, { a: { b: [1] } }), { a: { b: [1] } });
  const error = assertThrows(() => check(schema, { a: { b: [1, "x"] } }), AppError);
  assertIsError(error, AppError);
  assertEquals(error.options.extensions, { errors: [{ pointer: "/a/b/1", detail: "A number." }] });
  assertEquals(error.options.detail, "/a/b/1: A number.");
});

Deno.test("invalid() names the body where there is no field", () => {
  assertEquals(invalid([{ pointer: "", detail: "No." }]).options.detail, "body: No.");
});
