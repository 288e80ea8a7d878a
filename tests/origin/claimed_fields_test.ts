import { assertEquals, assertThrows } from "@std/assert";
import { ConfigError } from "../../src/config.ts";
import { createFieldFilter } from "../../src/origin/claimed_fields.ts";

/** What some server, proxy, platform or framework believes, as its documentation spells it. */
const CLAIMED = `
  X-HTTP-Method-Override X-HTTP-Method X-Method-Override X-Method X-HTTP-Path-Override
  X-HTTP-DestinationURL X-HTTP-Host-Override X-Host X-Host-Override X-Backend-Host X-Original-URL
  X-Original-URI X-Original-Method X-Original-Host X-Original-Forwarded-For X-Rewrite-URL
  X-Rewrite-URI X-Request-URI X-Script-Name Script-Name Path-Info
  Remote-User Remote-Groups Remote-Email Remote-Addr X-Remote-User X-Remote-Group X-Remote-Extra-Scopes
  X-Remote-IP X-Remote-Addr X-Forwarded X-Forwarded-User X-Forwarded-Email X-Forwarded-Groups
  X-Forwarded-Access-Token X-Forwarded-Prefix X-Forwarded-Path X-Forwarded-SSL X-Forwarded-Server
  X-Forwarded-Scheme X-Forwarded-By X-Forwarded-Client-Cert X-Forwarded-Tls-Client-Cert X-Forward-For
  Forwarded Forwarded-For X-Real-IP X-Real-Port X-Client-IP X-Client-Cert X-Client-DN X-Client-Verify
  Client-IP Client-Cert Client-Cert-Chain True-Client-IP X-True-IP X-Cluster-Client-IP
  X-Originating-IP X-ProxyUser-Ip X-Proxy-User Proxy-Client-IP WL-Proxy-Client-IP WL-Proxy-SSL
  WL-Proxy-Client-Cert SSL-Client-Cert SSL-Client-S-DN SSL-Client-Verify X-SSL-Client-Cert
  X-SSL-Client-Verify X-SSL-Cipher Front-End-Https X-Scheme X-Url-Scheme
  X-Auth-Request-User X-Auth-Request-Email X-Auth-User X-WEBAUTH-USER X-Authenticated-User
  X-Authenticated-Userid X-authentik-username X-Consumer-ID X-Consumer-Username
  X-Credential-Identifier X-Anonymous-Consumer X-Userinfo X-Pomerium-Jwt-Assertion X-Vouch-User
  OIDC_CLAIM_sub OIDC_access_token Shib-Session-ID SM_USER SMUSER iv-user iv-groups GAP-Auth
  Tailscale-User-Login Tailscale-User-Name
  X-Accel-Redirect X-Accel-Mapping X-Accel-Internal X-Sendfile X-Sendfile-Type X-Middleware-Subrequest
  X-Middleware-Rewrite X-Middleware-Next X-Middleware-Set-Cookie X-Nextjs-Rewrite X-Invoke-Path
  X-Invoke-Status X-Invoke-Output X-Matched-Path X-Now-Route-Matches X-Vercel-IP-Country
  X-Vercel-Forwarded-For Surrogate-Capability Surrogate-Control
  CF-Connecting-IP CF-IPCountry CF-Ray Cf-Access-Jwt-Assertion Cf-Access-Authenticated-User-Email
  Fastly-Client-IP Fastly-SSL Akamai-Origin-Hop X-Akamai-Edgescape Ali-CDN-Real-IP CDN-Loop
  Fly-Client-IP DO-Connecting-IP Incap-Client-IP X-Sucuri-ClientIP X-NF-Client-Connection-IP
  X-Envoy-External-Address X-Envoy-Internal X-Envoy-Original-Path X-Amzn-Oidc-Data
  X-Amzn-Oidc-Identity X-Amzn-Mtls-Clientcert X-Azure-ClientIP X-Azure-SocketIP X-Azure-FDID
  X-MS-Client-Principal X-MS-Client-Principal-Name X-MS-Token-AAD-Access-Token X-ARR-ClientCert
  X-ARR-SSL X-ARR-LOG-ID X-AppService-Proto X-Appgw-Trace-Id X-WAWS-Unencoded-URL Disguised-Host
  X-Appengine-User-Email X-Appengine-Cron X-Goog-Authenticated-User-Email X-Goog-IAP-JWT-Assertion
  X-Deno-Client-Address X-Gatehouse-User Proxy
  Connection Keep-Alive Proxy-Authorization TE Trailer Transfer-Encoding Upgrade Content-Length Host
  Expect X-Request-Id X-Risk-Score Sec-WebSocket-Key
`.trim().split(/\s+/);

