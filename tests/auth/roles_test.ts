import { assertEquals } from "@std/assert";
import { hasRole, isRole, ROLES } from "../../src/auth/roles.ts";
import { hasScope, isScope, SCOPES } from "../../src/auth/scopes.ts";
import type { VerifiedUser } from "../../src/context.ts";

const base = { id: "acc_0123456789abcdefghij", expiresAt: Infinity };
const account = (role: string): VerifiedUser => ({ ...base, roles: [role], realm: "gatehouse" });
const site: VerifiedUser = { ...base, roles: ["user", "analyst", "admin"], realm: "site" };
const key = (scopes: string[], roles: string[] = []): VerifiedUser => ({
  ...base,
  id: "key_1",
  keyId: "key_1",
  realm: "gatehouse",
  roles,
  scopes,
});

Deno.test("hasRole() gives each role what the ones before it have", () => {
  const table = ROLES.map((has) => ROLES.map((wanted) => hasRole(account(has), wanted)));
  assertEquals(table, [[true, false, false], [true, true, false], [true, true, true]]);
});

Deno.test("hasRole() is false for nobody, a site's admin, an API key and unknown roles", () => {
  const others = [undefined, site, key(["users:write"], ["admin"]), account("root"), account("")];
  for (const user of [...others, account("constructor")]) {
    for (const role of ROLES) assertEquals(hasRole(user, role), false);
  }
});

Deno.test("hasScope() is true for the scopes of an API key alone", () => {
  assertEquals(hasScope(key(["audit:read"]), "audit:read"), true);
  assertEquals(hasScope(key(["audit:read"]), "users:read"), false);
  const others: (VerifiedUser | undefined)[] = [
    undefined,
    account("admin"),
    { ...site, scopes: ["audit:read"], keyId: "key_1" },
    { ...account("admin"), scopes: ["audit:read"] },
  ];
  for (const user of others) assertEquals(hasScope(user, "audit:read"), false);
});

Deno.test("isRole() and isScope() know the names in the tables, and say what each scope allows", () => {
  assertEquals(["user", "admin", "toString", "", 7, null].map(isRole), [
    true,
    true,
    false,
    false,
    false,
    false,
  ]);
  assertEquals(["audit:read", "toString", ""].map(isScope), [true, false, false]);
  for (const sentence of Object.values(SCOPES)) assertEquals(/^[A-Z].*\.$/.test(sentence), true);
});
