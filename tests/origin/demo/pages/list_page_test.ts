import { assertEquals, assertStringIncludes } from "@std/assert";
import { type Listing, listPage, searchOf } from "../../../../src/origin/demo/pages/list_page.tsx";
import { count, productOf, textOf, visitOf } from "./_pages.ts";

const products = [productOf("us", "mara-mug"), productOf("us", "toki-teapot")];

function render(extra: Partial<Listing> = {}, code = "us"): string {
  const wish = { query: "", sort: "featured" } as const;
  return listPage(visitOf(code), { wish, count: 2, products, offset: 0, limit: 24, ...extra });
}

Deno.test("listPage() opens with the shop window, but not when one looks for something", () => {
  assertStringIncludes(render(), "/assets/window.svg");
  for (
    const extra of [
      { wish: { query: "mug", sort: "featured" } },
      { wish: { query: "", category: "desk", sort: "featured" } },
      { offset: 24, count: 42 },
    ] as const
  ) assertEquals(render(extra).includes("window.svg"), false);
});

Deno.test("listPage() says how many were found, and for what", () => {
  const html = render({ wish: { query: "te", sort: "featured" } });
  assertStringIncludes(textOf(html), "2 products for “te” Clear search");
  assertEquals(count(html, `class="card"`), 2);
});

Deno.test("listPage() has something kind to say when nothing was found", () => {
  const wish = { query: "zebra", sort: "featured" } as const;
  const html = render({ wish, count: 0, products: [] }, "de");
  assertStringIncludes(textOf(html), "Nichts gefunden für „zebra“");
  assertStringIncludes(html, `role="status"`);
});

Deno.test("listPage() sorts by a form that keeps what is looked for", () => {
  const html = render({ wish: { query: "te", category: "table", sort: "rating" } });
  assertStringIncludes(html, `<input type="hidden" name="q" value="te"`);
  assertStringIncludes(html, `<input type="hidden" name="category" value="table"`);
  assertStringIncludes(html, `<option value="rating" selected`);
});

Deno.test("listPage() leads to the pages before and after, where there are any", () => {
  const middle = render({ count: 60, offset: 24 });
  assertStringIncludes(middle, `rel="prev" href="/us/products"`);
  assertStringIncludes(middle, `rel="next" href="/us/products?cursor=48"`);
  assertStringIncludes(textOf(middle), "Page 2 of 3");
  assertEquals(render({ count: 60 }).includes(`rel="prev"`), false);
  assertEquals(render({ count: 60, offset: 48 }).includes(`rel="next"`), false);
  assertEquals(render().includes(`class="pages"`), false);
});

Deno.test("searchOf() leaves out what goes without saying", () => {
  assertEquals(searchOf({ query: "", sort: "featured" }), "");
  assertEquals(searchOf({ query: "a&b=c", sort: "featured" }), "?q=a%26b%3Dc");
  assertEquals(
    searchOf({ query: "", category: "desk", sort: "newest" }, 24),
    "?category=desk&sort=newest&cursor=24",
  );
});
