import { assertEquals } from "@std/assert";
import { catalog } from "../../../fixtures/shop/catalog.ts";
import {
  CATEGORIES,
  fold,
  isNew,
  QUANTITY_MAX,
  shelfOf,
  type Sort,
} from "../../../src/origin/demo/catalog.ts";
import { COUNTRIES, findCountry } from "../../../src/origin/demo/countries.ts";

const country = (code: string) => findCountry(code) ?? COUNTRIES[0];
const shelf = (code = "us") => shelfOf(country(code));
const ids = (query: string, code = "us") =>
  shelf(code).list({ query, sort: "featured" }).map(({ id }) => id);
const all = (sort: Sort) => shelf().list({ query: "", sort });

Deno.test("the catalog has about forty products in six categories, each with its own id", () => {
  assertEquals(catalog.length, 42);
  assertEquals(new Set(catalog.map(({ id }) => id)).size, 42);
  for (const category of CATEGORIES) {
    assertEquals(catalog.filter((product) => product.category === category).length, 7, category);
  }
});

Deno.test("the catalog's prices are whole, positive, and end as prices do in the country", () => {
  const endings: Readonly<Record<string, RegExp>> = {
    us: /00$/,
    uk: /(00|50)$/,
    de: /(00|90)$/,
    fr: /(00|90)$/,
    jp: /[038]0$/,
    br: /90$/,
    in: /99?00$/,
  };
  for (const { id, prices } of catalog) {
    for (const [code, price] of Object.entries(prices)) {
      assertEquals(Number.isInteger(price) && price > 0, true, `${id} in ${code}`);
      assertEquals(endings[code].test(String(price)), true, `${id} costs ${price} in ${code}`);
    }
  }
});

Deno.test("the catalog is written in every language, in sentences", () => {
  for (const { code, products } of COUNTRIES) {
    for (const { id } of catalog) {
      const { kind, about } = products[id];
      assertEquals(kind.length > 1 && about.length > 30, true, `${id} in ${code}`);
      assertEquals(/[.。]$/.test(about), true, `${id} in ${code} ends without a stop`);
    }
  }
});

Deno.test("shelf.find() knows a product by its id alone", () => {
  assertEquals(shelf("de").find("mara-mug")?.kind, "Becher");
  assertEquals(shelf("jp").find("mara-mug")?.price, 3_280);
  for (const id of ["", "Mara", "MARA-MUG", "__proto__", "constructor"]) {
    assertEquals(shelf().find(id), undefined);
  }
});

Deno.test("shelf.list() shows one of each category before a second of any", () => {
  const first = all("featured").slice(0, 6).map(({ category }) => category);
  assertEquals(new Set(first).size, 6);
  assertEquals(all("featured").length, 42);
});

Deno.test("shelf.list() sorts as it is asked to", () => {
  const prices = all("price_low").map(({ price }) => price);
  assertEquals(prices, prices.toSorted((a, b) => a - b));
  assertEquals(all("price_high").map(({ price }) => price), prices.toReversed());
  const days = all("newest").map(({ addedOn }) => addedOn);
  assertEquals(days, days.toSorted().reverse());
  const ratings = all("rating").map(({ rating }) => rating.average);
  assertEquals(ratings, ratings.toSorted((a, b) => b - a));
});

Deno.test("shelf.list() keeps to a category", () => {
  const found = shelf().list({ query: "", category: "garden", sort: "featured" });
  assertEquals(found.length, 7);
  assertEquals(found.every(({ category }) => category === "garden"), true);
});

Deno.test("shelf.list() finds by name, kind, material, category and description", () => {
  assertEquals(ids("hollis"), ["hollis-table-lamp"]);
  assertEquals(ids("TEAPOT"), ["toki-teapot"]);
  assertEquals(ids("terracotta").includes("terra-monstera-pot"), true);
  assertEquals(ids("hebrides"), ["skerry-throw"]);
  assertEquals(ids("Garten", "de").length, 7);
});

Deno.test("shelf.list() wants every word, in any order", () => {
  assertEquals(ids("lamp paper"), ["vela-paper-lamp"]);
  assertEquals(ids("  paper\u3000lamp "), ["vela-paper-lamp"]);
  assertEquals(ids("lamp zebra"), []);
});

Deno.test("shelf.list() puts what is called so before what only mentions it", () => {
  assertEquals(ids("table lamp"), ["hollis-table-lamp", "pim-pendant-lamp"]);
});

Deno.test("shelf.list() meets people who leave out accents or use another word", () => {
  assertEquals(ids("theiere", "fr"), ["toki-teapot"]);
  assertEquals(ids("giesskanne", "de"), ["brook-watering-can"]);
  assertEquals(ids("lampe", "de").length >= 4, true);
  assertEquals(ids("らんぷ", "jp"), ids("ランプ", "jp"));
  assertEquals(ids("ﾗﾝﾌﾟ", "jp").length > 0, true);
  assertEquals(ids("teapot", "jp"), ["toki-teapot"]);
});

Deno.test("shelf.list() survives any query", () => {
  for (const query of ["%", "\\", ".*", "(", "' OR 1=1 --", "<script>", "\u0000", "𝕏".repeat(99)]) {
    assertEquals(Array.isArray(ids(query)), true);
  }
});

Deno.test("shelf.related() names others that are in stock, its own shelf first", () => {
  const mug = shelf().find("mara-mug");
  const related = mug ? shelf().related(mug, 4) : [];
  assertEquals(related.length, 4);
  assertEquals(related.every(({ id, stock }) => id !== "mara-mug" && stock > 0), true);
  assertEquals(related.slice(0, 2).every(({ category }) => category === "table"), true);
});

Deno.test("a product says how many may be bought, and when few are left", () => {
  const rule = ({ stock, fewLeft, quantityMax }: { [name: string]: unknown }) => [
    stock,
    fewLeft,
    quantityMax,
  ];
  const product = (id: string) => ({ ...shelf().find(id) });
  assertEquals(rule(product("tare-kitchen-scale")), [0, false, 0]);
  assertEquals(rule(product("tobin-desk-lamp")), [3, true, 3]);
  assertEquals(rule(product("mara-mug")), [120, false, QUANTITY_MAX]);
});

Deno.test("isNew() holds for sixty days", () => {
  const product = shelf().find("hollis-table-lamp");
  if (!product) throw new Error("no lamp");
  const addedMs = Date.parse(product.addedOn);
  const dayMs = 86_400_000;
  assertEquals(isNew(product, addedMs + 59 * dayMs), true);
  assertEquals(isNew(product, addedMs + 60 * dayMs), false);
});

Deno.test("fold() makes one of what people type for one word", () => {
  assertEquals(fold("Öl"), fold("ol"));
  assertEquals(fold("Straße"), "strasse");
  assertEquals(fold("ＣＡＦÉ"), "cafe");
  assertEquals(fold("ひらがな"), fold("ヒラガナ"));
});
