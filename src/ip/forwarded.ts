/**
 * Which scheme and host the client asked for. A trusted proxy may say so in X-Forwarded-Proto and
 * X-Forwarded-Host; of a list only the last member counts, as it alone is that proxy's own word.
 */
import type { ClientAddress } from "../context.ts";

export type Scheme = "http" | "https";

/** A name or address with an optional port, and nothing that could turn a URL another way. */
const HOST = /^(?:[a-z0-9_](?:[a-z0-9_.-]{0,252}[a-z0-9_.])?|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?$/;
const HOST_TEXT_MAX = 260;

/** `connection` is the scheme of the listener, which holds unless a trusted proxy says otherwise. */
export function forwardedScheme(
  client: ClientAddress,
  headers: Headers,
  connection: Scheme,
): Scheme {
  if (!client.viaTrustedProxy) return connection;
  const word = lastMember(headers.get("x-forwarded-proto"))?.toLowerCase();
  return word === "https" || word === "http" ? word : connection;
}

/**
 * Lower-case `host[:port]`; empty when the request named none, or something that is not a host.
 * HTTP/2 has no `Host`, so there the host is read from the URL of `request`.
 */
export function forwardedHost(
  client: ClientAddress,
  headers: Headers,
  request?: { readonly url: string },
): string {
  const word = client.viaTrustedProxy ? lastMember(headers.get("x-forwarded-host")) : undefined;
  return cleanHost(word) ||
    cleanHost(headers.get("host") ?? (request && new URL(request.url).host));
}

/** The public port, where a trusted proxy says it apart from the host. */
export function forwardedPort(client: ClientAddress, headers: Headers): string | undefined {
  const word = client.viaTrustedProxy ? lastMember(headers.get("x-forwarded-port")) : undefined;
  return word && /^[1-9]\d{0,4}$/.test(word) && Number(word) <= PORT_MAX ? word : undefined;
}

/** The path that a trusted proxy took off, below which the site lies for its visitors. */
export function forwardedPrefix(client: ClientAddress, headers: Headers): string | undefined {
  const word = client.viaTrustedProxy ? lastMember(headers.get("x-forwarded-prefix")) : undefined;
  return word && PREFIX.test(word) ? word : undefined;
}

const PORT_MAX = 65_535;
/** Without `//`, which would name another host in a link that an app builds from it. */
const PREFIX = /^(?:\/(?!\.{1,2}(?:\/|$))[\w.~-]{1,80}){1,8}$/;

function lastMember(list: string | null): string | undefined {
  return list?.slice(list.lastIndexOf(",") + 1).trim() || undefined;
}

function cleanHost(text: string | null | undefined): string {
  if (!text || text.length > HOST_TEXT_MAX) return "";
  const host = text.toLowerCase();
  return HOST.test(host) ? host : "";
}
