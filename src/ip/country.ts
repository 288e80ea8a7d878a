/**
 * Which country a request comes from, and what the operator wants done about it. A platform's header
 * is believed only from a trusted proxy. There is no opinion on any country in here.
 */
import type { ClientAddress } from "../context.ts";

export interface CountryOptions {
  /** The database, and where it knows nothing a provider's word. */
  readonly sources: readonly ((client: ClientAddress) => string | undefined)[];
}

export type CountryOf = (client: ClientAddress, headers: Headers) => string | undefined;

const PROXY_HEADERS = ["cf-ipcountry", "x-vercel-ip-country"];
/** Not what Cloudflare says of Tor (`T1`) and of addresses it cannot place (`XX`). */
const COUNTRY = /^(?!XX)[A-Z]{2}$/;

export function createCountryOf({ sources }: CountryOptions): CountryOf {
  return (client, headers) => {
    if (client.viaTrustedProxy) {
      for (const name of PROXY_HEADERS) {
        const country = headers.get(name)?.toUpperCase();
        if (country && COUNTRY.test(country)) return country;
      }
    }
    for (const source of sources) {
      const country = source(client);
      if (country !== undefined) return country;
    }
    return undefined;
  };
}

export interface CountryRules {
  isDenied(country: string | undefined): boolean;
  /** To be added to an address's behaviour: 0 to 0.1. */
  riskOf(country: string | undefined): number;
}

const RISK_MAX = 0.1;

/** @param denied `COUNTRY_DENY` @param risks `COUNTRY_RISK`, 0 to 1 by country */
export function createCountryRules(
  denied: readonly string[],
  risks: Readonly<Record<string, number>>,
): CountryRules {
  const refused = new Set(denied);
  const weights = new Map(Object.entries(risks));
  return {
    isDenied: (country) => country !== undefined && refused.has(country),
    riskOf: (country) => country === undefined ? 0 : RISK_MAX * (weights.get(country) ?? 0),
  };
}
