import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { landingPage } from "../../../../src/origin/demo/pages/landing_page.tsx";
import { count, countryOf, textOf, visitOf } from "./_pages.ts";

Deno.test("landingPage() has a door to every country, in that country's own words", () => {
  const html = landingPage(visitOf("us", ""), undefined);
  assertEquals(count(html, `<li class="door`), 7);
  for (const name of ["United Kingdom", "Deutschland", "France", "日本", "Brasil", "India"]) {
    assertStringIncludes(html, name);
  }
  assertStringIncludes(html, `href="/jp/products" lang="ja-JP" hreflang="ja-JP"`);
  assertStringIncludes(textOf(html), "português · BRL");
});

Deno.test("landingPage() puts the likely country first and says why, once", () => {
  const html = landingPage(visitOf("fr", ""), countryOf("fr"));
  assertEquals(count(html, "suggested"), 1);
  assertEquals(count(html, `<li class="door`), 7);
  assertMatch(html, /<ul class="doors"><li class="door suggested"><a href="\/fr\/products"/);
  assertStringIncludes(textOf(html), "Sans doute ici");
});
