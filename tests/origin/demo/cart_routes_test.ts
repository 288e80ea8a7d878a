import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { LINES_MAX } from "../../../src/origin/demo/cart.ts";
import {
  cookiesOf,
  createTestShop,
  postForm,
  postJson,
  type TestShop,
  WANTS_JSON,
  WANTS_PAGE,
} from "./_shop.ts";

const MUGS = { product_id: "mara-mug", quantity: 2 };

/** A cookie of a cart with two mugs. */
async function cartWithMugs(shop: TestShop): Promise<string> {
  const response = await shop.ask("/us/cart", postJson(MUGS));
  await response.body?.cancel();
  return cookiesOf(response);
}

async function cart(shop: TestShop, cookie: string, path = "/us/cart") {
  const response = await shop.ask(path, { headers: { ...WANTS_JSON, cookie } });
  return await response.json();
}

Deno.test("POST /{country}/cart puts a product in, and the cookie holds it", async () => {
  await using shop = await createTestShop();
  const response = await shop.ask("/us/cart", postJson(MUGS));
  const answer = await response.json();
  assertEquals(response.status, 200);
  assertEquals([answer.count, answer.message], [2, "Mara is in your cart"]);
  const [cookie] = response.headers.getSetCookie();
  assertEquals(cookie, "cart=mara-mug.2; Max-Age=2592000; Path=/; HttpOnly; SameSite=Lax");
  assertEquals((await cart(shop, cookiesOf(response))).items[0].product_id, "mara-mug");
  assertEquals(shop.calls(), 0);
});

Deno.test("GET /{country}/cart says what is in it and what it costs", async () => {
  await using shop = await createTestShop();
  const answer = await cart(shop, await cartWithMugs(shop));
  const money = (amount: number, formatted: string) => ({ amount, currency: "USD", formatted });
  assertEquals(answer, {
    country: "us",
    items: [{
      product_id: "mara-mug",
      name: "Mara",
      kind: "Mug",
      quantity: 2,
      quantity_max: 10,
      price: money(2_200, "$22.00"),
      line_total: money(4_400, "$44.00"),
      url: "/us/products/mara-mug",
    }],
    next_cursor: null,
    count: 2,
    subtotal: money(4_400, "$44.00"),
    delivery: money(800, "$8.00"),
    tax_included: money(0, "$0.00"),
    total: money(5_200, "$52.00"),
  });
});

Deno.test("a cart follows its visitor to another country, at that country's prices", async () => {
  await using shop = await createTestShop();
  const answer = await cart(shop, await cartWithMugs(shop), "/jp/cart");
  assertEquals([answer.count, answer.subtotal.amount], [2, 6_560]);
});

Deno.test("POST /{country}/cart adds to what is there, updates and removes", async () => {
  await using shop = await createTestShop();
  const cookie = await cartWithMugs(shop);
  const change = async (body: unknown) => {
    const response = await shop.ask("/us/cart", postJson(body, { cookie }));
    await response.body?.cancel();
    return cookiesOf(response);
  };
  assertEquals(await change(MUGS), "cart=mara-mug.4");
  assertEquals(await change({ product_id: "toki-teapot" }), "cart=mara-mug.2~toki-teapot.1");
  assertEquals(await change({ ...MUGS, action: "update", quantity: 7 }), "cart=mara-mug.7");
  assertEquals(await change({ ...MUGS, action: "update", quantity: 0 }), "cart=");
  assertEquals(await change({ product_id: "mara-mug", action: "remove" }), "cart=");
  assertEquals(await change({ product_id: "toki-teapot", action: "remove" }), "cart=mara-mug.2");
});

Deno.test("POST /{country}/cart forgets the cookie of an empty cart", async () => {
  await using shop = await createTestShop();
  const body = { product_id: "mara-mug", action: "remove" };
  const cookie = await cartWithMugs(shop);
  const response = await shop.ask("/us/cart", postJson(body, { cookie }));
  await response.body?.cancel();
  assertStringIncludes(response.headers.getSetCookie()[0], "Max-Age=0");
});

Deno.test("POST /{country}/cart over HTTPS sets a cookie no other host can plant", async () => {
  await using shop = await createTestShop();
  const response = await shop.ask("/us/cart", { ...postJson(MUGS), scheme: "https" });
  await response.body?.cancel();
  const [cookie] = response.headers.getSetCookie();
  assertMatch(cookie, /^__Host-cart=mara-mug\.2; .*Path=\/; HttpOnly; Secure; SameSite=Lax$/);
  const headers = { ...WANTS_JSON, cookie: "cart=mara-mug.9; __Host-cart=mara-mug.2" };
  const read = await shop.ask("/us/cart", { headers, scheme: "https" });
  assertEquals((await read.json()).count, 2);
});

Deno.test("POST /{country}/cart as a form leads to the cart, which says what came in", async () => {
  await using shop = await createTestShop();
  const form = postForm({ action: "add", product_id: "mara-mug", quantity: "2" });
  const response = await shop.ask("/de/cart", form);
  assertEquals(response.status, 303);
  assertEquals(response.headers.get("location"), "/de/cart?added=mara-mug");
  const headers = { ...WANTS_PAGE, cookie: cookiesOf(response) };
  const page = await shop.ask("/de/cart?added=mara-mug", { headers });
  const html = await page.text();
  assertStringIncludes(html, "Mara liegt im Warenkorb");
  assertEquals(page.headers.get("cache-control"), "no-store");
});

