import { assertEquals, assertMatch, assertNotMatch, assertStringIncludes } from "@std/assert";
import { COUNTRIES } from "../../../src/origin/demo/countries.ts";
import { createTestShop, type TestShop, WANTS_JSON, WANTS_PAGE } from "./_shop.ts";

interface Item {
  readonly id: string;
  readonly price: { readonly amount: number; readonly currency: string };
}

async function list(shop: TestShop, path: string) {
  const response = await shop.ask(path, { headers: WANTS_JSON });
  assertEquals(response.status, 200, path);
  return await response.json() as { items: readonly Item[]; next_cursor: string | null };
}

async function problem(shop: TestShop, path: string, init: { method?: string } = {}) {
  const response = await shop.ask(path, { ...init, headers: WANTS_JSON });
  return { status: response.status, headers: response.headers, ...await response.json() };
}

Deno.test("GET /{country}/products is a page in the country's language and money", async () => {
  await using shop = await createTestShop();
  for (const { code, locale, labels } of COUNTRIES) {
    const response = await shop.ask(`/${code}/products`, { headers: WANTS_PAGE });
    const html = await response.text();
    assertEquals(response.status, 200);
    assertEquals(response.headers.get("content-type"), "text/html; charset=utf-8");
    assertEquals(response.headers.get("content-language"), locale);
    assertEquals(response.headers.get("vary"), "Accept");
    assertStringIncludes(html, `<html lang="${locale}">`);
    assertStringIncludes(html, labels.tagline);
    assertEquals(new TextEncoder().encode(html).length < 60 * 1024, true, code);
  }
  assertEquals(shop.calls(), 0);
});

Deno.test("GET /{country}/products lists JSON for who asks, page by page", async () => {
  await using shop = await createTestShop();
  const first = await list(shop, "/us/products");
  const second = await list(shop, `/us/products?cursor=${first.next_cursor}`);
  assertEquals([first.items.length, second.items.length], [24, 18]);
  assertEquals(second.next_cursor, null);
  const ids = [...first.items, ...second.items].map(({ id }) => id);
  assertEquals(new Set(ids).size, 42);
});

Deno.test("GET /{country}/products keeps to a limit between 1 and 49", async () => {
  await using shop = await createTestShop();
  assertEquals((await list(shop, "/us/products?limit=5")).items.length, 5);
  assertEquals((await list(shop, "/us/products?limit=49")).items.length, 42);
  for (const limit of ["0", "50", "-1", "x", "1e1"]) {
    const refused = await problem(shop, `/us/products?limit=${limit}`);
    assertEquals([refused.status, refused.code], [422, "VALIDATION_FAILED"]);
    assertEquals(refused.errors, [{ pointer: "/limit", detail: "From 1 to 49." }]);
  }
});

Deno.test("GET /{country}/products has prices in whole minor units", async () => {
  await using shop = await createTestShop();
  for (const { code, currency } of COUNTRIES) {
    const { items } = await list(shop, `/${code}/products?limit=49`);
    for (const { id, price } of items) {
      assertEquals(price.currency, currency);
      assertEquals(Number.isInteger(price.amount), true, id);
    }
  }
});

Deno.test("GET /{country}/products searches, filters and sorts", async () => {
  await using shop = await createTestShop();
  const found = await list(shop, "/de/products?q=teekanne");
  assertEquals(found.items.map(({ id }) => id), ["toki-teapot"]);
  const kitchen = await list(shop, "/us/products?category=kitchen&sort=price_low&q=");
  const prices = kitchen.items.map(({ price }) => price.amount);
  assertEquals(prices.length, 7);
  assertEquals(prices, prices.toSorted((a, b) => a - b));
  assertEquals(await list(shop, "/us/products?q=zebra"), { items: [], next_cursor: null });
  assertEquals((await list(shop, "/us/products?utm_source=mail&category=")).items.length, 24);
});

Deno.test("GET /{country}/products says which field of the query is wrong", async () => {
  await using shop = await createTestShop();
  const wrong = await problem(shop, `/us/products?category=cars&sort=up&q=${"x".repeat(101)}`);
  assertEquals([wrong.status, wrong.code], [422, "VALIDATION_FAILED"]);
  const pointers = wrong.errors.map(({ pointer }: { pointer: string }) => pointer);
  assertEquals(pointers, ["/q", "/category", "/sort"]);
});

