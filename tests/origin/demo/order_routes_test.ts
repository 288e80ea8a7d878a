import { assertEquals, assertMatch, assertNotEquals, assertStringIncludes } from "@std/assert";
import { KvUnavailableError } from "../../../src/kv/failure.ts";
import type { Kv } from "../../../src/kv/kv.ts";
import { COUNTRIES } from "../../../src/origin/demo/countries.ts";
import {
  type Ask,
  cookiesOf,
  createTestShop,
  JSON_TYPE,
  postForm,
  postJson,
  type TestShop,
  US_CHECKOUT,
  WANTS_JSON,
  WANTS_PAGE,
} from "./_shop.ts";

const CART = "cart=mara-mug.2~hollis-table-lamp.1";
const TOKEN = "11111111-2222-3333-4444-555555555555";
const ORDER = { ...US_CHECKOUT, items: [{ product_id: "mara-mug", quantity: 2 }] };
const USER = { id: "ada", expiresAt: Infinity, roles: [], realm: "site" as const };

async function ask(shop: TestShop, path: string, init: Ask = {}) {
  const response = await shop.ask(path, init);
  const text = await response.text();
  const { status, headers } = response;
  const isJson = headers.get("content-type")?.includes("json");
  return { status, headers, text, cookies: cookiesOf(response), json: isJson && JSON.parse(text) };
}

const ordersOf = async (shop: TestShop, cookie: string) =>
  (await ask(shop, "/us/orders", { headers: { ...WANTS_JSON, cookie } })).json.items;

Deno.test("GET /{country}/checkout asks for what the country needs", async () => {
  await using shop = await createTestShop();
  for (const { code, address, payments, labels } of COUNTRIES) {
    const { status, text } = await ask(shop, `/${code}/checkout`, { headers: { cookie: CART } });
    assertEquals(status, 200);
    for (const field of ["name", "email", ...address]) {
      assertStringIncludes(text, `name="${field}"`);
    }
    assertEquals(text.includes(`name="region"`), address.includes("region"), code);
    const offered = [...text.matchAll(/type="radio" name="payment_method" value="(\w+)"/g)];
    assertEquals(offered.map(([, method]) => method), [...payments], code);
    assertStringIncludes(text, labels.checkout_demo);
  }
  assertEquals(shop.calls(), 0);
});

Deno.test("GET /{country}/checkout with an empty cart leads to the cart", async () => {
  await using shop = await createTestShop();
  const { status, headers } = await ask(shop, "/us/checkout");
  assertEquals([status, headers.get("location")], [303, "/us/cart"]);
});

Deno.test("GET /{country}/checkout gives every form a token of its own", async () => {
  await using shop = await createTestShop();
  const token = async () => {
    const { text } = await ask(shop, "/us/checkout", { headers: { cookie: CART } });
    return /name="order_token" value="([^"]+)"/.exec(text)?.[1];
  };
  assertNotEquals(await token(), await token());
});

Deno.test("POST /{country}/orders as a form makes an order and shows it", async () => {
  await using shop = await createTestShop();
  const form = postForm({ ...US_CHECKOUT, order_token: TOKEN }, { cookie: CART });
  const placed = await ask(shop, "/us/orders", form);
  assertEquals(placed.status, 303);
  assertMatch(placed.headers.get("location") ?? "", /^\/us\/orders\/M-\w{4}-\w{4}\?placed$/);
  const [visitor, cart] = placed.headers.getSetCookie();
  assertMatch(visitor, /^visitor=[0-9a-f]{32}; Max-Age=7776000; Path=\/; HttpOnly; SameSite=Lax$/);
  assertMatch(cart, /^cart=; Max-Age=0/);
  const headers = { ...WANTS_PAGE, cookie: placed.cookies };
  const page = await ask(shop, placed.headers.get("location") ?? "", { headers });
  assertEquals([page.status, page.headers.get("cache-control")], [200, "no-store"]);
  for (
    const text of ["Thank you, Ada Lovelace", "12 Rose Lane", "$192.00", "Credit or debit card"]
  ) {
    assertStringIncludes(page.text, text);
  }
});

