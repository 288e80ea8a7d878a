/** Sizes and weights as a country is used to them. */
import type { Country } from "./countries.ts";
import { numberFormat } from "./formats.ts";

const MM_PER_INCH = 25.4;
const GRAMS_PER_POUND = 453.59237;
const GRAMS_PER_OUNCE = GRAMS_PER_POUND / 16;

/** `29 × 41 cm`, or `11.4 × 16.1 in`. */
export function formatSize([width, height]: readonly [number, number], country: Country): string {
  const { inches, locale } = country;
  const format = numberFormat(locale, "size", { maximumFractionDigits: 1 });
  const number = (mm: number) => format.format(mm / (inches ? MM_PER_INCH : 10));
  return `${number(width)} × ${number(height)} ${inches ? "in" : "cm"}`;
}

/** `2.4 kg` and `340 g`, or `5.3 lb` and `12 oz`. */
export function formatWeight(grams: number, { inches, locale }: Country): string {
  const [unit, unitGrams] = inches ? imperial(grams) : metric(grams);
  const options = { style: "unit", unit, maximumFractionDigits: 1 } as const;
  return numberFormat(locale, unit, options).format(grams / unitGrams);
}

function metric(grams: number): [unit: string, unitGrams: number] {
  return grams < 1_000 ? ["gram", 1] : ["kilogram", 1_000];
}

function imperial(grams: number): [unit: string, unitGrams: number] {
  return grams < GRAMS_PER_POUND ? ["ounce", GRAMS_PER_OUNCE] : ["pound", GRAMS_PER_POUND];
}
