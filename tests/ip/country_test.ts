import { assertEquals } from "@std/assert";
import { createCountryOf, createCountryRules } from "../../src/ip/country.ts";

const direct = { ip: "8.8.8.8", subject: "8.8.8.8", peer: "8.8.8.8", viaTrustedProxy: false };
const proxied = { ...direct, peer: "10.0.0.1", viaTrustedProxy: true };
const countryOf = createCountryOf({ sources: [() => undefined, ({ ip }) => ip && "NZ"] });

Deno.test("countryOf() believes a platform's header only from a trusted proxy", () => {
  for (const name of ["cf-ipcountry", "x-vercel-ip-country"]) {
    const headers = new Headers({ [name]: "fr" });
    assertEquals(countryOf(proxied, headers), "FR");
    assertEquals(countryOf(direct, headers), "NZ");
  }
});

Deno.test("countryOf() falls back to its sources for what names no country", () => {
  for (const value of ["XX", "T1", "", "FRA", "🇫🇷".length.toString()]) {
    assertEquals(countryOf(proxied, new Headers({ "cf-ipcountry": value })), "NZ", value);
  }
  assertEquals(createCountryOf({ sources: [] })(direct, new Headers()), undefined);
});

Deno.test("countryRules deny and weigh what the operator listed, and nothing else", () => {
  const rules = createCountryRules(["AA", "BB"], { CC: 1, DD: 0.3 });
  assertEquals(["AA", "CC", undefined].map(rules.isDenied), [true, false, false]);
  const risks = ["CC", "DD", "AA", undefined, "__proto__"].map(rules.riskOf);
  assertEquals(risks, [0.1, 0.03, 0, 0, 0]);
});
