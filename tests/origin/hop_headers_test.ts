import { assertEquals } from "@std/assert";
import type { GateContext, VerifiedUser } from "../../src/context.ts";
import { createFieldFilter } from "../../src/origin/claimed_fields.ts";
import { fieldsForOrigin, headersForClient } from "../../src/origin/hop_headers.ts";

const isDropped = createFieldFilter([]);

const gate: GateContext = {
  requestId: "r-1",
  path: "/",
  client: { ip: "203.0.113.9", subject: "203.0.113.9", peer: "10.0.0.1", viaTrustedProxy: true },
  scheme: "https",
  host: "shop.example",
  nonce: () => "",
  remoteAddr: { transport: "tcp", hostname: "10.0.0.1", port: 1 },
};

const OURS = {
  "cdn-loop": "gatehouse-a1",
  host: "origin.internal",
  "x-forwarded-for": "203.0.113.9",
  "x-forwarded-host": "shop.example",
  "x-forwarded-port": "443",
  "x-forwarded-proto": "https",
  "x-request-id": "r-1",
};

const isOwnProof = (authorization: string) => authorization.startsWith("Bearer gh_live_");

function sent(headers: Record<string, string>, user?: VerifiedUser): Record<string, string> {
  const own = {
    host: "origin.internal",
    cdnLoop: "gatehouse-a1",
    privateCookie: "__Host-gate",
    isOwnProof,
    isDropped,
  };
  return Object.fromEntries(fieldsForOrigin(new Headers(headers), { ...gate, user }, own));
}

Deno.test("fieldsForOrigin says who asked and passes the rest", () => {
  const kept = { accept: "*/*", authorization: "Bearer x", cookie: "a=1; b=2", "x-app": "1" };
  assertEquals(sent(kept), { ...kept, ...OURS });
});

Deno.test("fieldsForOrigin keeps the gate's own cookie and proofs from the origin", () => {
  assertEquals(sent({ cookie: "a=1; __Host-gate=secret; b=2" }), { cookie: "a=1; b=2", ...OURS });
  assertEquals(sent({ cookie: "__Host-gate=secret" }), OURS);
  assertEquals(sent({ authorization: "Bearer gh_live_abc" }), OURS);
  const user = { id: "acc_1", expiresAt: 0, roles: ["admin"], realm: "gatehouse" } as const;
  assertEquals(sent({ authorization: "Bearer token" }, user), OURS);
  const visitor = { ...user, realm: "site" } as const;
  const own = { authorization: "Bearer token" };
  assertEquals(sent(own, visitor), { ...own, ...OURS });
});

Deno.test("fieldsForOrigin names the public port, and the path that a trusted proxy took off", () => {
  const told = (context: Partial<GateContext>) => {
    const own = { host: "x", cdnLoop: "x", isDropped };
    const fields = new Map(fieldsForOrigin(new Headers(), { ...gate, ...context }, own));
    return [fields.get("x-forwarded-port"), fields.get("x-forwarded-prefix")];
  };
  assertEquals(told({}), ["443", undefined]);
  assertEquals(told({ scheme: "http" }), ["80", undefined]);
  assertEquals(told({ host: "shop.example:8443" }), ["8443", undefined]);
  assertEquals(told({ host: "[::1]" }), ["443", undefined]);
  assertEquals(told({ host: "[::1]:81" }), ["81", undefined]);
  assertEquals(told({ publicPort: "8443", publicPrefix: "/shop" }), ["8443", "/shop"]);
});

Deno.test("fieldsForOrigin turns the public origin into the one whose host the origin hears", () => {
  const seen = (origin: string, ownOrigin?: string) => {
    const own = { host: "x", cdnLoop: "x", ownOrigin, isDropped };
    return new Map(fieldsForOrigin(new Headers({ origin }), gate, own)).get("origin");
  };
  assertEquals(seen("https://shop.example"), "https://shop.example");
  assertEquals(seen("https://shop.example", "http://app.example"), "http://app.example");
  for (
    const other of ["null", "http://shop.example", "https://shop.example.evil.example", "https://e"]
  ) {
    assertEquals(seen(other, "http://app.example"), other);
  }
});

Deno.test("headersForClient keeps the origin from setting the gate's own cookie", () => {
  const fields = [["set-cookie", "a=1"], ["set-cookie", "__Host-gate=x; Path=/"]] as const;
  assertEquals(headersForClient(fields, "__Host-gate").getSetCookie(), ["a=1"]);
});

Deno.test("fieldsForOrigin drops what a client may not claim, in any spelling", () => {
  const claims = [
    "Forwarded",
    "X-Forwarded-For",
    "X-Forwarded-Prefix",
    "x_forwarded_for",
    "X-Real-IP",
    "X_Real_Ip",
    "True-Client-IP",
    "CF-Ray",
    "cf_connecting_ip",
    "X-Deno-Client-Address",
    "X-Risk-Score",
    "X-Gatehouse-Role",
    "X-Original-URL",
    "Proxy",
    "Host",
    "X-Request-Id",
    "CDN-Loop",
  ];
  assertEquals(sent(Object.fromEntries(claims.map((claim) => [claim, "evil"]))), OURS);
});

Deno.test("fieldsForOrigin drops what belongs to one connection", () => {
  const hop = {
    "keep-alive": "timeout=5",
    "proxy-authorization": "Basic x",
    "proxy-connection": "keep-alive",
    te: "trailers",
    trailer: "x",
    "transfer-encoding": "chunked",
    "content-length": "5",
    upgrade: "h2c",
    "http2-settings": "x",
    expect: "100-continue",
    "sec-websocket-key": "x",
    "x-named": "x",
    cookie: "a=1",
  };
  assertEquals(sent({ ...hop, connection: " X-Named ,upgrade, Cookie, x-forwarded-for" }), OURS);
  for (const connection of ["close", "Keep-Alive"]) {
    assertEquals(sent({ connection, "x-app": "1" })["x-app"], "1");
  }
});

Deno.test("headersForClient passes fields as often as they came", () => {
  const headers = headersForClient([
    ["set-cookie", "a=1, x"],
    ["set-cookie", "b=2"],
    ["link", "</a>"],
    ["link", "</b>"],
    ["etag", 'W/"x"'],
  ]);
  assertEquals(headers.getSetCookie(), ["a=1, x", "b=2"]);
  assertEquals([headers.get("link"), headers.get("etag")], ["</a>, </b>", 'W/"x"']);
});

Deno.test("headersForClient drops what belongs to the origin's connection or to our platform", () => {
  const headers = headersForClient([
    ["connection", "close, X-Secret"],
    ["x-secret", "1"],
    ["keep-alive", "timeout=5"],
    ["transfer-encoding", "chunked"],
    ["trailer", "x-sum"],
    ["upgrade", "h2"],
    ["alt-svc", 'h3=":443"'],
    ["deno-cdn-cache-control", "max-age=1"],
    ["cdn-cache-control", "max-age=1"],
    ["deno-cache-tag", "t"],
    ["deno-cache-id", "i"],
    ["x-request-id", "theirs"],
    ["content-type", "text/plain"],
  ]);
  assertEquals([...headers], [["content-type", "text/plain"]]);
});
