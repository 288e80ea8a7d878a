/** Money: whole minor units with their currency, and how a country writes them. */
import type { Country } from "./countries.ts";
import { numberFormat } from "./formats.ts";

/** What JSON answers carry. `formatted` is for showing only. */
export interface Money {
  /** Minor units: cents, pence, paise; yen are whole. */
  readonly amount: number;
  readonly currency: string;
  readonly formatted: string;
}

/**
 * Money as the country writes it. `currency` and `decimals` are another country's where an order
 * was made there.
 *
 * @param style `short` leaves out zero decimals, for a price that stands alone; `exact` keeps them,
 * so that sums line up.
 */
export function formatMoney(
  amount: number,
  country: Country,
  style: "short" | "exact" = "short",
  { currency, decimals }: Pick<Country, "currency" | "decimals"> = country,
): string {
  return numberFormat(country.locale, `${currency} ${style}`, {
    style: "currency",
    currency,
    trailingZeroDisplay: style === "short" ? "stripIfInteger" : "auto",
  }).format(amount / 10 ** decimals);
}

export function toMoney(
  amount: number,
  country: Country,
  currency: Pick<Country, "currency" | "decimals"> = country,
): Money {
  return {
    amount,
    currency: currency.currency,
    formatted: formatMoney(amount, country, "exact", currency),
  };
}

/** The tax contained in an amount, rounded to a minor unit. */
export function containedTax(amount: number, taxRate: number): number {
  return Math.round(amount - amount / (1 + taxRate));
}

export function formatPercent(rate: number, { locale }: Country): string {
  return numberFormat(locale, "percent", { style: "percent" }).format(rate);
}
