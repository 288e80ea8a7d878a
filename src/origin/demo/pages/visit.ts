/** What every page knows of the request it answers. */
import type { Country } from "../countries.ts";
import { formatMoney } from "../money.ts";

export interface Visit {
  readonly country: Country;
  /** Path and query of this page, which the links to other countries keep. */
  readonly address: string;
  /** Things in the visitor's cart; shown beside its link. */
  readonly cartCount: number;
  /** Nonce of this answer's Content-Security-Policy. */
  readonly nonce: string;
  /** Unix time in milliseconds. */
  readonly nowMs: number;
}

/** The address of a page of the country. */
export function hrefOf({ code }: Country, path = "products"): string {
  return `/${code}/${path}`;
}

/** The same page in another country. */
export function inCountry({ address }: Visit, country: Country): string {
  return address.replace(/^\/[^/?]*/, `/${country.code}`);
}

/** Money as the visit's country writes it. */
export function show({ country }: Visit, amount: number, style?: "short" | "exact"): string {
  return formatMoney(amount, country, style);
}
