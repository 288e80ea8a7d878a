import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import fc from "fast-check";
import { catalog } from "../../../fixtures/shop/catalog.ts";
import { AppError } from "../../../src/errors/app_error.ts";
import {
  type Cart,
  countItems,
  LINES_MAX,
  readCart,
  totalsOf,
  withMore,
  withQuantity,
  writeCart,
} from "../../../src/origin/demo/cart.ts";
import { type Product, shelfOf } from "../../../src/origin/demo/catalog.ts";
import { COUNTRIES, findCountry } from "../../../src/origin/demo/countries.ts";

const us = COUNTRIES[0];
const shelf = shelfOf(us);

function product(id: string): Product {
  const found = shelf.find(id);
  if (!found) throw new Error(`no ${id}`);
  return found;
}

const mug = product("mara-mug");
const lamp = product("hollis-table-lamp");
const inStock = catalog.filter(({ stock }) => stock > 0).map(({ id }) => product(id));
const lines = (cart: Cart) => cart.map((line) => [line.product.id, line.quantity]);

Deno.test("readCart() reads what writeCart() wrote, whatever is in it", () => {
  const products = fc.uniqueArray(fc.constantFrom(...inStock), { maxLength: LINES_MAX });
  fc.assert(fc.property(products, fc.nat(9), (chosen, extra) => {
    const cart = chosen.map((item) => ({
      product: item,
      quantity: 1 + extra % item.quantityMax,
    }));
    assertEquals(readCart(writeCart(cart), shelf), cart);
  }));
});

Deno.test("readCart() takes any text and never more than the limits", () => {
  fc.assert(fc.property(fc.string({ maxLength: 300 }), (text) => {
    const cart = readCart(text, shelf);
    assertEquals(cart.length <= LINES_MAX, true);
  }));
  assertEquals(readCart(undefined, shelf), []);
  assertEquals(readCart("", shelf), []);
});

Deno.test("readCart() leaves out what is not ours and caps what is too much", () => {
  const text = "mara-mug.99~no-such.2~hollis-table-lamp.0~tare-kitchen-scale.1~toki-teapot.-1~x";
  assertEquals(lines(readCart(text, shelf)), [["mara-mug", 10]]);
  assertEquals(lines(readCart("mara-mug.2~mara-mug.3", shelf)), [["mara-mug", 3]]);
  assertEquals(readCart("mara-mug.1~".repeat(5_000), shelf).length, 1);
});

Deno.test("writeCart() fits in a cookie when the cart is full", () => {
  const longest = inStock.toSorted((a, b) => b.id.length - a.id.length).slice(0, LINES_MAX);
  const text = writeCart(longest.map((item) => ({ product: item, quantity: 10 })));
  assertEquals(text.length < 700, true, `${text.length} characters`);
  assertEquals(/^[a-z0-9.~-]+$/.test(text), true);
});

Deno.test("withQuantity() sets, keeps the order of lines, and removes at 0", () => {
  const cart = withQuantity(withQuantity([], mug, 2, us), lamp, 1, us);
  assertEquals(lines(cart), [["mara-mug", 2], ["hollis-table-lamp", 1]]);
  assertEquals(lines(withQuantity(cart, mug, 5, us)), [["mara-mug", 5], ["hollis-table-lamp", 1]]);
  assertEquals(lines(withQuantity(cart, mug, 0, us)), [["hollis-table-lamp", 1]]);
  assertEquals(lines(withQuantity([], mug, 0, us)), []);
});

Deno.test("withMore() adds to what is there", () => {
  assertEquals(lines(withMore(withMore([], mug, 2, us), mug, 3, us)), [["mara-mug", 5]]);
});

Deno.test("withQuantity() refuses more than there are, and says how many there are", () => {
  const tobin = product("tobin-desk-lamp");
  const error = assertThrows(() => withQuantity([], tobin, 4, us), AppError, "No more than 3");
  const { code, options } = error as AppError;
  assertEquals(code, "VALIDATION_FAILED");
  assertEquals(options.extensions?.errors, [{
    pointer: "/quantity",
    detail: "No more than 3 of Tobin in one order.",
  }]);
});

Deno.test("withMore() refuses the eleventh, in the country's language", () => {
  const full = withQuantity([], mug, 10, us);
  const germany = findCountry("de") ?? us;
  assertThrows(() => withMore(full, mug, 1, germany), AppError, "Höchstens 10 Stück von Mara");
});

Deno.test("withQuantity() refuses what is sold out", () => {
  const scale = product("tare-kitchen-scale");
  assertThrows(() => withQuantity([], scale, 1, us), AppError, "Tare is sold out.");
});

Deno.test("withQuantity() refuses the twenty-first kind of thing", () => {
  const full = inStock.slice(0, LINES_MAX).map((item) => ({ product: item, quantity: 1 }));
  const other = inStock[LINES_MAX];
  const error = assertThrows(() => withQuantity(full, other, 1, us), AppError);
  assertStringIncludes(String(error), "20 different things");
  assertEquals(withQuantity(full, full[3].product, 2, us).length, LINES_MAX);
});

Deno.test("totalsOf() adds up, and delivery costs until it is free", () => {
  const one = totalsOf([{ product: mug, quantity: 1 }], us);
  assertEquals(one, {
    count: 1,
    subtotal: 2_200,
    delivery: 800,
    untilFreeDelivery: 5_300,
    total: 3_000,
    tax: 0,
  });
  const many = totalsOf([{ product: mug, quantity: 2 }, { product: lamp, quantity: 1 }], us);
  assertEquals([many.count, many.subtotal, many.delivery, many.total], [3, 19_200, 0, 19_200]);
});

Deno.test("totalsOf() of an empty cart is nothing", () => {
  const { count, subtotal, delivery, total, tax } = totalsOf([], us);
  assertEquals([count, subtotal, delivery, total, tax], [0, 0, 0, 0, 0]);
});

Deno.test("totalsOf() is whole and consistent in every country", () => {
  const carts = fc.uniqueArray(fc.constantFrom(...inStock.map(({ id }) => id)), { maxLength: 20 });
  fc.assert(fc.property(carts, fc.constantFrom(...COUNTRIES), (chosen, country) => {
    const own = shelfOf(country);
    const cart = chosen.flatMap((id) => {
      const found = own.find(id);
      return found ? [{ product: found, quantity: found.quantityMax }] : [];
    });
    const totals = totalsOf(cart, country);
    assertEquals(Object.values(totals).every(Number.isInteger), true);
    assertEquals(totals.total, totals.subtotal + totals.delivery);
    assertEquals(totals.delivery === 0 || totals.untilFreeDelivery > 0, true);
    assertEquals(totals.count, countItems(cart));
  }));
});