Deno.test("GET /{country}/products refuses a cursor that is not one of ours", async () => {
  await using shop = await createTestShop();
  for (const cursor of ["x", "0", "-1", "42", "9999", "1e1", "24.5"]) {
    const refused = await problem(shop, `/us/products?cursor=${cursor}`);
    assertEquals([refused.status, refused.code], [400, "INVALID_CURSOR"], cursor);
  }
});

Deno.test("GET /{country}/products shows a query as text and never as markup", async () => {
  await using shop = await createTestShop();
  const query = encodeURIComponent(`"><script>alert(1)</script>\u0000`);
  const response = await shop.ask(`/us/products?q=${query}`, { headers: WANTS_PAGE });
  const html = await response.text();
  assertEquals(response.status, 200);
  assertNotMatch(html, /<script>alert/);
  assertEquals(html.includes("\u0000"), false);
  assertStringIncludes(html, "&quot;&gt;&lt;script&gt;alert(1)");
});

Deno.test("a page keeps its search where it leads to other pages and countries", async () => {
  await using shop = await createTestShop();
  const response = await shop.ask("/us/products?q=e&sort=price_low&junk=1");
  const html = await response.text();
  assertStringIncludes(html, `href="/us/products?q=e&amp;sort=price_low&amp;cursor=24"`);
  assertStringIncludes(html, `href="/jp/products?q=e&amp;sort=price_low"`);
  assertStringIncludes(html, `<link rel="canonical" href="/us/products?q=e&amp;sort=price_low"`);
  assertNotMatch(html, /junk/);
});

Deno.test("GET /{country}/products/{id} is a page with a way to buy", async () => {
  await using shop = await createTestShop();
  const response = await shop.ask("/fr/products/hollis-table-lamp", { headers: WANTS_PAGE });
  const html = await response.text();
  assertStringIncludes(html, "Lampe de table");
  assertStringIncludes(html, `name="product_id" value="hollis-table-lamp"`);
  assertMatch(html, /144\s€/);
  assertEquals((html.match(/class="card"/g) ?? []).length, 4);
});

Deno.test("GET /{country}/products/{id} of what is sold out offers nothing to buy", async () => {
  await using shop = await createTestShop();
  const html = await (await shop.ask("/us/products/tare-kitchen-scale")).text();
  assertStringIncludes(html, "Sold out; the next batch is being made");
  assertNotMatch(html, /value="tare-kitchen-scale"/);
});

Deno.test("GET /{country}/products/{id} is JSON for who asks", async () => {
  await using shop = await createTestShop();
  const response = await shop.ask("/jp/products/mara-mug", { headers: WANTS_JSON });
  const product = await response.json();
  assertEquals(product.price, { amount: 3_280, currency: "JPY", formatted: "￥3,280" });
  assertEquals([product.id, product.name, product.kind], ["mara-mug", "Mara", "マグカップ"]);
  assertEquals(product.url, "/jp/products/mara-mug");
});

Deno.test("paths take the country in any case, and a slash at the end", async () => {
  await using shop = await createTestShop();
  for (const path of ["/US/products", "/us/products/", "/Us/products/mara-mug/"]) {
    const response = await shop.ask(path);
    assertEquals(response.status, 200, path);
    assertStringIncludes(await response.text(), `<link rel="canonical" href="/us/products`);
  }
});

Deno.test("paths of no country and products that are none are 404", async () => {
  await using shop = await createTestShop();
  for (const path of ["/xx/products", "/gb/products", "/us/products/nothing", "/us/products/a/b"]) {
    const missing = await problem(shop, path);
    assertEquals([missing.status, missing.code], [404, "NOT_FOUND"], path);
  }
});

Deno.test("products offer GET and HEAD, and say so", async () => {
  await using shop = await createTestShop();
  for (const path of ["/us/products", "/us/products/mara-mug"]) {
    for (const method of ["POST", "PUT", "DELETE", "PATCH"]) {
      const refused = await problem(shop, path, { method });
      assertEquals([refused.status, refused.headers.get("allow")], [405, "GET, HEAD"]);
    }
    const options = await shop.ask(path, { method: "OPTIONS" });
    assertEquals([options.status, options.headers.get("allow")], [204, "GET, HEAD"]);
    const head = await shop.ask(path, { method: "HEAD" });
    assertEquals([head.status, await head.text()], [200, ""]);
  }
  assertEquals((await problem(shop, "/xx/products", { method: "POST" })).status, 404);
});