Deno.test("POST /{country}/orders as JSON makes an order of the items it names", async () => {
  await using shop = await createTestShop();
  const { status, headers, json } = await ask(shop, "/us/orders", postJson(ORDER));
  assertEquals(status, 201);
  assertEquals(headers.get("location"), `/us/orders/${json.id}`);
  const money = (amount: number, formatted: string) => ({ amount, currency: "USD", formatted });
  const { payment_method, ...ship_to } = US_CHECKOUT;
  assertEquals(json, {
    id: json.id,
    status: "received",
    created_at: "2026-11-21T00:00:00.000Z",
    country: "us",
    items: [{
      product_id: "mara-mug",
      name: "Mara",
      quantity: 2,
      price: money(2_200, "$22.00"),
      line_total: money(4_400, "$44.00"),
    }],
    subtotal: money(4_400, "$44.00"),
    delivery: money(800, "$8.00"),
    tax_included: money(0, "$0.00"),
    total: money(5_200, "$52.00"),
    payment_method,
    ship_to,
    url: `/us/orders/${json.id}`,
  });
});

Deno.test("POST /{country}/orders with items leaves the visitor's cart alone", async () => {
  await using shop = await createTestShop();
  const { cookies } = await ask(shop, "/us/orders", postJson(ORDER, { cookie: CART }));
  assertMatch(cookies, /^visitor=[^;]+$/);
});

Deno.test("POST /{country}/orders takes the cart when no items are named", async () => {
  await using shop = await createTestShop();
  const { json } = await ask(shop, "/us/orders", postJson(US_CHECKOUT, { cookie: CART }));
  assertEquals(json.items.length, 2);
});

Deno.test("a double click of a first-time buyer buys once", async () => {
  await using shop = await createTestShop();
  const form = () => postForm({ ...US_CHECKOUT, order_token: TOKEN }, { cookie: CART });
  const clicks = await Promise.all([1, 2, 3].map(() => ask(shop, "/us/orders", form())));
  assertEquals(new Set(clicks.map(({ headers }) => headers.get("location"))).size, 1);
  assertEquals(new Set(clicks.map(({ cookies }) => cookies)).size, 1);
  assertEquals((await ordersOf(shop, clicks[0].cookies)).length, 1);
  assertEquals(shop.logged.filter((line) => line.includes("shop.order_placed")).length, 1);
});

Deno.test("a second click that comes after the cart was emptied shows the same order", async () => {
  await using shop = await createTestShop();
  const fields = { ...US_CHECKOUT, order_token: TOKEN };
  const first = await ask(shop, "/us/orders", postForm(fields, { cookie: CART }));
  const later = await ask(shop, "/us/orders", postForm(fields, { cookie: first.cookies }));
  assertEquals(later.headers.get("location"), first.headers.get("location"));
});

Deno.test("the same Idempotency-Key gives the same order, the second time with 200", async () => {
  await using shop = await createTestShop();
  const send = () => ask(shop, "/us/orders", postJson(ORDER, { "idempotency-key": "key-000001" }));
  const [first, second] = [await send(), await send()];
  assertEquals([first.status, second.status], [201, 200]);
  assertEquals(second.json, first.json);
});

Deno.test("an Idempotency-Key used for something else is a conflict", async () => {
  await using shop = await createTestShop();
  const key = { "idempotency-key": "key-000001" };
  const first = await ask(shop, "/us/orders", postJson(ORDER, key));
  const other = { ...ORDER, city: "Elsewhere" };
  const again = await ask(shop, "/us/orders", postJson(other, { ...key, cookie: first.cookies }));
  assertEquals([again.status, again.json.code], [409, "CONFLICT"]);
  // Another visitor may use the same word without meeting this one's order.
  const stranger = await ask(shop, "/us/orders", postJson(other, key));
  assertEquals(stranger.status, 201);
  assertNotEquals(stranger.cookies, first.cookies);
});

