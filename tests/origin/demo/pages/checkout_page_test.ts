import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import {
  type CheckoutForm,
  checkoutPage,
} from "../../../../src/origin/demo/pages/checkout_page.tsx";
import { count, productOf, textOf, visitOf } from "./_pages.ts";

function render(code: string, extra: Partial<CheckoutForm> = {}): string {
  const cart = [{ product: productOf(code, "mara-mug"), quantity: 2 }];
  return checkoutPage(visitOf(code, "checkout"), { cart, token: "token-0001", ...extra });
}

Deno.test("checkoutPage() labels every field and tells browsers what belongs in it", () => {
  const html = render("us");
  const inputs = html.match(/<input id="[^"]+"[^>]*>/g) ?? [];
  const fields = inputs.filter((tag) => !tag.includes(`id="q"`));
  assertEquals(fields.length, 6);
  for (const tag of fields) {
    const id = /id="([^"]+)"/.exec(tag)?.[1];
    assertStringIncludes(html, `<label for="${id}">`);
    assertMatch(tag, /autocomplete="[\w-]+" maxlength="\d+" required/);
  }
});

Deno.test("checkoutPage() asks for an address in the country's order", () => {
  const order = (code: string) =>
    [...render(code).matchAll(/<input id="(street|city|region|postcode)"/g)].map(([, id]) => id);
  assertEquals(order("jp"), ["postcode", "region", "city", "street"]);
  assertEquals(order("fr"), ["street", "postcode", "city"]);
});

Deno.test("checkoutPage() chooses the country's usual way to pay, or the one chosen before", () => {
  assertMatch(render("in"), /value="upi" checked/);
  assertMatch(render("in", { values: { payment_method: "card" } }), /value="card" checked/);
  assertEquals(count(render("in"), " checked"), 1);
});

Deno.test("checkoutPage() says on the button what will be paid, and that nothing is", () => {
  const text = textOf(render("de"));
  assertStringIncludes(text, "Zahlungspflichtig bestellen · 48,70 €");
  assertStringIncludes(text, "Es wird nichts abgebucht und nichts verschickt");
});

Deno.test("checkoutPage() ties every complaint to its field", () => {
  const errors = [
    { pointer: "/email", detail: "E!" },
    { pointer: "/payment_method", detail: "P!" },
    { pointer: "/unheard-of", detail: "U!" },
  ];
  const html = render("us", { errors, values: { email: "x", city: 5 } });
  assertStringIncludes(html, `<a href="#email">Email</a>: E!`);
  assertMatch(html, /id="email"[^>]* aria-invalid="true" aria-describedby="email-error"/);
  assertStringIncludes(html, `<span class="field-error" id="email-error">E!</span>`);
  assertStringIncludes(html, `id="payment_method" aria-describedby="payment-error"`);
  assertStringIncludes(textOf(html), "3 fields need another look");
});

Deno.test("checkoutPage() does not complain before anything was sent", () => {
  const html = render("us");
  assertEquals(count(html, "aria-invalid") + count(html, `role="alert"`), 0);
});
