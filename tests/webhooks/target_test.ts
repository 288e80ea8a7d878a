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
  "21st.test": [...sixes(20), "169.254.169.254"],
  "21st-private.test": [...sixes(20), "10.0.0.7"],
  "21st-six.test": [...sixes(20), "::1"],
  "last.test": [...sixes(4_000), "192.0.0.192"],
  "mapped.test": ["1.1.1.1", "::ffff:10.0.0.1"],
  "nat64.test": ["1.1.1.1", "64:ff9b::a9fe:a9fe"],
  "sixtofour.test": ["1.1.1.1", "2002:7f00:1::"],
  "six-inside.test": ["1.1.1.1", "fd12:3456::1"],
  "four-inside.test": ["2606:4700::1111", "10.0.0.7"],
  "no-address.test": ["1.1.1.1", "localhost"],
};

function sixes(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `2606:4700::${(index + 1).toString(16)}`);
}

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
  const good = ["good.test", "six.test", "many.test"];
  for (const name of Object.keys(NAMES).filter((name) => !good.includes(name))) {
    await refused(`https://${name}/`, "not a public one");
  }
});

Deno.test("findTarget() connects to an address of the very list it checked", async () => {
  // A list whose answer changes with each look, as a hostile resolver's may.
  let looks = 0;
  const checked: string[] = [];
  const { address } = await findTarget("https://changing.test/", {
    allowPrivate: false,
    isAllowed: (ip) => checked.push(ip) > 0 && ip !== "10.0.0.7",
    resolve: () => Promise.resolve(looks++ === 0 ? ["1.1.1.1", "2606:4700::1"] : ["10.0.0.7"]),
  });
  assertEquals([address, looks, checked], ["1.1.1.1", 1, ["1.1.1.1", "2606:4700::1"]]);
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
    "127.0.0.1.",
    "%31%32%37.0.0.1",
    "0x7f000001",
    "0177.1",
    "127.0x0.0.01",
    "１２７。０。０。１",
    "192.0.0.192",
    "3221225664",
    "0xc00000c0",
    "0300.0.0.0300",
    "2852039166",
    "[0:0:0:0:0:ffff:a9fe:a9fe]",
    "[::ffff:c000:c0]",
    "[64:ff9b::a9fe:a9fe]",
    "[64:ff9b:1::a00:1]",
    "[2002:a9fe:a9fe::]",
    "[::169.254.169.254]",
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
  for (const host of ["169.254.169.254", "192.0.0.192", "[2002:a00:1::]", "[64:ff9b::a00:1]"]) {
    await refused(`http://${host}/`, "not a public one", true);
  }
  await refused("gopher://inside.test/", "https URL", true);
});
