import { assertEquals } from "@std/assert";
import { parseConfig } from "../../src/config.ts";
import type { ClientAddress } from "../../src/context.ts";
import { createPolicies } from "../../src/limits/policy.ts";
import { claimsOf, overflowOf, type Part, planWindows } from "../../src/limits/windows.ts";

const policies = createPolicies(parseConfig({}));
const user = { id: "anna", expiresAt: 0, roles: [], realm: "site" as const };

function client(subject: string, network?: string): ClientAddress {
  return { ip: subject, subject, network, peer: subject, viaTrustedProxy: false };
}

function claims(
  method: string,
  path: string,
  who: ClientAddress,
  signedIn: boolean,
  part: Part = "all",
  operation?: string,
) {
  const charge = policies.own(method, path, operation)!;
  return claimsOf(planWindows(charge.policy), charge, who, signedIn ? user : undefined, part)
    .map(({ limit, subject }) => `${limit.name} ${limit.quota} ${subject}`);
}

Deno.test("claimsOf() counts address and user of a page", () => {
  const v4 = client("203.0.113.1");
  assertEquals(claims("GET", "/admin", v4, false), ["store.ip 200 203.0.113.1"]);
  assertEquals(claims("GET", "/admin", v4, true), [
    "store.ip 200 203.0.113.1",
    "store.user 60 site:anna",
  ]);
});

Deno.test("claimsOf() counts the /48 of IPv6 at five times the quota", () => {
  assertEquals(claims("GET", "/admin", client("2001:db8:1:2", "2001:db8:1"), false), [
    "store.ip 200 2001:db8:1:2",
    "store.network 1000 2001:db8:1",
  ]);
});

Deno.test("claimsOf() counts an anonymous caller of a user limit by address, under its own name", () => {
  assertEquals(claims("GET", "/api/v1/x", client("203.0.113.1"), false), [
    "api.ip 100 203.0.113.1|other",
  ]);
  assertEquals(claims("GET", "/api/v1/x", client("203.0.113.1"), true), [
    "api.user 100 site:anna|other",
  ]);
});

Deno.test("claimsOf() keeps the counts of operations apart", () => {
  const who = client("203.0.113.1");
  assertEquals(claims("POST", "/api/v1/events", who, true, "all", "POST events"), [
    "intensive.user 200 site:anna|POST events",
  ]);
  assertEquals(claims("GET", "/api/v1/auth/me", who, true, "all", "GET auth/me"), [
    "api.user 100 site:anna|GET auth/me",
  ]);
});

Deno.test("claimsOf() splits a request whose token is not verified yet", () => {
  const v4 = client("203.0.113.1");
  assertEquals(claims("GET", "/admin", v4, true, "address"), ["store.ip 200 203.0.113.1"]);
  assertEquals(claims("GET", "/admin", v4, true, "user"), ["store.user 60 site:anna"]);
  assertEquals(claims("GET", "/admin", v4, false, "user"), []);
});

Deno.test("planWindows() makes closed policies strict and the others not", () => {
  for (const policy of policies.all) {
    const plan = planWindows(policy);
    for (const window of [...plan.address, ...plan.user]) {
      assertEquals(window.strict, policy.onOutage === "closed", window.name);
    }
  }
});

Deno.test("overflowOf() groups neighbours, and everything else into 256", () => {
  assertEquals(overflowOf("203.0.113.77"), "203.0.113.0/24");
  assertEquals(overflowOf("203.0.113.77|events"), "203.0.113.0/24");
  assertEquals(overflowOf("2001:db8:1:2::/64"), "2001:db8:1::/48");
  const groups = new Set(Array.from({ length: 5_000 }, (_, i) => overflowOf(`user-${i}`)));
  assertEquals(groups.size <= 256, true);
});