Deno.test("POST /{country}/orders refuses a key that is too short or long to be one", async () => {
  await using shop = await createTestShop();
  for (const key of ["short", "x".repeat(65), "with space!"]) {
    const { status, json } = await ask(
      shop,
      "/us/orders",
      postJson(ORDER, { "idempotency-key": key }),
    );
    assertEquals([status, json.errors[0].pointer], [422, "/order_token"]);
  }
});

Deno.test("POST /{country}/orders as a form comes back with what was typed and what is wrong", async () => {
  await using shop = await createTestShop();
  const fields = { name: `"Ada" <b>`, email: "nobody", order_token: TOKEN, payment_method: "pix" };
  const { status, text } = await ask(shop, "/us/orders", postForm(fields, { cookie: CART }));
  assertEquals(status, 422);
  assertStringIncludes(text, `value="&quot;Ada&quot; &lt;b&gt;"`);
  assertStringIncludes(text, "6 fields need another look");
  assertStringIncludes(text, `aria-describedby="email-error"`);
  assertStringIncludes(text, `name="order_token" value="${TOKEN}"`);
});

Deno.test("POST /{country}/orders says to programs which fields are wrong", async () => {
  await using shop = await createTestShop();
  const wrong: readonly (readonly [unknown, readonly string[]])[] = [
    [{ ...ORDER, email: "nobody", postcode: "x" }, ["/email", "/postcode"]],
    [{ ...ORDER, payment_method: "pix" }, ["/payment_method"]],
    [US_CHECKOUT, ["/items"]],
    [{ ...ORDER, items: [] }, ["/items"]],
    [{ ...ORDER, items: "mara-mug" }, ["/items"]],
    [{ ...ORDER, items: Array(21).fill({ product_id: "mara-mug" }) }, ["/items"]],
    [{ ...ORDER, items: [{ product_id: "mara-mug" }, { product_id: "x" }] }, [
      "/items/1/product_id",
    ]],
    [{ ...ORDER, items: [{ product_id: "mara-mug", quantity: 11 }] }, ["/quantity"]],
  ];
  for (const [body, pointers] of wrong) {
    const { status, json } = await ask(shop, "/us/orders", postJson(body));
    assertEquals(status, 422);
    assertEquals(json.errors.map(({ pointer }: { pointer: string }) => pointer), pointers);
  }
  assertEquals(shop.calls(), 0);
});

Deno.test("POST /{country}/orders with an empty cart leads a person to the cart", async () => {
  await using shop = await createTestShop();
  const { status, headers } = await ask(shop, "/us/orders", postForm({ ...US_CHECKOUT }));
  assertEquals([status, headers.get("location")], [303, "/us/cart"]);
});

Deno.test("POST /{country}/orders refuses what another site sends", async () => {
  await using shop = await createTestShop();
  const headers = { "sec-fetch-site": "cross-site", cookie: CART };
  const { status } = await ask(shop, "/us/orders", postForm({ ...US_CHECKOUT }, headers));
  assertEquals(status, 403);
  const foreign = { ...postJson(ORDER), headers: { ...JSON_TYPE, origin: "http://evil.example" } };
  assertEquals((await ask(shop, "/us/orders", foreign)).status, 403);
  assertEquals(shop.calls(), 0);
});

Deno.test("orders belong to the user when one is signed in, wherever that is", async () => {
  await using shop = await createTestShop();
  const placed = await ask(shop, "/us/orders", { ...postJson(ORDER), user: USER });
  assertEquals(placed.cookies, "");
  const path = `/de/orders/${placed.json.id}`;
  const own = await ask(shop, path, { headers: WANTS_JSON, user: USER });
  assertEquals([own.status, own.json.total.currency], [200, "USD"]);
  assertEquals((await ask(shop, path, { headers: WANTS_JSON })).status, 404);
  const other = { ...USER, id: "eve" };
  assertEquals((await ask(shop, path, { headers: WANTS_JSON, user: other })).status, 404);
});

