import { assertEquals, assertStringIncludes } from "@std/assert";
import { type CartNotice, cartPage } from "../../../../src/origin/demo/pages/cart_page.tsx";
import { count, productOf, textOf, visitOf } from "./_pages.ts";

function render(code: string, quantity: number, notice?: CartNotice): string {
  const line = { product: productOf(code, "mara-mug"), quantity };
  return cartPage(visitOf(code, "cart"), quantity > 0 ? [line] : [], notice);
}

Deno.test("cartPage() shows each line with its price and the sums below", () => {
  const text = textOf(render("uk", 3));
  for (const part of ["Mara", "£17.50 each", "£52.50", "Free", "Includes 20% VAT", "£8.75"]) {
    assertStringIncludes(text, part);
  }
});

Deno.test("cartPage() says what is missing for free delivery", () => {
  assertStringIncludes(textOf(render("us", 1)), "$53 more for free delivery");
  assertStringIncludes(textOf(render("us", 4)), "Delivery is free");
  assertStringIncludes(render("us", 1), `<progress id="toward" max="7500" value="2200"`);
});

Deno.test("cartPage() has a form for every line, without script as well", () => {
  const html = render("us", 2);
  assertEquals(count(html, `class="line-form" action="/us/cart" method="post"`), 1);
  assertStringIncludes(html, `name="action" value="update"`);
  assertStringIncludes(html, `name="action" value="remove"`);
  assertStringIncludes(html, `<option value="2" selected`);
});

Deno.test("cartPage() does not mention tax where prices do not hold it", () => {
  assertEquals(textOf(render("us", 1)).includes("Includes"), false);
});

Deno.test("cartPage() of an empty cart leads back to the shelves", () => {
  const html = render("br", 0);
  assertStringIncludes(textOf(html), "Seu carrinho está vazio");
  assertEquals(count(html, "checkout"), 0);
});

Deno.test("cartPage() says good news quietly and bad news at once", () => {
  assertStringIncludes(render("us", 1, { tone: "good", text: "G" }), `good" role="status">G<`);
  assertStringIncludes(render("us", 1, { tone: "bad", text: "<B>" }), `bad" role="alert">&lt;B`);
});
