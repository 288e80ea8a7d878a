import { assertEquals, assertStringIncludes } from "@std/assert";
import { productPage } from "../../../../src/origin/demo/pages/product_page.tsx";
import { count, productOf, textOf, visitOf } from "./_pages.ts";

const render = (code: string, id: string) =>
  productPage(visitOf(code, `products/${id}`), productOf(code, id), [productOf(code, "mara-mug")]);

Deno.test("productPage() tells everything in the country's words, money and measures", () => {
  const german = textOf(render("de", "marl-rug"));
  for (const text of ["Handgeknüpfter Teppich", "239 €", "140 × 200 cm", "6,4 kg", "Indien"]) {
    assertStringIncludes(german, text);
  }
  assertStringIncludes(german, "Wolle und Jute");
  assertStringIncludes(textOf(render("us", "marl-rug")), "55.1 × 78.7 in");
});

Deno.test("productPage() lets one take as many as there are, at most ten", () => {
  assertEquals(count(render("us", "toki-teapot"), `<option value="`), 10);
  assertEquals(count(render("us", "tobin-desk-lamp"), `<option value="`), 3);
  assertEquals(count(render("us", "tare-kitchen-scale"), "<select"), 0);
});

Deno.test("productPage() promises delivery as the country has it", () => {
  const text = textOf(render("jp", "toki-teapot"));
  assertStringIncludes(text, "2〜3営業日でお届け");
  assertStringIncludes(text, "送料￥600、￥8,000以上で無料");
});

Deno.test("productPage() shows what goes with it", () => {
  assertStringIncludes(textOf(render("fr", "toki-teapot")), "Va bien avec");
  assertEquals(count(render("fr", "toki-teapot"), `class="card"`), 1);
});
