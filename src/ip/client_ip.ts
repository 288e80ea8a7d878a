/**
 * Who the client is, as an address. The connection says it; a forwarding header is believed only
 * from a peer in TRUSTED_PROXIES, and then only as far as trusted hops go. Everything else that a
 * client can write (`Forwarded`, `X-Real-IP`, `True-Client-IP`, ...) is never read.
 */
import { ConfigError } from "../config.ts";
import type { ClientAddress } from "../context.ts";
import {
  type Address,
  type Cidr,
  cidrContains,
  parseAddress,
  parseCidr,
  prefixText,
} from "./cidr.ts";
import { CLOUDFLARE_RANGES, PSEUDO_IPV4 } from "./cloudflare.ts";
import { createRecent } from "../resilience/recent.ts";

export interface ClientAddressOptions {
  /** CIDRs, single addresses, or the name `cloudflare`. */
  readonly trustedProxies: readonly string[];
  /** Answers kept of each kind (by peer, by header). */
  readonly cacheMax?: number;
}

export interface ClientAddressResolver {
  /** Never throws, whatever the headers hold; they are not touched for a peer that isn't trusted. */
  resolve(remoteAddr: Deno.Addr, headers: Headers): ClientAddress;
}

/** What a peer's address says about how far to believe it. */
type Trust = "none" | "proxy" | "cloudflare";

interface Peer {
  readonly client: ClientAddress;
  readonly address: Address;
  readonly trust: Trust;
}

const CACHE_MAX = 10_000;
/** A header longer than this is read anew each time rather than kept. */
const CACHED_HEADER_MAX = 256;
/** Trusted hops skipped in one X-Forwarded-For; real chains have two or three. */
const HOPS_MAX = 32;

/** The address of a connection that has none: a Unix socket, so a process on this machine. */
const LOCAL = "127.0.0.1";

/** Throws `ConfigError` naming TRUSTED_PROXIES when one of them is not a range. */
export function createClientAddress(
  { trustedProxies, cacheMax = CACHE_MAX }: ClientAddressOptions,
): ClientAddressResolver {
  const trustOf = createTrust(trustedProxies);
  const peers = createRecent<Peer>(cacheMax);
  const forwarded = createRecent<ClientAddress>(cacheMax);

  const readPeer = (hostname: string): Peer => {
    const address = parseAddress(hostname) ?? parseAddress(LOCAL)!;
    const trust = trustOf(address);
    const client = describe(address, address.text, trust !== "none");
    const peer = { client, address, trust };
    peers.set(hostname, peer);
    return peer;
  };

  const readForwarded = (peer: Peer, header: string): ClientAddress => {
    const key = header.length <= CACHED_HEADER_MAX ? `${peer.client.ip} ${header}` : undefined;
    const known = key && forwarded.get(key);
    if (known) return known;
    const address = peer.trust === "cloudflare"
      ? parseAddress(header.trim()) ?? peer.address
      : lastUntrustedHop(header, peer.address, trustOf);
    const client = describe(address, peer.client.ip, true);
    if (key) forwarded.set(key, client);
    return client;
  };

  return {
    resolve(remoteAddr, headers) {
      const hostname = "hostname" in remoteAddr ? remoteAddr.hostname : LOCAL;
      const peer = peers.get(hostname) ?? readPeer(hostname);
      if (peer.trust === "none") return peer.client;
      const header = peer.trust === "cloudflare"
        ? cloudflareClient(headers)
        : headers.get("x-forwarded-for");
      return header ? readForwarded(peer, header) : peer.client;
    },
  };
}

function createTrust(trustedProxies: readonly string[]): (address: Address) => Trust {
  const named = trustedProxies.filter((entry) => entry.toLowerCase() !== "cloudflare");
  const proxies = readRanges(named);
  const cloudflare = named.length < trustedProxies.length ? readRanges(CLOUDFLARE_RANGES) : [];
  return (address) => {
    const holds = (cidr: Cidr) => cidrContains(cidr, address);
    return cloudflare.some(holds) ? "cloudflare" : proxies.some(holds) ? "proxy" : "none";
  };
}

function readRanges(texts: readonly string[]): Cidr[] {
  const ranges: Cidr[] = [];
  const problems: string[] = [];
  for (const text of texts) {
    const cidr = parseCidr(text);
    if (typeof cidr === "string") problems.push(`"${text}", because ${cidr}`);
    else ranges.push(cidr);
  }
  if (problems.length === 0) return ranges;
  throw new ConfigError(`TRUSTED_PROXIES cannot hold ${problems.join("; nor ")}`);
}

/** Right to left, since only what a trusted hop appended is known to be true. */
function lastUntrustedHop(
  header: string,
  peer: Address,
  trustOf: (address: Address) => Trust,
): Address {
  let client = peer;
  let end = header.length;
  for (let hop = 0; hop < HOPS_MAX && end >= 0; hop++) {
    const comma = end === 0 ? -1 : header.lastIndexOf(",", end - 1);
    const address = parseHop(header.slice(comma + 1, end));
    // What stands left of a word that is no address could have been written by anyone.
    if (!address) return client;
    client = address;
    if (trustOf(address) === "none") return client;
    end = comma;
  }
  return client;
}

/** An address as proxies write it: with a port, in brackets, between spaces. */
function parseHop(text: string): Address | undefined {
  const hop = text.trim();
  const [, inBrackets, beforePort] =
    /^(?:\[([^\]]*)\](?::\d{1,5})?|(\d[\d.]*):\d{1,5})$/.exec(hop) ?? [];
  return parseAddress(inBrackets ?? beforePort ?? hop);
}

function cloudflareClient(headers: Headers): string | null {
  const named = headers.get("cf-connecting-ip");
  if (named === null || !PSEUDO_IPV4.test(named)) return named;
  return headers.get("cf-connecting-ipv6") ?? named;
}

function describe(address: Address, peer: string, viaTrustedProxy: boolean): ClientAddress {
  const ip = address.text;
  if (address.kind === "ipv4") return { ip, subject: ip, peer, viaTrustedProxy };
  return {
    ip,
    subject: prefixText(address, 64),
    network: prefixText(address, 48),
    peer,
    viaTrustedProxy,
  };
}