Deno.test("GET /{country}/orders lists the visitor's own, newest first, ten at a time", async () => {
  await using shop = await createTestShop();
  let cookie = "";
  const ids: string[] = [];
  for (let count = 0; count < 12; count++) {
    const placed = await ask(shop, "/us/orders", postJson(ORDER, cookie ? { cookie } : {}));
    cookie ||= placed.cookies;
    ids.unshift(placed.json.id);
  }
  const headers = { ...WANTS_JSON, cookie };
  const first = (await ask(shop, "/us/orders", { headers })).json;
  const path = `/us/orders?cursor=${first.next_cursor}`;
  const second = (await ask(shop, path, { headers })).json;
  const shown = [...first.items, ...second.items].map(({ id }: { id: string }) => id);
  assertEquals([first.items.length, second.next_cursor], [10, null]);
  assertEquals(shown, ids);
  const page = await ask(shop, "/us/orders", { headers: { ...WANTS_PAGE, cookie } });
  assertStringIncludes(page.text, `href="/us/orders?cursor=${first.next_cursor}"`);
  const bad = await ask(shop, "/us/orders?cursor=x", { headers });
  assertEquals([bad.status, bad.json.code], [400, "INVALID_CURSOR"]);
});

Deno.test("GET /{country}/orders of who never ordered is empty and asks KV nothing", async () => {
  await using shop = await createTestShop();
  for (const cookie of ["", "visitor=", "visitor=../../x", `visitor=${"a".repeat(500)}`]) {
    assertEquals(await ordersOf(shop, cookie), []);
  }
  const page = await ask(shop, "/fr/orders", { headers: WANTS_PAGE });
  assertStringIncludes(page.text, "Aucune commande");
  assertEquals(shop.calls(), 0);
});

Deno.test("GET /{country}/orders/{id} of no order is 404", async () => {
  await using shop = await createTestShop();
  const cookie = `visitor=${"a".repeat(32)}`;
  for (const id of ["M-2222-2222", "x", "M-2222-2222-3", "%00"]) {
    const { status } = await ask(shop, `/us/orders/${id}`, { headers: { ...WANTS_JSON, cookie } });
    assertEquals(status, 404, id);
  }
});

Deno.test("an order is logged without anything about the person", async () => {
  await using shop = await createTestShop();
  await ask(shop, "/us/orders", postJson(ORDER));
  const line = shop.logged.find((text) => text.includes("shop.order_placed")) ?? "{}";
  const { event, country, currency, total, payment_method } = JSON.parse(line);
  assertEquals([event, country, currency, total, payment_method], [
    "shop.order_placed",
    "us",
    "USD",
    5_200,
    "card",
  ]);
  assertEquals(/Ada|Lovelace|Rose Lane|example\.org/.test(shop.logged.join()), false);
});

Deno.test("without KV the shop sells nothing but shows everything", async () => {
  const down = () => Promise.reject(new KvUnavailableError("open", "KV is out", 7_000));
  const broken = (kv: Kv): Kv => ({ ...kv, get: down, getMany: down, commitSure: down });
  await using shop = await createTestShop(broken);
  const cookie = `${CART}; visitor=${"a".repeat(32)}`;
  for (const path of ["/us/products", "/us/products/mara-mug", "/us/cart", "/us/checkout"]) {
    assertEquals((await ask(shop, path, { headers: { cookie } })).status, 200, path);
  }
  const order = await ask(shop, "/us/orders", postJson(ORDER));
  assertEquals([order.status, order.headers.get("retry-after")], [503, "7"]);
  assertEquals(order.json.code, "TEMPORARILY_UNAVAILABLE");
  const page = await ask(shop, "/us/orders", { headers: { ...WANTS_PAGE, cookie } });
  assertEquals(page.status, 503);
  assertStringIncludes(page.text, "Back in a moment");
});

Deno.test("checkout and orders offer what they offer, and say so", async () => {
  await using shop = await createTestShop();
  const offers = {
    "/us/checkout": "GET, HEAD",
    "/us/orders": "GET, HEAD, POST",
    "/us/orders/M-2222-2222": "GET, HEAD",
  };
  for (const [path, allow] of Object.entries(offers)) {
    const { status, headers } = await ask(shop, path, { method: "PUT", headers: WANTS_JSON });
    assertEquals([status, headers.get("allow")], [405, allow]);
  }
});
