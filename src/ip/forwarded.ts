/**
 * What a trusted proxy says of the address that the client asked for, in X-Forwarded-Proto, -Port
 * and -Prefix. Of a list only the last member counts, as it alone is that proxy's own word.
 */
import type { ClientAddress } from "../context.ts";

export type Scheme = "http" | "https";

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

export function lastMember(list: string | null): string | undefined {
  return list?.slice(list.lastIndexOf(",") + 1).trim() || undefined;
}
