/**
 * The seven countries the demo shop serves: what money, language, tax, delivery, payment and
 * addresses look like there. A new country is one row here, its prices in the catalog, its words.
 */
import { de } from "../../../fixtures/shop/labels/de.ts";
import { en, enGb, enIn, type Labels } from "../../../fixtures/shop/labels/en.ts";
import { fr } from "../../../fixtures/shop/labels/fr.ts";
import { ja } from "../../../fixtures/shop/labels/ja.ts";
import { pt } from "../../../fixtures/shop/labels/pt.ts";
import { de as deProducts } from "../../../fixtures/shop/products/de.ts";
import { en as enProducts, type ProductWords } from "../../../fixtures/shop/products/en.ts";
import { fr as frProducts } from "../../../fixtures/shop/products/fr.ts";
import { ja as jaProducts } from "../../../fixtures/shop/products/ja.ts";
import { pt as ptProducts } from "../../../fixtures/shop/products/pt.ts";
import type { ProductId } from "../../../fixtures/shop/catalog.ts";

export type CountryCode = "us" | "uk" | "de" | "fr" | "jp" | "br" | "in";

export const PAYMENT_METHODS = [
  "card",
  "paypal",
  "apple_pay",
  "klarna",
  "bank_transfer",
  "sepa_debit",
  "invoice",
  "konbini",
  "paypay",
  "cash_on_delivery",
  "pix",
  "boleto",
  "upi",
  "netbanking",
] as const;

export type PaymentMethod = (typeof PAYMENT_METHODS)[number];
export type AddressField = "street" | "city" | "region" | "postcode";

export interface Country {
  readonly code: CountryCode;
  /** BCP 47; the language of labels, and how numbers and dates are written. */
  readonly locale: string;
  /** ISO 3166, which knows the United Kingdom as GB. */
  readonly region: string;
  readonly currency: string;
  /** Digits after the decimal sign in the currency's minor unit. */
  readonly decimals: 0 | 2;
  /** Tax contained in the prices; 0 where it is not shown. */
  readonly taxRate: number;
  readonly delivery: {
    /** Minor units. */
    readonly fee: number;
    /** Subtotal in minor units from which delivery is free. */
    readonly freeFrom: number;
    /** Working days. */
    readonly days: readonly [number, number];
  };
  /** The usual one first. */
  readonly payments: readonly PaymentMethod[];
  /** Fields of an address, in the order they are written there. */
  readonly address: readonly AddressField[];
  readonly postcode: { readonly pattern: RegExp; readonly example: string };
  readonly inches: boolean;
  readonly labels: Labels;
  readonly products: Readonly<Record<ProductId, ProductWords>>;
  /** The product whose picture stands for the country on the first page. */
  readonly picture: ProductId;
}

const us: Country = {
  code: "us",
  locale: "en-US",
  region: "US",
  currency: "USD",
  decimals: 2,
  taxRate: 0,
  delivery: { fee: 800, freeFrom: 75_00, days: [3, 5] },
  payments: ["card", "paypal", "apple_pay", "klarna"],
  address: ["street", "city", "region", "postcode"],
  postcode: { pattern: /^\d{5}(-\d{4})?$/, example: "10001" },
  inches: true,
  labels: en,
  products: enProducts,
  picture: "hollis-table-lamp",
};

const uk: Country = {
  code: "uk",
  locale: "en-GB",
  region: "GB",
  currency: "GBP",
  decimals: 2,
  taxRate: 0.2,
  delivery: { fee: 4_95, freeFrom: 50_00, days: [2, 3] },
  payments: ["card", "paypal", "apple_pay", "klarna", "bank_transfer"],
  address: ["street", "city", "postcode"],
  postcode: { pattern: /^[a-z]{1,2}\d[a-z\d]? ?\d[a-z]{2}$/i, example: "SW1A 1AA" },
  inches: false,
  labels: enGb,
  products: enProducts,
  picture: "fen-kettle",
};

