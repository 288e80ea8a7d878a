/** Nothing a client can write changes the address it is counted by, unless its sender is trusted. */
import { assertEquals } from "@std/assert";
import { createTestApp } from "../_app.ts";

const SPOOFS: readonly (readonly [header: string, value: (i: number) => string])[] = [
  ["x-forwarded-for", (i) => `198.51.100.${i}`],
  ["x-forwarded-for", (i) => `198.51.100.${i}, 10.0.0.1`],
  ["x-forwarded-for", (i) => `::ffff:198.51.100.${i}`],
  ["x-forwarded-for", (i) => "1.1.1.1, ".repeat(1_000) + i],
  ["forwarded", (i) => `for=198.51.100.${i}`],
  ["cf-connecting-ip", (i) => `198.51.100.${i}`],
  ["cf-connecting-ipv6", (i) => `2001:db8::${i}`],
  ["x-deno-client-address", (i) => `198.51.100.${i}:80`],
  ["x-real-ip", (i) => `198.51.100.${i}`],
  ["true-client-ip", (i) => `198.51.100.${i}`],
  ["x-client-ip", (i) => `198.51.100.${i}`],
  ["x-forwarded-for", (i) => `garbage-${i}`],
];

for (const [header, value] of SPOOFS) {
  Deno.test(`${header}: ${value(7).slice(0, 40)} from a stranger does not change its count`, async () => {
    await using app = await createTestApp({ env: { LIMIT_STORE: "ip:5/1m" } });
    const statuses = [];
    for (let i = 1; i <= 6; i++) {
      statuses.push((await app.ask("/us/products", { headers: { [header]: value(i) } })).status);
    }
    assertEquals(statuses, [200, 200, 200, 200, 200, 429]);
  });
}

Deno.test("X-Forwarded-For from a trusted proxy is believed, from the right", async () => {
  await using app = await createTestApp({
    env: { LIMIT_STORE: "ip:2/1m", TRUSTED_PROXIES: "10.0.0.0/8" },
  });
  const ask = async (forwarded: string) =>
    (await app.ask("/us/products", {
      from: "10.0.0.1",
      headers: { "x-forwarded-for": forwarded },
    })).status;
  assertEquals([await ask("198.51.100.1"), await ask("198.51.100.1")], [200, 200]);
  assertEquals(await ask("198.51.100.1"), 429);
  assertEquals(await ask("198.51.100.2"), 200);
  assertEquals(await ask("6.6.6.6, 198.51.100.1, 10.0.0.9"), 429, "the left end is anyone's word");
});

Deno.test("a mapped IPv6 peer and its IPv4 address are one client", async () => {
  await using app = await createTestApp({ env: { LIMIT_STORE: "ip:2/1m" } });
  assertEquals((await app.ask("/us/products", { from: "::ffff:198.51.100.1" })).status, 200);
  assertEquals((await app.ask("/us/products", { from: "198.51.100.1" })).status, 200);
  assertEquals((await app.ask("/us/products", { from: "::ffff:198.51.100.1" })).status, 429);
  assertEquals((await app.ask("/us/products", { from: "::ffff:198.51.100.2" })).status, 200);
});
