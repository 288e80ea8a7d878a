/**
 * Which header fields cross the gate. Towards the origin: not what belongs to one connection, and
 * nothing by which a client could pretend to be someone, or somewhere, else. Towards the client:
 * not what belongs to one connection, nor what would speak to the platform's cache in our name.
 */
import type { GateContext } from "../context.ts";
import { setsCookie, withoutCookie } from "./private_cookie.ts";

export type Field = readonly [name: string, value: string];

/** Fields of one connection (RFC 9110, 7.6.1), and of our own server's framing. */
const HOP = [
  "connection",
  "http2-settings",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authentication-info",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];

const CLAIMS = new Set([
  ...HOP,
  // Written anew below, or by the body's framing.
  "cdn-loop",
  "content-length",
  "host",
  "x-request-id",
  // The origin is shaken hands with by us, in our own words.
  "sec-websocket-extensions",
  "sec-websocket-key",
  "sec-websocket-protocol",
  "sec-websocket-version",
  // Our server has said 100 Continue already.
  "expect",
  // Addresses that some framework or other believes.
  "client-ip",
  "fastly-client-ip",
  "forwarded",
  "true-client-ip",
  "x-client-ip",
  "x-cluster-client-ip",
  "x-deno-client-address",
  "x-original-forwarded-for",
  "x-real-ip",
  // Another path than the one the gate judged, for frameworks that obey these.
  "x-original-url",
  "x-rewrite-url",
  // CGI origins read it as the proxy to use (httpoxy).
  "proxy",
  // Said by us, where a score was made.
  "x-risk-score",
]);

const CLAIM_FAMILIES = /^(?:cf-|x-forwarded-|x-gatehouse-)/;

const ANSWER_DROPPED = new Set([
  ...HOP,
  "alt-svc",
  "cdn-cache-control",
  "deno-cache-id",
  "deno-cache-tag",
  "deno-cdn-cache-control",
  // The gate says these of itself, and two of a kind would say nothing.
  "ratelimit",
  "ratelimit-policy",
  "x-ratelimit-limit",
  "x-ratelimit-remaining",
  "x-ratelimit-reset",
  "x-request-id",
]);

const isClaim = (name: string) => CLAIMS.has(name) || CLAIM_FAMILIES.test(name);

/** Names a `Connection` field lists, lower case; empty for the usual `keep-alive` and `close`. */
function namedIn(connection: string | null | undefined): ReadonlySet<string> {
  if (!connection || /^(?:keep-alive|close)$/i.test(connection)) return NONE;
  return new Set(connection.toLowerCase().split(",").map((name) => name.trim()));
}

const NONE: ReadonlySet<string> = new Set();

export interface OwnFields {
  /** Host of the origin. */
  readonly host: string;
  readonly cdnLoop: string;
  /** Name of a cookie of the gate itself, which the origin neither sees nor sets. */
  readonly privateCookie?: string;
  /** Whether an `Authorization` field holds a proof for the gate, by its form alone. */
  readonly isOwnProof?: (authorization: string) => boolean;
}

/** The fields of the origin's request: the client's, cleaned, and ours behind them. */
export function fieldsForOrigin(received: Headers, gate: GateContext, own: OwnFields): Field[] {
  const named = namedIn(received.get("connection"));
  const fields: Field[] = [["host", own.host]];
  for (const [name, value] of received) {
    // CGI and its heirs read `_` and `-` as one, so `X_Forwarded_For` is the same claim.
    const plain = name.includes("_") ? name.replaceAll("_", "-") : name;
    if (isClaim(plain) || named.has(name)) continue;
    if (name === "authorization" && isOurs(value, gate, own)) continue;
    const kept = name === "cookie" ? withoutCookie(value, own.privateCookie) : value;
    if (kept !== "") fields.push([name, kept]);
  }
  fields.push(
    ["x-forwarded-for", gate.client.ip],
    ["x-forwarded-proto", gate.scheme],
    ["x-forwarded-host", gate.host],
    ["x-request-id", gate.requestId],
    ["cdn-loop", own.cdnLoop],
  );
  if (gate.risk !== undefined) fields.push(["x-risk-score", gate.risk.toFixed(3)]);
  return fields;
}

/** A proof of ours opens the gate's own endpoints: the site behind it has no use for one. */
function isOurs(
  authorization: string,
  { user }: GateContext,
  { isOwnProof }: OwnFields,
): boolean {
  // Its form is looked at only where nobody could say whose it is.
  return user ? user.realm === "gatehouse" : isOwnProof?.(authorization) ?? false;
}

/**
 * The headers of the client's answer. May be changed by whoever gets them.
 * @param fields As the origin sent them, names in lower case.
 * @param privateCookie Name of a cookie that the origin may not set.
 */
export function headersForClient(fields: readonly Field[], privateCookie?: string): Headers {
  const named = namedIn(fields.find(([name]) => name === "connection")?.[1]);
  const headers = new Headers();
  for (const [name, value] of fields) {
    if (ANSWER_DROPPED.has(name) || named.has(name)) continue;
    if (name === "set-cookie" && setsCookie(value, privateCookie)) continue;
    headers.append(name, value);
  }
  return headers;
}
