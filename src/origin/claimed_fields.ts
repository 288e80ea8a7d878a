/**
 * Which fields of a request are not a client's to send: those of one connection, those we write
 * ourselves, and those by which proxies, platforms and servers tell the app behind them who or where
 * somebody is, or what was asked. Frameworks believe these; dropped by family, as each grows.
 */
import { ConfigError } from "../config.ts";
import { createRecent } from "../resilience/recent.ts";

/** Fields of one connection (RFC 9110, 7.6.1), and of our own server's framing. */
export const HOP: readonly string[] = [
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

/** Never kept, whatever the operator says: a second one would contradict ours. */
const OURS: ReadonlySet<string> = new Set([
  ...HOP,
  "cdn-loop",
  "content-length",
  // Our server has said 100 Continue already.
  "expect",
  "host",
  // The origin is shaken hands with by us, in our own words.
  "sec-websocket-extensions",
  "sec-websocket-key",
  "sec-websocket-protocol",
  "sec-websocket-version",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-port",
  "x-forwarded-prefix",
  "x-forwarded-proto",
  "x-request-id",
  "x-risk-score",
]);

/** Names, and families where a name ends in `-`, by what they claim. */
const CLAIMS = [
  // Where the request comes from, how, and by which way.
  `
    cdn- client-cert client-cert- client-ip forwarded forwarded- front-end-https remote-
    ssl- true-client- x-cdn- x-client-addr x-client-address x-client-cert x-client-cert-
    x-client-dn x-client-host x-client-ip x-client-issuer- x-client-port x-client-proto
    x-client-scheme x-client-ssl- x-client-subject- x-client-verify x-cluster-client-
    x-forward- x-forwarded x-forwarded- x-forwarder- x-https x-originating- x-real-
    x-remote- x-scheme x-ssl- x-true- x-url-scheme
  `,
  // Another method, path or host than the one that was judged.
  `
    path-info request-uri script-name x-backend-host x-host x-host- x-http-destinationurl
    x-http-host x-http-host- x-http-method x-http-method- x-http-path- x-method x-method-
    x-original- x-request-uri x-rewrite- x-script-name x-server-name
  `,
  // Of the server an app stands behind, or of the framework itself, one part to another.
  `
    surrogate- x-accel- x-invoke- x-lighttpd- x-matched-path x-middleware- x-nextjs- x-now-
    x-reproxy- x-sendfile x-sendfile-
  `,
  // Who somebody is, as servers and sign-in proxies in front of apps say it.
  `
    auth-user cas-user gap-auth iv- oidc- proxy-client- proxy-remote- proxy-user shib-
    sm-user smuser tailscale- wl-proxy- x-anonymous-consumer x-auth-request- x-auth-user
    x-authenticated- x-authentik- x-consumer- x-credential- x-ldap- x-pomerium- x-proxy-
    x-proxyuser- x-saml- x-userinfo x-vouch- x-webauth-
  `,
  // What platforms and networks say to what runs on them.
  `
    akamai- ali-cdn- cf- disguised-host do-connecting- fastly- fly- incap-
    was-default-hostname x-akamai- x-amzn- x-appengine- x-appgw- x-appservice- x-arr-
    x-azure- x-deno- x-envoy- x-goog-authenticated- x-goog-iap- x-ms-client- x-ms-original-
    x-ms-token- x-nf- x-sucuri- x-vercel- x-waws-
  `,
  // CGI origins read the first as the proxy to use (httpoxy); the other is ours.
  "proxy x-gatehouse-",
].flatMap((names) => names.trim().split(/\s+/));

const CLAIMED: ReadonlySet<string> = new Set(CLAIMS);
const FAMILIES = CLAIMS.filter((name) => name.endsWith("-"));

/** Sent by Next.js in the browser, and a number for tracing: without them something is missing. */
const HARMLESS: ReadonlySet<string> = new Set([
  "x-amzn-trace-id",
  "x-middleware-prefetch",
  "x-nextjs-data",
]);

/** Decisions kept, of names as long as names are. */
const NAMES_MAX = 1_000;
const NAME_MAX = 64;

/**
 * Tells for the name of a field, in lower case, whether it goes no further. Asked for each field of
 * each request, so what was decided once is looked up.
 *
 * @param keep Names that pass after all (`ORIGIN_FIELDS_KEEP`). Throws `ConfigError` for ours.
 */
export function createFieldFilter(keep: readonly string[]): (name: string) => boolean {
  const kept = new Set(keep.map((name) => name.toLowerCase()));
  for (const name of kept) {
    if (OURS.has(plainOf(name))) {
      throw new ConfigError(`ORIGIN_FIELDS_KEEP cannot hold ${name}, which is written by the gate`);
    }
  }
  const known = createRecent<boolean>(NAMES_MAX);

  return (name) => {
    const seen = known.get(name);
    if (seen !== undefined) return seen;
    const isDropped = !kept.has(name) && isClaim(name);
    if (name.length <= NAME_MAX) known.set(name, isDropped);
    return isDropped;
  };
}

function isClaim(name: string): boolean {
  const plain = plainOf(name);
  if (OURS.has(plain) || CLAIMED.has(plain)) return true;
  return FAMILIES.some((start) => plain.startsWith(start)) && !HARMLESS.has(name);
}

/** CGI and its heirs read `_`, and some every sign, as `-`: `X_Forwarded_For` is the same claim. */
const plainOf = (name: string) => name.replace(/[^a-z0-9]/g, "-");
