import { assertEquals } from "@std/assert";
import { en, type Label } from "../../../fixtures/shop/labels/en.ts";
import { COUNTRIES, findCountry } from "../../../src/origin/demo/countries.ts";
import { formatNumber, say, sayCount, sayRegion } from "../../../src/origin/demo/words.ts";

const country = (code: string) => findCountry(code) ?? COUNTRIES[0];
const LABELS = Object.keys(en).filter((name): name is Label => name in en);
const holes = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([hole]) => hole).sort();

Deno.test("labels are complete in every language, and none is empty", () => {
  for (const { code, labels } of COUNTRIES) {
    assertEquals(Object.keys(labels).sort(), [...LABELS].sort(), code);
    assertEquals(LABELS.filter((label) => labels[label].trim() === ""), [], code);
  }
});

Deno.test("labels have the same holes in every language", () => {
  // A form for one may leave the number out, as it says it in words.
  const counted = LABELS.filter((label) => !label.endsWith("_one"));
  for (const { code, labels } of COUNTRIES) {
    const wrong = counted.filter((label) => {
      const own = holes(labels[label]);
      return own.length !== holes(en[label]).length ||
        own.some((hole) => !en[label].includes(hole));
    });
    assertEquals(wrong, [], code);
  }
});

Deno.test("labels are translated, not copied", () => {
  const mayStay =
    /^(pay_|field_email|material_|category_table|category_textiles|badge_new|checkout_contact|items_one)/;
  for (const code of ["de", "fr", "jp", "br"]) {
    const { labels } = country(code);
    const copied = LABELS.filter((label) => labels[label] === en[label] && !mayStay.test(label));
    assertEquals(copied.filter((label) => !["total", "subtotal"].includes(label)), [], code);
  }
});

Deno.test("say() fills what is in braces and leaves unknown braces", () => {
  assertEquals(say(country("us"), "cart_added", { name: "Mara" }), "Mara is in your cart");
  assertEquals(say(country("uk"), "cart_added", { name: "Mara" }), "Mara is in your basket");
  assertEquals(say(country("de"), "cart_added", { other: 1 }), "{name} liegt im Warenkorb");
});

Deno.test("say() does not fill what a value brings along", () => {
  assertEquals(say(country("us"), "cart_added", { name: "{name}" }), "{name} is in your cart");
  assertEquals(say(country("us"), "cart_added", { name: "$&" }), "$& is in your cart");
});

Deno.test("sayCount() chooses the form that the language asks for", () => {
  assertEquals(sayCount(country("us"), "results", 1), "1 product");
  assertEquals(sayCount(country("us"), "results", 0), "0 products");
  assertEquals(sayCount(country("fr"), "results", 0), "0 produit");
  assertEquals(sayCount(country("jp"), "results", 42), "42点");
  assertEquals(sayCount(country("de"), "rating_count", 1_234), "1.234 Bewertungen");
});

Deno.test("sayRegion() and formatNumber() follow the language", () => {
  assertEquals(sayRegion(country("de"), "PT"), "Portugal");
  assertEquals(sayRegion(country("jp"), "US"), "アメリカ合衆国");
  assertEquals(formatNumber(4.8, country("de")), "4,8");
});
