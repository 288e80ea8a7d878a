import { assertEquals, assertRejects } from "@std/assert";
import { AppError } from "../../src/errors/app_error.ts";
import { parseRange } from "../../src/ip/cidr.ts";
import { createAddressRules } from "../../src/webhooks/address_rules.ts";
import { findTarget } from "../../src/webhooks/target.ts";

const NAMES: Readonly<Record<string, readonly string[]>> = {
  "good.test": ["2606:4700::1111", "1.1.1.1"],
  "six.test": ["2606:4700::1111"],
  "inside.test": ["10.0.0.7"],
  "mixed.test": ["1.1.1.1", "127.0.0.1"],
  "none.test": [],
  "many.test": Array.from({ length: 5_000 }, () => "1.1.1.1"),
};

const find = (url: string, allowPrivate = false) =>
  findTarget(url, {
    allowPrivate,
    isAllowed: createAddressRules({ parseRange, allowPrivate }),
    resolve: (host) => Promise.resolve(NAMES[host]),
  });

const refused = (url: string, why: string, allowPrivate = false) =>
  assertRejects(() => find(url, allowPrivate), AppError, why);

Deno.test("findTarget() answers one checked address, IPv4 where there is one", async () => {
  assertEquals((await find("https://good.test/hook?a=1")).address, "1.1.1.1");
  assertEquals((await find("https://six.test:8443/")).address, "2606:4700::1111");
  assertEquals((await find("https://[2606:4700::1111]/")).address, "2606:4700::1111");
  assertEquals((await find("https://many.test/")).address, "1.1.1.1");
});

Deno.test("findTarget() refuses names that lead inside, wholly or in part", async () => {
  for (const name of ["inside", "mixed", "none"]) {
    await refused(`https://${name}.test/`, "not a public one");
  }
});

Deno.test("findTarget() refuses every spelling of an inner address", async () => {
  const hosts = [
    "127.0.0.1",
    "127.1",
    "0x7f.0.0.1",
    "2130706433",
    "017700000001",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "169.254.169.254",
    "[fd00:ec2::254]",
    "①②⑦.⓪.⓪.①",
  ];
  for (const host of hosts) await refused(`https://${host}/`, "not a public one");
});

Deno.test("findTarget() takes https on its usual ports, without credentials", async () => {
  await refused("http://good.test/", "https URL");
  await refused("ftp://good.test/", "https URL");
  await refused("file:///etc/passwd", "https URL");
  await refused("no url", "https URL");
  await refused(`https://good.test/${"x".repeat(2_000)}`, "https URL");
  await refused("https://good.test:22/", "port");
  await refused("https://good.test:6379/", "port");
  await refused("https://a:b@good.test/", "credentials");
});

Deno.test("findTarget() lets self-hosters use their own network, but not its metadata", async () => {
  assertEquals((await find("http://inside.test:3000/", true)).address, "10.0.0.7");
  assertEquals((await find("http://127.0.0.1:3000/", true)).address, "127.0.0.1");
  await refused("http://169.254.169.254/", "not a public one", true);
  await refused("gopher://inside.test/", "https URL", true);
});
