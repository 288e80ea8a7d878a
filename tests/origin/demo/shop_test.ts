import { assertEquals, assertStringIncludes } from "@std/assert";
import { COUNTRIES } from "../../../src/origin/demo/countries.ts";
import { createTestShop, type TestShop, WANTS_JSON, WANTS_PAGE } from "./_shop.ts";

async function page(shop: TestShop, path: string, headers: Record<string, string> = {}) {
  const response = await shop.ask(path, { headers: { ...WANTS_PAGE, ...headers } });
  return { response, html: await response.text() };
}

Deno.test("GET / offers every country and sends nobody anywhere", async () => {
  await using shop = await createTestShop();
  const { response, html } = await page(shop, "/");
  assertEquals(response.status, 200);
  for (const { code } of COUNTRIES) assertStringIncludes(html, `href="/${code}/products"`);
  assertEquals(html.includes("suggested"), false);
});

Deno.test("GET / speaks the browser's language and puts its country first", async () => {
  await using shop = await createTestShop();
  const { response, html } = await page(shop, "/", { "accept-language": "ja,en;q=0.5" });
  assertStringIncludes(html, `<html lang="ja-JP">`);
  assertStringIncludes(html, "お住まいはどちらですか");
  assertEquals(html.indexOf(`href="/jp/products"`) < html.indexOf(`href="/us/products"`), true);
  assertEquals(response.headers.getSetCookie(), []);
  assertEquals(response.headers.get("vary"), "Accept, Accept-Language");
});

Deno.test("GET / is a list of countries for programs", async () => {
  await using shop = await createTestShop();
  const headers = { ...WANTS_JSON, "accept-language": "pt-BR" };
  const { items, next_cursor, suggestion } = await (await shop.ask("/", { headers })).json();
  assertEquals([items.length, next_cursor, suggestion], [7, null, "br"]);
  assertEquals(items[0], {
    code: "us",
    locale: "en-US",
    currency: "USD",
    payment_methods: ["card", "paypal", "apple_pay", "klarna"],
    url: "/us/products",
  });
});

Deno.test("GET /{country} leads to its products", async () => {
  await using shop = await createTestShop();
  for (const path of ["/de", "/DE", "/de/"]) {
    const response = await shop.ask(path);
    assertEquals([response.status, response.headers.get("location")], [302, "/de/products"], path);
  }
});

Deno.test("every page names its own address, icon, style and one script with the nonce", async () => {
  await using shop = await createTestShop();
  for (const path of ["/", "/us/products", "/us/products/mara-mug", "/us/cart", "/us/orders"]) {
    const { response, html } = await page(shop, path);
    const nonce = /'nonce-([^']+)'/.exec(response.headers.get("content-security-policy") ?? "");
    const scripts = html.match(/<script/g) ?? [];
    assertEquals(scripts.length, 1, path);
    assertStringIncludes(html, `nonce="${nonce?.[1]}"`);
    assertEquals(/ style=|<style| on[a-z]+=/.test(html), false, path);
    assertStringIncludes(html, `<link rel="canonical" href="${path}"`);
    assertStringIncludes(html, `<link rel="icon"`);
  }
});

Deno.test("every page has one heading of the first rank, landmarks and a way past the head", async () => {
  await using shop = await createTestShop();
  const paths = ["/", "/jp/products", "/jp/products?q=x", "/jp/cart", "/jp/orders", "/jp/nothing"];
  for (const path of paths) {
    const { html } = await page(shop, path);
    for (const tag of ["<h1", "<main ", "<header ", "<footer ", `class="skip" href="#main"`]) {
      assertEquals(html.split(tag).length - 1, 1, `${tag} on ${path}`);
    }
    const ids = [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    assertEquals(new Set(ids).size, ids.length, path);
    const pictures = html.match(/<img [^>]*>/g) ?? [];
    assertEquals(pictures.filter((tag) => !/ alt="/.test(tag)), [], path);
  }
});

Deno.test("pages about a visitor are kept by nobody", async () => {
  await using shop = await createTestShop();
  for (const path of ["/us/cart", "/us/orders"]) {
    const { response } = await page(shop, path);
    assertEquals(response.headers.get("cache-control"), "no-store");
  }
  const { response } = await page(shop, "/us/products");
  assertEquals(response.headers.get("cache-control"), "private, no-cache");
  assertEquals(response.headers.getSetCookie(), []);
});

Deno.test("assets are served, to GET and HEAD alone", async () => {
  await using shop = await createTestShop();
  const css = await shop.ask("/assets/shop.css");
  assertEquals(css.status, 200);
  await css.body?.cancel();
  const head = await shop.ask("/favicon.ico", { method: "HEAD" });
  assertEquals([head.status, await head.text()], [200, ""]);
  const post = await shop.ask("/assets/shop.css", { method: "POST", headers: WANTS_JSON });
  assertEquals([post.status, post.headers.get("allow")], [405, "GET, HEAD"]);
  await post.body?.cancel();
});

Deno.test("what is nowhere is 404, as a page or a problem", async () => {
  await using shop = await createTestShop();
  for (const path of ["/nowhere", "/us/nowhere", "/assets/none.css", "/us/cart/x", "/a/b/c/d"]) {
    const { response, html } = await page(shop, path);
    assertEquals(response.status, 404, path);
    assertStringIncludes(html, "This shelf is empty");
    const problem = await shop.ask(path, { headers: WANTS_JSON });
    assertEquals((await problem.json()).code, "NOT_FOUND", path);
  }
});
