import { assert, assertEquals } from "@std/assert";
import { readPath } from "../../src/paths/request_path.ts";
import { createThreatEngine } from "../../src/threats/engine.ts";
import { createThreatRules } from "../../src/threats/path_rules.ts";
import { rawTarget } from "../../src/threats/request_head.ts";
import { engine, head, REFUSED, scoreTarget, signalsOf } from "./_requests.ts";

Deno.test("rawTarget() keeps the target as it was sent", () => {
  assertEquals(rawTarget("http://shop.example/a/../b?c=%2e"), "/a/../b?c=%2e");
  assertEquals(rawTarget("https://evil.example:8443//x"), "//x");
  assertEquals(rawTarget("http://shop.example"), "/");
});

Deno.test("the paths of this product and its shop are clean", () => {
  const targets = [
    "/",
    "/us/products?page=2&sort=price",
    "/de/search?q=lampe",
    "/us/cart",
    "/healthz",
    "/metrics",
    "/admin/",
    "/api/v1/security/threats/?limit=50",
    "/api/v1/monitoring/security/",
    "/api/v1/auth/login",
    "/robots.txt",
    "/api/v1/onboarding/analytics/funnel/?from=2025-01-01T00:00:00Z",
    "/assets/shop.3f2c1.css",
    "/.well-known/security.txt",
  ];
  for (const target of targets) assertEquals(scoreTarget(target).findings, [], target);
});

Deno.test("scoreHead() gives every clean request the same empty score", () => {
  assertEquals(scoreTarget("/a") === scoreTarget("/b"), true);
});

Deno.test("scoreHead() marks absent headers, and refuses nobody for them", () => {
  const bare = engine.scoreHead({ method: "GET", target: "/", headers: new Headers() });
  assertEquals(bare.findings.map(({ signal }) => signal), [
    "headers/no_user_agent",
    "headers/no_accept",
  ]);
  assert(bare.payload < 0.25);
});

Deno.test("scoreHead() reads every place of a head, and names the field", () => {
  const attack = "<script>alert(1)</script>";
  const encoded = encodeURIComponent(attack);
  const places:
    readonly (readonly [field: string, target: string, headers?: Record<string, string>])[] = [
      ["path", `/a/${encoded}`],
      ["path (base64)", `/a/${btoa(attack)}`],
      ["query.q", `/?a=1&q=${encoded}`],
      ["query", `/?${encoded}`],
      ["query.q (base64)", `/?q=${encodeURIComponent(btoa(attack))}`],
      ["query.q.b", `/?q=${encodeURIComponent(JSON.stringify({ b: attack }))}`],
      ["cookie.c", "/", { cookie: `a=b; c=${encoded}` }],
      ["header.referer.q", "/", { referer: `https://a.example/x?q=${encoded}` }],
      ["header.referer", "/", { referer: attack }],
      ["header.user-agent", "/", { "user-agent": attack }],
      ["header.x-api-version", "/", { "x-api-version": attack }],
      ["header.x-filename", "/", { "x-filename": attack }],
      ["header.accept-language", "/", { "accept-language": attack }],
    ];
  for (const [field, target, headers] of places) {
    const { payload, findings } = scoreTarget(target, headers);
    assert(payload > REFUSED, field);
    assertEquals(findings[0].field, field);
  }
});

Deno.test("scoreHead() reads repeated parameters together", () => {
  const score = scoreTarget("/?id=1%20union/*&id=*/select%201,2");
  assert(score.payload > REFUSED);
  assert(signalsOf(score).includes("sql_grammar"));
});

Deno.test("scoreHead() reads what is left when there are more parameters than it counts", () => {
  assert(scoreTarget(`/?${"a=1&".repeat(1_000)}q=%3Cscript%3E`).payload > REFUSED);
});

Deno.test("scoreHead() does not take for clean what an exemption kept it from reading", () => {
  const { exempt } = createThreatRules(
    [{ method: "*", path: "/*", mode: "enforce", exempt: ["header.user-agent", "url.path"] }],
    "enforce",
  ).match(["GET"], readPath("/x")!);
  const attack = "<script>alert(1)</script>";
  const requests = {
    "header.user-agent": head("/", { "user-agent": attack }),
    "path": head(`/a/${encodeURIComponent(attack)}`),
  };
  const engine = createThreatEngine();
  for (const [field, request] of Object.entries(requests)) {
    assertEquals(engine.scoreHead(request, exempt).findings, [], field);
    assert(engine.scoreHead(request).payload > REFUSED, field);
  }
});

Deno.test("scoreHead() scores a request the second time as it did the first", () => {
  const engine = createThreatEngine();
  const targets = ["/us/products", "/a%20b?id=1%20union/*&id=*/select%201,2", "/a/..%2f..%2fetc"];
  for (const target of targets) {
    const request = head(target, { "user-agent": "Mozilla/5.0 %41 (X11)" });
    assertEquals(engine.scoreHead(request), engine.scoreHead(request), target);
  }
});

const CLIMBING_HEADERS = [
  "if-none-match",
  "if-match",
  "if-range",
  "x-csrf-token",
  "x-xsrf-token",
  "traceparent",
  "sec-fetch-site",
  "sec-ch-ua-model",
  "stripe-signature",
  "sec-websocket-protocol",
];

for (const name of CLIMBING_HEADERS) {
  Deno.test(`a way up through folders is found in ${name}, whatever its grammar lets in`, () => {
    const { payload } = engine.scoreHead(head("/", { [name]: "../../../../etc/passwd" }));
    assert(payload > REFUSED, `${payload}`);
    const honest = engine.scoreHead(head("/", { [name]: "5f-ab/c..d" }));
    assert(honest.payload < 0.3, `${honest.payload}`);
  });
}
