/**
 * What one check of the gate leaves for the next, and for the handler or the origin behind it.
 * It is handed to Hono as `c.env`, so no check has to parse the request a second time.
 */

/** Who is at the other end of the connection, as far as the configured proxies can be believed. */
export interface ClientAddress {
  /** Canonical text of the address: dotted IPv4, or compressed lower-case IPv6. */
  readonly ip: string;
  /** What the `ip` tier of a limit counts: the IPv4 address, or the /64 of an IPv6 address. */
  readonly subject: string;
  /** The /48 of an IPv6 address, counted at five times the quota; absent for IPv4. */
  readonly network?: string;
  /** The peer that spoke to us: the client itself, or a trusted proxy. */
  readonly peer: string;
  /** Whether `peer` is in `TRUSTED_PROXIES`, so that its forwarding headers were believed. */
  readonly viaTrustedProxy: boolean;
}

/** A user proved by a token that verified; never built from anything else. */
export interface VerifiedUser {
  /** `acc_…` for our accounts, `key_…` for our API keys; a site's id may be any text, even these. */
  readonly id: string;
  /** Unix time in milliseconds after which the proof no longer holds. */
  readonly expiresAt: number;
  /** One role for our accounts, none for API keys; those of a site grant nothing of ours. */
  readonly roles: readonly string[];
  /** Whose user: ours, or one of the site behind us. An id means nothing without it. */
  readonly realm: "gatehouse" | "site";
  /** The sign-in of ours this belongs to; it may end before the token does. */
  readonly sessionId?: string;
  /** The API key, and what it may do. */
  readonly keyId?: string;
  readonly scopes?: readonly string[];
  /** Whether the key may be used from this address; absent when from anywhere. */
  readonly mayComeFrom?: (ip: string) => boolean;
}

/** Names a user apart from one of another realm with the same id: for keys and counts. */
export function userKey({ realm, id }: VerifiedUser): string {
  return `${realm}:${id}`;
}

export interface GateContext {
  readonly requestId: string;
  /** The request's path, percent-decoded once, so that every check and router reads the same. */
  readonly path: string;
  readonly client: ClientAddress;
  /** The user, once a token verified; undefined for an anonymous request. */
  user?: VerifiedUser;
  /** How dangerous the request looks, 0 to 1; undefined where nobody looked. */
  risk?: number;
  /** Whether an allow list names the client, so that nobody looks for threats. */
  isAllowed?: boolean;
  /** `https` when the connection, or a trusted proxy's word, says so. */
  readonly scheme: "http" | "https";
  /** The host the client asked for: `Host`, or `X-Forwarded-Host` from a trusted proxy. */
  readonly host: string;
  /** The port and the path that a trusted proxy says it took off; absent where none says so. */
  readonly publicPort?: string;
  readonly publicPrefix?: string;
  /** Nonce of this answer's Content-Security-Policy; drawn when a page first asks for it. */
  readonly nonce: () => string;
  /** Where Hono's `getConnInfo` looks for the peer. */
  readonly remoteAddr: Deno.Addr;
}

/** The environment of every Hono app in this project. */
export interface GateEnv {
  Bindings: GateContext;
}