const germany: Country = {
  code: "de",
  locale: "de-DE",
  region: "DE",
  currency: "EUR",
  decimals: 2,
  taxRate: 0.19,
  delivery: { fee: 4_90, freeFrom: 60_00, days: [2, 4] },
  payments: ["paypal", "invoice", "klarna", "sepa_debit", "card"],
  address: ["street", "postcode", "city"],
  postcode: { pattern: /^\d{5}$/, example: "10115" },
  inches: false,
  labels: de,
  products: deProducts,
  picture: "noon-wall-clock",
};

const france: Country = {
  code: "fr",
  locale: "fr-FR",
  region: "FR",
  currency: "EUR",
  decimals: 2,
  taxRate: 0.2,
  delivery: { fee: 4_90, freeFrom: 60_00, days: [2, 4] },
  payments: ["card", "paypal", "klarna", "bank_transfer"],
  address: ["street", "postcode", "city"],
  postcode: { pattern: /^\d{5}$/, example: "75011" },
  inches: false,
  labels: fr,
  products: frProducts,
  picture: "basalt-casserole",
};

const japan: Country = {
  code: "jp",
  locale: "ja-JP",
  region: "JP",
  currency: "JPY",
  decimals: 0,
  taxRate: 0.1,
  delivery: { fee: 600, freeFrom: 8_000, days: [2, 3] },
  payments: ["card", "konbini", "paypay", "cash_on_delivery", "bank_transfer"],
  address: ["postcode", "region", "city", "street"],
  postcode: { pattern: /^\d{3}-?\d{4}$/, example: "150-0001" },
  inches: false,
  labels: ja,
  products: jaProducts,
  picture: "nori-noodle-bowl",
};

const brazil: Country = {
  code: "br",
  locale: "pt-BR",
  region: "BR",
  currency: "BRL",
  decimals: 2,
  taxRate: 0.18,
  delivery: { fee: 24_90, freeFrom: 299_00, days: [4, 8] },
  payments: ["pix", "card", "boleto", "paypal"],
  address: ["postcode", "street", "city", "region"],
  postcode: { pattern: /^\d{5}-?\d{3}$/, example: "01310-100" },
  inches: false,
  labels: pt,
  products: ptProducts,
  picture: "aro-pour-over",
};

const india: Country = {
  code: "in",
  locale: "en-IN",
  region: "IN",
  currency: "INR",
  decimals: 2,
  taxRate: 0.18,
  delivery: { fee: 99_00, freeFrom: 1_499_00, days: [3, 6] },
  payments: ["upi", "card", "netbanking", "cash_on_delivery"],
  address: ["street", "city", "region", "postcode"],
  postcode: { pattern: /^[1-9]\d{2} ?\d{3}$/, example: "560001" },
  inches: false,
  labels: enIn,
  products: enProducts,
  picture: "marl-rug",
};

/** In the order they are offered. */
export const COUNTRIES: readonly Country[] = [us, uk, germany, france, japan, brazil, india];

/** The country of a path segment, whatever its case; undefined for one we do not serve. */
export function findCountry(segment: string): Country | undefined {
  const code = segment.toLowerCase();
  return COUNTRIES.find((country) => country.code === code);
}

/** The country a visitor probably wants, by what the browser says of its languages. */
export function guessCountry(acceptLanguage: string | undefined): Country | undefined {
  // 20 are more than any browser sends; a header made of thousands is not worth reading.
  for (const part of (acceptLanguage ?? "").slice(0, 400).split(",", 20)) {
    const [language, ...rest] = part.split(";")[0].trim().toLowerCase().split("-");
    const region = rest.at(-1);
    const byRegion = COUNTRIES.find((country) => country.region.toLowerCase() === region);
    if (byRegion) return byRegion;
    const byLanguage = COUNTRIES.find(({ locale }) => locale.startsWith(`${language}-`));
    if (language && byLanguage) return byLanguage;
  }
  return undefined;
}
