import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { Cards, Picture, pictureUrl, Rating } from "../../../../src/origin/demo/pages/card.tsx";
import { count, countryOf, productOf, textOf, visitOf } from "./_pages.ts";

const us = countryOf("us");
const card = (id: string, code = "us") =>
  String(Cards({ visit: visitOf(code), products: [productOf(code, id)] }));

Deno.test("Cards show name, kind, price and rating, and lead to the product", () => {
  const html = card("mara-mug", "de");
  for (const text of ["Mara", "Becher", "21,90 €", "4,9 von 5 Punkten"]) {
    assertStringIncludes(textOf(html), text);
  }
  assertStringIncludes(html, `href="/de/products/mara-mug"`);
});

Deno.test("Cards put a product into the cart with one press, by a form", () => {
  const html = card("mara-mug");
  assertMatch(html, /<form class="quick" action="\/us\/cart" method="post"/);
  assertStringIncludes(html, `aria-label="Add Mara to cart"`);
});

Deno.test("Cards say what is new, nearly gone, and gone", () => {
  assertStringIncludes(card("meadow-seed-tin"), `<p class="flag new">New</p>`);
  assertStringIncludes(card("tobin-desk-lamp"), `<p class="flag few">Only 3 left</p>`);
  const gone = card("tare-kitchen-scale");
  assertStringIncludes(gone, "Sold out");
  assertEquals(count(gone, "<form"), 0);
  assertEquals(count(card("mara-mug"), "flag"), 0);
});

Deno.test("Cards load the first pictures at once and the rest when they are near", () => {
  const products = Array.from({ length: 9 }, () => productOf("us", "mara-mug"));
  const html = String(Cards({ visit: visitOf("us"), products }));
  assertEquals(count(html, "<img"), 9);
  assertEquals(count(html, `loading="lazy"`), 5);
});

Deno.test("Picture has its size, so that nothing jumps, and says what it shows", () => {
  const product = productOf("us", "mara-mug");
  const html = String(Picture({ product, country: us }));
  assertStringIncludes(html, `alt="Mara, Mug: drawing" width="400" height="500"`);
  assertMatch(pictureUrl(product), /^\/assets\/products\/mara-mug\.svg\?v=[\w-]{12}$/);
});

Deno.test("Rating tells the number of ratings only where there is room", () => {
  const product = productOf("us", "mara-mug");
  assertStringIncludes(textOf(String(Rating({ country: us, product, long: true }))), "904 ratings");
  assertEquals(textOf(String(Rating({ country: us, product }))).includes("904"), false);
});
