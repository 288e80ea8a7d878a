import { assertEquals, assertMatch } from "@std/assert";
import { Hono } from "hono";
import type { GateContext, GateEnv } from "../../../src/context.ts";
import { shelfOf } from "../../../src/origin/demo/catalog.ts";
import { COUNTRIES } from "../../../src/origin/demo/countries.ts";
import { cartOf, ensureOwner, keepCart, ownerOf } from "../../../src/origin/demo/visitor.ts";
import { gateOf } from "./_shop.ts";

const shelf = shelfOf(COUNTRIES[0]);
const ID = "0123456789abcdef0123456789abcdef";

/** An app of three paths around what is tested. */
const app = new Hono<GateEnv>()
  .get("/owner", (c) => c.text(ownerOf(c) ?? "nobody"))
  .get("/ensure", (c) => c.text(ensureOwner(c, () => ID)))
  .get("/cart", (c) => {
    const cart = cartOf(c, shelf);
    keepCart(c, cart);
    return c.text(String(cart.length));
  });

async function ask(path: string, cookie = "", extra: Partial<GateContext> = {}) {
  const request = new Request(`http://shop.example${path}`, { headers: { cookie } });
  const response = await app.fetch(request, gateOf(request, extra));
  return { text: await response.text(), cookies: response.headers.getSetCookie() };
}

Deno.test("ownerOf() is the user, or else the visitor's id, or nobody", async () => {
  const user = { id: "ada", expiresAt: Infinity, roles: [], realm: "site" as const };
  assertEquals((await ask("/owner")).text, "nobody");
  assertEquals((await ask("/owner", `visitor=${ID}`)).text, `visitor:${ID}`);
  assertEquals((await ask("/owner", `visitor=${ID}`, { user })).text, "user:site:ada");
});

Deno.test("ownerOf() believes only ids of the form we give", async () => {
  for (const id of ["", "short", `${ID}${ID}`, `${ID.slice(1)}G`, "user:ada", "%2e%2e"]) {
    assertEquals((await ask("/owner", `visitor=${id}`)).text, "nobody", id);
  }
});

Deno.test("ownerOf() over HTTPS reads only the cookie no other host can plant", async () => {
  const https = { scheme: "https" } as const;
  assertEquals((await ask("/owner", `visitor=${ID}`, https)).text, "nobody");
  assertEquals((await ask("/owner", `__Host-visitor=${ID}`, https)).text, `visitor:${ID}`);
});

Deno.test("ensureOwner() gives an id once, and none to a user", async () => {
  const user = { id: "ada", expiresAt: Infinity, roles: [], realm: "site" as const };
  const first = await ask("/ensure");
  assertEquals(first.text, `visitor:${ID}`);
  assertMatch(first.cookies[0], /^visitor=[0-9a-f]{32}; Max-Age=7776000; Path=\/; HttpOnly/);
  assertEquals((await ask("/ensure", `visitor=${ID}`)).cookies, []);
  assertEquals((await ask("/ensure", "", { user })).cookies, []);
});

Deno.test("ensureOwner() over HTTPS sets a Secure cookie with the host prefix", async () => {
  const { cookies } = await ask("/ensure", "", { scheme: "https" });
  assertMatch(cookies[0], /^__Host-visitor=.*; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
});

Deno.test("keepCart() keeps a cart for thirty days and drops an empty one", async () => {
  const full = await ask("/cart", "cart=mara-mug.2");
  assertEquals(full.cookies, [
    "cart=mara-mug.2; Max-Age=2592000; Path=/; HttpOnly; SameSite=Lax",
  ]);
  assertEquals((await ask("/cart")).cookies, ["cart=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax"]);
});
