import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { COUNTRIES, findCountry } from "../../../src/origin/demo/countries.ts";
import {
  containedTax,
  formatMoney,
  formatPercent,
  toMoney,
} from "../../../src/origin/demo/money.ts";

const country = (code: string) => findCountry(code) ?? COUNTRIES[0];
/** Intl writes several kinds of space. */
const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, " ");

Deno.test("formatMoney() writes a price as the country does", () => {
  const written = {
    us: ["$148", "$148.00"],
    uk: ["£148", "£148.00"],
    de: ["148 €", "148,00 €"],
    fr: ["148 €", "148,00 €"],
    br: ["R$ 148", "R$ 148,00"],
    in: ["₹148", "₹148.00"],
  };
  for (const [code, [short, exact]] of Object.entries(written)) {
    assertEquals(plain(formatMoney(14_800, country(code))), short);
    assertEquals(plain(formatMoney(14_800, country(code), "exact")), exact);
  }
});

Deno.test("formatMoney() keeps decimals that are not zero in every style", () => {
  assertEquals(plain(formatMoney(2_190, country("de"))), "21,90 €");
  assertEquals(plain(formatMoney(495, country("uk"))), "£4.95");
});

Deno.test("formatMoney() writes yen without decimals", () => {
  // Japan writes the yen sign in full width.
  assertEquals(formatMoney(14_800, country("jp")), "￥14,800");
  assertEquals(formatMoney(14_800, country("jp"), "exact"), "￥14,800");
});

Deno.test("formatMoney() groups rupees as India does", () => {
  assertEquals(formatMoney(2_249_900_00, country("in")), "₹22,49,900");
});

Deno.test("formatMoney() writes another country's money in the reader's way", () => {
  assertEquals(plain(formatMoney(14_800, country("de"), "exact", country("us"))), "148,00 $");
  assertEquals(plain(formatMoney(14_800, country("us"), "exact", country("jp"))), "¥14,800");
});

Deno.test("toMoney() gives whole minor units, the currency, and a text", () => {
  assertEquals(toMoney(2_200, country("us")), {
    amount: 2_200,
    currency: "USD",
    formatted: "$22.00",
  });
  assertEquals(toMoney(3_280, country("us"), country("jp")).currency, "JPY");
});

Deno.test("containedTax() is what was added to the net amount", () => {
  assertEquals(containedTax(119_00, 0.19), 19_00);
  assertEquals(containedTax(11_000, 0.1), 1_000);
  assertEquals(containedTax(100, 0), 0);
});

Deno.test("containedTax() is whole, never negative, and less than the amount", () => {
  const amounts = fc.integer({ min: 0, max: 100_000_000 });
  fc.assert(fc.property(amounts, fc.constantFrom(...COUNTRIES), (amount, { taxRate }) => {
    const tax = containedTax(amount, taxRate);
    assertEquals(Number.isInteger(tax) && tax >= 0 && tax <= amount, true);
  }));
});

Deno.test("formatPercent() writes a tax rate as the country does", () => {
  assertEquals(plain(formatPercent(0.19, country("de"))), "19 %");
  assertEquals(formatPercent(0.2, country("uk")), "20%");
});