Deno.test("POST /{country}/cart as a form leads back after a change", async () => {
  await using shop = await createTestShop();
  const cookie = await cartWithMugs(shop);
  const form = postForm({ action: "update", product_id: "mara-mug", quantity: "3" }, { cookie });
  const response = await shop.ask("/us/cart", form);
  assertEquals([response.status, response.headers.get("location")], [303, "/us/cart"]);
});

Deno.test("POST /{country}/cart as a form says on the page what does not fit", async () => {
  await using shop = await createTestShop();
  const cookie = await cartWithMugs(shop);
  const form = postForm({ action: "add", product_id: "mara-mug", quantity: "9" }, { cookie });
  const response = await shop.ask("/uk/cart", form);
  const html = await response.text();
  assertEquals(response.status, 422);
  assertStringIncludes(html, "No more than 10 of Mara in one order.");
  assertStringIncludes(html, `role="alert"`);
  assertEquals(response.headers.getSetCookie(), []);
});

Deno.test("POST /{country}/cart says to programs which field is wrong", async () => {
  await using shop = await createTestShop();
  const wrong: readonly (readonly [unknown, string])[] = [
    [{}, "/product_id"],
    [{ product_id: 5 }, "/product_id"],
    [{ product_id: "no-such" }, "/product_id"],
    [{ product_id: "tare-kitchen-scale" }, "/product_id"],
    [{ product_id: "mara-mug", quantity: 11 }, "/quantity"],
    [{ product_id: "mara-mug", quantity: -1 }, "/quantity"],
    [{ product_id: "mara-mug", quantity: 1.5 }, "/quantity"],
    [{ product_id: "mara-mug", quantity: "many" }, "/quantity"],
    [{ product_id: "mara-mug", quantity: null }, "/quantity"],
    [{ product_id: "mara-mug", action: "steal" }, "/action"],
  ];
  for (const [body, pointer] of wrong) {
    const response = await shop.ask("/us/cart", postJson(body));
    const { status, code, errors } = await response.json();
    assertEquals([status, code, errors.length], [422, "VALIDATION_FAILED", 1]);
    assertEquals(errors[0].pointer, pointer, JSON.stringify(body));
    assertEquals(response.headers.get("content-type")?.split(";")[0], "application/problem+json");
  }
});

Deno.test("POST /{country}/cart refuses bodies it cannot read", async () => {
  await using shop = await createTestShop();
  const malformed = await shop.ask("/us/cart", postJson("{"));
  assertEquals((await malformed.json()).code, "MALFORMED_JSON");
  const text = await shop.ask("/us/cart", postJson("x", { "content-type": "text/plain" }));
  assertEquals([text.status, (await text.json()).code], [415, "UNSUPPORTED_MEDIA_TYPE"]);
  const large = await shop.ask("/us/cart", postJson({ product_id: "x".repeat(20_000) }));
  assertEquals([large.status, (await large.json()).code], [413, "PAYLOAD_TOO_LARGE"]);
});

Deno.test("POST /{country}/cart refuses what another site sends", async () => {
  await using shop = await createTestShop();
  const fields = { product_id: "mara-mug" };
  for (const headers of [{ "sec-fetch-site": "cross-site" }, { "sec-fetch-site": "same-site" }]) {
    const response = await shop.ask("/us/cart", postForm(fields, headers));
    assertEquals(response.status, 403);
    assertStringIncludes(await response.text(), "We could not take that");
    assertEquals(response.headers.getSetCookie(), []);
  }
});

Deno.test("a cart holds twenty kinds of things and not one more", async () => {
  await using shop = await createTestShop();
  const all = await (await shop.ask("/us/products?limit=49", { headers: WANTS_JSON })).json();
  const ids: string[] = all.items.filter(({ stock }: { stock: number }) => stock > 0)
    .map(({ id }: { id: string }) => id);
  let cookie = "";
  for (const product_id of ids.slice(0, LINES_MAX)) {
    const response = await shop.ask("/us/cart", postJson({ product_id }, { cookie }));
    await response.body?.cancel();
    cookie = cookiesOf(response);
  }
  assertEquals((await cart(shop, cookie)).items.length, LINES_MAX);
  const full = await shop.ask("/us/cart", postJson({ product_id: ids[LINES_MAX] }, { cookie }));
  assertEquals((await full.json()).detail, "A cart holds 20 different things.");
});

Deno.test("a cookie full of rubbish is an empty cart", async () => {
  await using shop = await createTestShop();
  for (const cookie of ["cart=%00%ff", "cart=" + "x~".repeat(1_000), "cart=mara-mug.0", "cart"]) {
    assertEquals((await cart(shop, cookie)).items, [], cookie);
  }
});

Deno.test("the cart offers GET, HEAD and POST, and says so", async () => {
  await using shop = await createTestShop();
  const refused = await shop.ask("/us/cart", { method: "DELETE", headers: WANTS_JSON });
  assertEquals([refused.status, refused.headers.get("allow")], [405, "GET, HEAD, POST"]);
  await refused.body?.cancel();
});
