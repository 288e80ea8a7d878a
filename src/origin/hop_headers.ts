/**
 * Which header fields cross the gate. Towards the origin: not what belongs to one connection, and
 * nothing by which a client could pretend to be someone, or somewhere, else. Towards the client:
 * not what belongs to one connection, nor what would speak to the platform's cache in our name.
 */
import type { GateContext } from "../context.ts";
import { HOP } from "./claimed_fields.ts";
import { setsCookie, withoutCookie } from "./private_cookie.ts";

export type Field = readonly [name: string, value: string];

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

/** Names a `Connection` field lists, lower case; empty for the usual `keep-alive` and `close`. */
function namedIn(connection: string | null | undefined): ReadonlySet<string> {
  if (!connection || /^(?:keep-alive|close)$/i.test(connection)) return NONE;
  return new Set(connection.toLowerCase().split(",").map((name) => name.trim()));
}

const NONE: ReadonlySet<string> = new Set();

export interface OwnFields {
  /** Host that the origin is asked for. */
  readonly host: string;
  /** What the origin hears in place of the public origin (`https://shop.example`); absent = that. */
  readonly ownOrigin?: string;
  readonly cdnLoop: string;
  /** Name of a cookie of the gate itself, which the origin neither sees nor sets. */
  readonly privateCookie?: string;
  /** Whether an `Authorization` field holds a proof for the gate, by its form alone. */
  readonly isOwnProof?: (authorization: string) => boolean;
  /** Whether a client's field of this name goes no further. */
  readonly isDropped: (name: string) => boolean;
}

/** The fields of the origin's request: the client's, cleaned, and ours behind them. */
export function fieldsForOrigin(received: Headers, gate: GateContext, own: OwnFields): Field[] {
  const named = namedIn(received.get("connection"));
  const fields: Field[] = [["host", own.host]];
  for (const [name, value] of received) {
    if (own.isDropped(name) || named.has(name)) continue;
    if (name === "authorization" && isOurs(value, gate, own)) continue;
    let kept = value;
    if (name === "cookie") kept = withoutCookie(value, own.privateCookie);
    else if (name === "origin" && own.ownOrigin) kept = originSeen(value, gate, own.ownOrigin);
    if (kept !== "") fields.push([name, kept]);
  }
  const { scheme, host, publicPort, publicPrefix } = gate;
  fields.push(
    ["x-forwarded-for", gate.client.ip],
    ["x-forwarded-proto", scheme],
    ["x-forwarded-host", host],
    ["x-forwarded-port", publicPort ?? portOf(host, scheme)],
    ["x-request-id", gate.requestId],
    ["cdn-loop", own.cdnLoop],
  );
  if (publicPrefix !== undefined) fields.push(["x-forwarded-prefix", publicPrefix]);
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

/** An origin that hears another host than the browser's must take the site's own pages for its. */
function originSeen(value: string, { scheme, host }: GateContext, ownOrigin: string): string {
  return value === `${scheme}://${host}` ? ownOrigin : value;
}

function portOf(host: string, scheme: GateContext["scheme"]): string {
  // What follows the last colon of an IPv6 address without a port ends with a bracket.
  const port = host.slice(host.lastIndexOf(":") + 1);
  return /^\d{1,5}$/.test(port) && port !== host ? port : scheme === "https" ? "443" : "80";
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
