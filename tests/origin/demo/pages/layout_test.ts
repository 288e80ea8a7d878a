import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { COUNTRIES } from "../../../../src/origin/demo/countries.ts";
import { renderPage } from "../../../../src/origin/demo/pages/layout.tsx";
import { hrefOf, inCountry, show } from "../../../../src/origin/demo/pages/visit.ts";

const [us, , germany] = COUNTRIES;
const visit = { country: germany, address: "/de/cart", cartCount: 3, nonce: "n0", nowMs: 0 };
const page = (extra = {}) => renderPage({ visit, title: "T & <b>", ...extra });

Deno.test("renderPage() escapes what it is given", () => {
  assertStringIncludes(page(), "<title>T &amp; &lt;b&gt; · Morrow</title>");
  assertStringIncludes(page({ query: `"x` }), `value="&quot;x"`);
});

Deno.test("renderPage() asks search engines to forget pages without a description", () => {
  assertStringIncludes(page(), `content="noindex"`);
  const described = page({ description: "Words" });
  assertStringIncludes(described, `<meta name="description" content="Words"`);
  assertEquals(described.includes("noindex"), false);
});

Deno.test("renderPage() shows how much is in the cart, unless nothing is", () => {
  assertMatch(page(), /id="cart-count"\s*>3</);
  const empty = renderPage({ visit: { ...visit, cartCount: 0 }, title: "" });
  assertMatch(empty, /id="cart-count" hidden/);
});

Deno.test("renderPage() marks the category one is in", () => {
  assertMatch(page({ category: "desk" }), /category=desk" aria-current="page"/);
  assertEquals(page().includes(`aria-current="page"`), false);
});

Deno.test("renderPage() leads to the same page in other countries only where there is one", () => {
  assertStringIncludes(page({ everywhere: true }), `href="/jp/cart"`);
  assertStringIncludes(page(), `href="/jp/products"`);
});

Deno.test("renderPage() says what the prices hold, as the country is used to", () => {
  assertMatch(page(), /Preise inkl\. 19\s%\sMwSt\. Versandfrei ab 60\s€\./);
  const american = renderPage({ visit: { ...visit, country: us }, title: "" });
  assertStringIncludes(american, "Prices in USD. Free delivery from $75.");
});

Deno.test("hrefOf(), inCountry() and show() speak for the visit's country", () => {
  assertEquals([hrefOf(us), hrefOf(us, "cart")], ["/us/products", "/us/cart"]);
  assertEquals(inCountry({ ...visit, address: "/de/products?q=de" }, us), "/us/products?q=de");
  assertMatch(show(visit, 14_400), /^144\s€$/);
});
