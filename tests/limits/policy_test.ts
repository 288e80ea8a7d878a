import { assertEquals } from "@std/assert";
import { parseConfig } from "../../src/config.ts";
import { createPolicies } from "../../src/limits/policy.ts";
import { readPath } from "../../src/paths/request_path.ts";
import { HOUR, MINUTE } from "../../src/time.ts";

const policies = createPolicies(parseConfig({}));
const own = (method: string, path: string) => policies.own(method, path)?.policy.name;

Deno.test("own() gives each of our paths the policy of the table", () => {
  const table: [string, string, string | undefined][] = [
    ["POST", "/api/v1/auth/login", "auth"],
    ["POST", "/api/v1/auth/refresh", "auth"],
    ["POST", "/api/v1/onboarding/sessions/s1/uploads", "critical"],
    ["POST", "/api/v1/onboarding/conversation/start", "critical"],
    ["POST", "/api/v1/onboarding/admin/dlq/tasks/t1/retry", "critical"],
    ["DELETE", "/api/v1/onboarding/admin/dlq/clear", "critical"],
    ["GET", "/api/v1/exports/funnel", "critical"],
    ["GET", "/api/v1/charts/funnel", "expensive"],
    ["POST", "/api/v1/events", "intensive"],
    ["GET", "/api/v1/onboarding/analytics/funnel", "onboarding"],
    ["GET", "/api/v1/security/threats", "api"],
    ["GET", "/admin", "store"],
    ["GET", "/healthz", undefined],
    ["GET", "/readyz", undefined],
  ];
  for (const [method, path, policy] of table) assertEquals(own(method, path), policy, path);
});

Deno.test("own() does not match a path that only begins or ends like one of the table", () => {
  assertEquals(own("POST", "/api/v1/auth/login/extra"), "api");
  assertEquals(own("POST", "/api/v1/onboarding/sessions/a/b/uploads"), "onboarding");
  assertEquals(own("GET", "/api/v1/auth/login"), "api");
});

Deno.test("own() counts each operation of the API apart, and what is none of them together", () => {
  const charge = policies.own("GET", "/api/v1/security/events", "GET security/events");
  assertEquals(charge, policies.own("GET", "/api/v1/security/events", "GET security/events"));
  assertEquals(charge?.operation, "GET security/events");
  const operations = new Set(
    Array.from({ length: 1_000 }, (_, i) => policies.own("GET", `/api/v1/made-up-${i}`)?.operation),
  );
  assertEquals([...operations], ["other"]);
});

Deno.test("site() charges the store policy unless a rule of the settings says otherwise", () => {
  const ruled = createPolicies(parseConfig({
    LIMIT_RULES: "POST /checkout=critical,/reports/*=expensive:3,GET /a/*/b=api",
  }));
  const charge = (method: string, path: string) => {
    const { policy, cost } = ruled.site([method], readPath(path)!);
    return `${policy.name}:${cost}`;
  };
  assertEquals(charge("GET", "/us/products"), "store:1");
  assertEquals(charge("POST", "/checkout"), "critical:1");
  assertEquals(charge("GET", "/checkout"), "store:1");
  assertEquals(charge("GET", "/reports/2026/11"), "expensive:3");
  assertEquals(charge("GET", "/a/x/b"), "api:1");
  assertEquals(charge("GET", "/a/x/y/b"), "store:1");
});

Deno.test("site() charges what a page loads to the assets policy, and only when it is read", () => {
  const name = (method: string, path: string) =>
    policies.site([method], readPath(path)!).policy.name;
  for (const path of ["/a.css", "/x/app.mjs", "/p/1.svg", "/f.woff2", "/photo.jpeg"]) {
    assertEquals(name("GET", path), "assets", path);
    assertEquals(name("POST", path), "store", path);
  }
  for (const path of ["/", "/us/products", "/a.css/more", "/report.pdf", "/data.json", "/css"]) {
    assertEquals(name("GET", path), "store", path);
  }
});

Deno.test("createPolicies() keeps the numbers and outage rules of the specification", () => {
  const rows = policies.all.map(({ name, limits, onOutage }) =>
    `${name} ${limits.map((l) => `${l.tier}:${l.quota}/${l.windowMs / MINUTE}`)} ${onOutage}`
  );
  assertEquals(rows, [
    "store ip:200/1,user:60/1 open",
    "assets ip:2000/1 open",
    "api user:100/1 fallback",
    "intensive user:200/1 fallback",
    "onboarding user:100/5 fallback",
    "critical user:50/60 closed",
    "auth ip:5/5,account:5/5 closed",
    "expensive user:10/60 closed",
  ]);
});

Deno.test("LIMITS_PRESET=hourly counts the API at 100 and pages at 1000 an hour", () => {
  const hourly = createPolicies(parseConfig({ LIMITS_PRESET: "hourly" }));
  assertEquals(hourly.site(["GET"], readPath("/")!).policy.limits, [{
    tier: "ip",
    quota: 1000,
    windowMs: HOUR,
  }]);
  assertEquals(hourly.own("GET", "/api/v1/x")?.policy.limits, [
    { tier: "user", quota: 100, windowMs: HOUR },
  ]);
});

Deno.test("LIMITS_SHADOW marks the policies it names and no others", () => {
  const shadowed = createPolicies(parseConfig({ LIMITS_SHADOW: "auth,store" }));
  assertEquals(shadowed.all.filter((p) => p.shadow).map((p) => p.name), ["store", "auth"]);
});