/** What browsers, their scripts and programs send in earnest. */
const PASSED = `
  Accept Accept-Encoding Accept-Language Authorization Cache-Control Content-Encoding Content-Type
  Cookie DNT Origin Pragma Prefer Range Referer User-Agent Via If-None-Match If-Modified-Since
  Sec-Fetch-Site Sec-CH-UA Sec-CH-UA-Platform Upgrade-Insecure-Requests Priority Save-Data Traceparent
  Tracestate Baggage X-B3-TraceId X-Cloud-Trace-Context X-Amzn-Trace-Id X-Correlation-Id
  X-Requested-With X-CSRF-Token X-CSRFToken X-XSRF-TOKEN X-Api-Key X-Auth-Token X-Access-Token
  X-User-Token X-User-Email X-Client-Version X-Client-Data X-Client-Info X-GitHub-Event
  X-Hub-Signature-256 Stripe-Signature Svix-Id Webhook-Id X-Amz-Date X-Amz-Content-Sha256 X-Ms-Version
  X-Ms-Blob-Type X-Goog-Meta-Name X-Goog-Resumable X-Upload-Content-Length Tus-Resumable Upload-Offset
  Depth Destination Overwrite Lock-Token Idempotency-Key Next-Action Next-Router-State-Tree RSC
  X-Nextjs-Data X-Middleware-Prefetch X-Inertia X-Livewire HX-Request Turbo-Frame X-SvelteKit-Invalidated
  X-WP-Nonce X-Jupyter X-Grafana-Org-Id X-Shopify-Topic Last-Event-ID Sslmode Formal Clientele
  Remoteness
`.trim().split(/\s+/);

Deno.test("a client's field that frameworks believe is dropped, in every spelling", () => {
  const isDropped = createFieldFilter([]);
  for (const name of CLAIMED.map((name) => name.toLowerCase())) {
    assertEquals(isDropped(name), true, name);
    assertEquals(isDropped(name), true, `${name}, once more`);
    assertEquals(isDropped(name.replaceAll("-", "_")), true, `${name} with _`);
    assertEquals(isDropped(name.replace("-", ".")), true, `${name} with .`);
  }
});

Deno.test("a client's field that says nothing of the kind passes", () => {
  const isDropped = createFieldFilter([]);
  for (const name of PASSED.map((name) => name.toLowerCase())) {
    assertEquals(isDropped(name), false, name);
    assertEquals(isDropped(name), false, `${name}, once more`);
  }
});

Deno.test("ORIGIN_FIELDS_KEEP lets one through, in that spelling alone", () => {
  const isDropped = createFieldFilter(["Remote-User", "X-HTTP-Method-Override", "X_Real_IP"]);
  const kept = ["remote-user", "x-http-method-override", "x_real_ip"];
  for (const name of kept) assertEquals(isDropped(name), false, name);
  for (
    const name of ["remote_user", "remote.user", "remote-groups", "x-real-ip", "x-http-method"]
  ) {
    assertEquals(isDropped(name), true, name);
  }
});

Deno.test("ORIGIN_FIELDS_KEEP cannot keep what the gate writes itself", () => {
  const ours = ["X-Forwarded-For", "x_forwarded_for", "Host", "X-Request-Id", "Connection", "TE"];
  for (const name of [...ours, "CDN-Loop", "Content-Length", "X-Risk-Score", "Transfer-Encoding"]) {
    assertThrows(() => createFieldFilter([name]), ConfigError, name.toLowerCase());
  }
});

Deno.test("a stranger who makes up names has them judged, and fills nothing", () => {
  const isDropped = createFieldFilter([]);
  for (let i = 0; i < 5_000; i++) {
    assertEquals(isDropped(`x-forwarded-${i}`), true);
    assertEquals(isDropped(`x-app-${i}`), false);
    if (i % 500 === 0) assertEquals(isDropped(`x-forwarded-${"x".repeat(60_000)}${i}`), true);
  }
});
