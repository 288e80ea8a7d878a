import { assertEquals } from "@std/assert";
import type { ShopOrder } from "../../../src/kv/keys.ts";
import { shelfOf } from "../../../src/origin/demo/catalog.ts";
import { COUNTRIES, findCountry } from "../../../src/origin/demo/countries.ts";
import { addedView, cartView, orderView, productView } from "../../../src/origin/demo/views.ts";

const us = COUNTRIES[0];
const shelf = shelfOf(us);
const mug = shelf.list({ query: "mug", sort: "featured" })[0];

Deno.test("productView() holds everything about a product under stable names", () => {
  assertEquals(productView(mug, us), {
    id: "mara-mug",
    name: "Mara",
    kind: "Mug",
    description: mug.about,
    category: "table",
    price: { amount: 2_200, currency: "USD", formatted: "$22.00" },
    stock: 120,
    quantity_max: 10,
    rating: { average: 4.9, count: 904 },
    materials: ["stoneware"],
    made_in: "PT",
    size_mm: [90, 95],
    weight_grams: 340,
    added_on: "2025-09-15",
    image: "/assets/products/mara-mug.svg",
    url: "/us/products/mara-mug",
  });
});

Deno.test("cartView() of an empty cart is an empty list that costs nothing", () => {
  const { items, next_cursor, count, total } = cartView([], us);
  assertEquals([items, next_cursor, count, total.amount], [[], null, 0, 0]);
});

Deno.test("addedView() brings the words the page shows", () => {
  const added = addedView([{ product: mug, quantity: 2 }], mug, us);
  assertEquals([added.message, added.cart_label, added.cart_url, added.count], [
    "Mara is in your cart",
    "View cart",
    "/us/cart",
    2,
  ]);
});

Deno.test("orderView() keeps an order's own money wherever it is read", () => {
  const order: ShopOrder = {
    id: "M-2222-3333",
    createdAt: Date.UTC(2026, 0, 2, 3, 4, 5),
    country: "jp",
    currency: "JPY",
    items: [{ product_id: "mara-mug", name: "Mara", quantity: 2, price: 3_280 }],
    subtotal: 6_560,
    delivery: 600,
    tax: 651,
    total: 7_160,
    payment_method: "konbini",
    ship_to: { name: "A", email: "a@b.co", street: "s", city: "c", region: "r", postcode: "p" },
  };
  const view = orderView(order, findCountry("us") ?? us);
  assertEquals(view.total, { amount: 7_160, currency: "JPY", formatted: "¥7,160" });
  assertEquals(view.items[0].line_total.amount, 6_560);
  assertEquals([view.created_at, view.url], ["2026-01-02T03:04:05.000Z", "/us/orders/M-2222-3333"]);
});
