/** What the tests of pages share: visits, products, and a way to read HTML without a browser. */
import { type Product, shelfOf } from "../../../../src/origin/demo/catalog.ts";
import { COUNTRIES, type Country, findCountry } from "../../../../src/origin/demo/countries.ts";
import type { Visit } from "../../../../src/origin/demo/pages/visit.ts";

/** The day the clock of the tests stands at. */
const NOW_MS = Date.UTC(2026, 10, 21);

export function countryOf(code: string): Country {
  return findCountry(code) ?? COUNTRIES[0];
}

export function visitOf(code: string, address = "products"): Visit {
  const country = countryOf(code);
  return { country, address: `/${code}/${address}`, cartCount: 0, nonce: "n0", nowMs: NOW_MS };
}

export function productOf(code: string, id: string): Product {
  const product = shelfOf(countryOf(code)).find(id);
  if (!product) throw new Error(`There is no ${id}`);
  return product;
}

/** The text a reader sees, with every kind of space as one space. */
export function textOf(html: string): string {
  return html.replace(/<(script|style|head)[^]*?<\/\1>/g, " ").replace(/<[^>]+>/g, " ")
    .replaceAll("&quot;", '"').replaceAll("&amp;", "&").replace(/\s+/g, " ");
}

/** How often a piece of markup occurs. */
export function count(html: string, piece: string | RegExp): number {
  return html.split(piece).length - 1;
}
