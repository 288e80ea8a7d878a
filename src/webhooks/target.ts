/**
 * Reads the URL of a receiver and finds the one address to connect to. The name is resolved here and
 * nowhere later, so that what was checked is what is called, however often its answer changes.
 */
import { AppError } from "../errors/app_error.ts";

export interface TargetOptions {
  /** Addresses of a host name. */
  readonly resolve: (host: string) => Promise<readonly string[]>;
  readonly isAllowed: (ip: string) => boolean;
  /** Plain HTTP and any port as well. */
  readonly allowPrivate: boolean;
}

export interface WebhookTarget {
  readonly url: URL;
  /** Checked, and the only one to connect to. */
  readonly address: string;
}

const URL_MAX = 2_000;
/** Empty is the scheme's own. */
const PORTS: readonly string[] = ["", "443", "8443"];

/** @throws AppError WEBHOOK_URL_REFUSED, or what `resolve` throws. */
export async function findTarget(text: string, options: TargetOptions): Promise<WebhookTarget> {
  const url = readUrl(text, options);
  const host = hostOf(url);
  const addresses = isAddress(host) ? [host] : await options.resolve(host);
  // One bad address among good ones is how a name is made to pass and then to lead inside. All are
  // looked at, for one of all is connected to; an answer of DNS holds some thousands at most.
  if (addresses.length === 0 || !addresses.every((ip) => options.isAllowed(ip))) {
    throw refusal("Its address is not a public one.");
  }
  return { url, address: addresses.find(isIpv4) ?? addresses[0] };
}

/** The host as one connects to it: IPv6 without brackets. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, "");
}

/** Whether it is an address rather than a name. A parsed URL has no other spelling of IPv4. */
export const isAddress = (host: string) => isIpv4(host) || host.includes(":");

const isIpv4 = (host: string) => /^\d+(\.\d+){3}$/.test(host);

function readUrl(text: string, { allowPrivate }: TargetOptions): URL {
  const url = text.length <= URL_MAX && URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) throw refusal("It must be an https URL.");
  if (url.username || url.password) throw refusal("It must not hold credentials.");
  if (allowPrivate) return url;
  if (url.protocol !== "https:") throw refusal("It must be an https URL.");
  if (!PORTS.includes(url.port)) throw refusal("Its port must be 443 or 8443.");
  return url;
}

const refusal = (detail: string) => new AppError("WEBHOOK_URL_REFUSED", { detail });
