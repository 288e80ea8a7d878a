/** The shop's words in a country's language, with numbers and names filled in. */
import type { Label } from "../../../fixtures/shop/labels/en.ts";
import type { Country } from "./countries.ts";
import { numberFormat, pluralRules, regionNames } from "./formats.ts";

export type Values = Readonly<Record<string, string | number>>;

/** A label that exists for one and for many. */
export type CountedLabel = {
  [Name in Label]: Name extends `${infer Stem}_one` ? Stem : never;
}[Label];

/** The label in the country's language; `{name}` is replaced by `values.name`. */
export function say({ labels }: Country, label: Label, values?: Values): string {
  return values ? fill(labels[label], values) : labels[label];
}

/** The label that suits the number, with `{count}` written as the country writes numbers. */
export function sayCount(country: Country, label: CountedLabel, count: number): string {
  const { locale, labels } = country;
  // Portuguese and French have a form for millions as well, which a shop does not reach.
  const form = pluralRules(locale).select(count) === "one" ? "one" : "other";
  return fill(labels[`${label}_${form}`], { count: formatNumber(count, country) });
}

function fill(text: string, values: Values): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

export function formatNumber(value: number, { locale }: Country): string {
  return numberFormat(locale, "plain").format(value);
}

/** A region's name in the country's language, such as the one a product was made in. */
export function sayRegion({ locale }: Country, region: string): string {
  return regionNames(locale).of(region) ?? region;
}
