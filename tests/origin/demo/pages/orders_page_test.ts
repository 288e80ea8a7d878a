import { assertEquals, assertStringIncludes } from "@std/assert";
import type { ShopOrder } from "../../../../src/kv/keys.ts";
import { orderPage, ordersPage } from "../../../../src/origin/demo/pages/orders_page.tsx";
import { count, textOf, visitOf } from "./_pages.ts";

const ORDER: ShopOrder = {
  id: "M-2222-3333",
  createdAt: Date.UTC(2026, 10, 21, 23, 30),
  country: "jp",
  currency: "JPY",
  items: [
    { product_id: "mara-mug", name: "Mara", quantity: 2, price: 3_280 },
    { product_id: "no-longer-sold", name: "Gone", quantity: 1, price: 100 },
  ],
  subtotal: 6_660,
  delivery: 600,
  tax: 660,
  total: 7_260,
  payment_method: "konbini",
  ship_to: {
    name: "<Ada>",
    email: "ada@example.org",
    street: "1-2-3",
    city: "渋谷区",
    region: "東京都",
    postcode: "150-0001",
  },
};

const page = (code: string, placed = false) => orderPage(visitOf(code), ORDER, placed);

Deno.test("orderPage() keeps the order's money and address, in the reader's language", () => {
  const text = textOf(page("de"));
  for (const part of ["7.260 ¥", "21. November 2026", "Konbini", "150-0001 東京都 渋谷区 1-2-3"]) {
    assertStringIncludes(text, part);
  }
  assertStringIncludes(text, "Japan");
});

Deno.test("orderPage() thanks who comes from the checkout, by name", () => {
  assertStringIncludes(page("us", true), "Thank you, &lt;Ada&gt;");
  assertStringIncludes(textOf(page("us", true)), "ada@example.org");
  assertStringIncludes(textOf(page("us")), "Order M-2222-3333");
  assertEquals(page("us").includes("Thank you"), false);
});

Deno.test("orderPage() shows what is no longer sold without a picture", () => {
  const html = page("us");
  assertStringIncludes(html, "Gone");
  assertEquals(count(html, "<img"), 1);
});

Deno.test("orderPage() writes a way to pay that it does not know as it is", () => {
  const order = { ...ORDER, payment_method: "barter" };
  assertStringIncludes(orderPage(visitOf("us"), order, false), "barter");
});

Deno.test("ordersPage() lists orders with date, number of things and total", () => {
  const html = ordersPage(visitOf("fr"), { items: [ORDER], next_cursor: null });
  const text = textOf(html);
  for (const part of ["Commande M-2222-3333", "21 nov. 2026", "3 articles", "7 260 JPY"]) {
    assertStringIncludes(text, part);
  }
  assertEquals(html.includes("cursor="), false);
});

Deno.test("ordersPage() leads to older orders, or says that there are none", () => {
  const more = ordersPage(visitOf("us"), { items: [ORDER], next_cursor: "M-2222-3333" });
  assertStringIncludes(more, `href="/us/orders?cursor=M-2222-3333"`);
  const none = ordersPage(visitOf("us"), { items: [], next_cursor: null });
  assertStringIncludes(textOf(none), "No orders yet");
});
