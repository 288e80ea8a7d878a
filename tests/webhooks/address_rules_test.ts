import { assert, assertEquals, assertThrows } from "@std/assert";
import * as fc from "fast-check";
import ipaddr from "ipaddr.js";
import { parseRange } from "../../src/ip/cidr.ts";
import { createAddressRules } from "../../src/webhooks/address_rules.ts";

const isPublic = createAddressRules({ parseRange, allowPrivate: false });
const isWelcome = createAddressRules({ parseRange, allowPrivate: true });

const PUBLIC = [
  "1.1.1.1",
  "93.184.216.34",
  "2606:4700::1111",
  "2a00:1450:4001::1",
  "::ffff:8.8.8.8",
];

const PRIVATE = [
  "10.1.2.3",
  "127.0.0.1",
  "172.31.0.1",
  "192.168.1.1",
  "100.64.0.1",
  "::1",
  "fc00::1",
  "fd12:3456::1",
  "::ffff:127.0.0.1",
  "::ffff:10.0.0.1",
  "64:ff9b::7f00:1",
];

/** Private, and refused even where private is welcome; or no address at all. */
const NEVER = [
  "169.254.169.254",
  "100.100.100.200",
  "168.63.129.16",
  "fd00:ec2::254",
  "fe80::1",
  "0.0.0.0",
  "::",
  "224.0.0.1",
  "255.255.255.255",
  "ff02::1",
  "::ffff:169.254.169.254",
  "64:ff9b::a9fe:a9fe",
];

const ODD = [
  "64:ff9b:1::1",
  "2001:0:1::1",
  "2002:7f00:1::",
  "2001:db8::1",
  "100::1",
  "::127.0.0.1",
];

Deno.test("only public addresses will do, however they are written", () => {
  for (const ip of PUBLIC) assert(isPublic(ip), ip);
  for (const ip of [...PRIVATE, ...NEVER, ...ODD]) assert(!isPublic(ip), ip);
  for (const text of ["", "localhost", "0x7f.1", "127.1", "010.0.0.1"]) {
    assert(!isPublic(text), text);
  }
});

Deno.test("one's own network will do when it is welcome, metadata never", () => {
  for (const ip of [...PUBLIC, ...PRIVATE]) assert(isWelcome(ip), ip);
  for (const ip of NEVER) assert(!isWelcome(ip), ip);
});

Deno.test("what ipaddr.js knows as special is never public", () => {
  const anyIpv6 = fc.array(fc.nat(0xffff), { minLength: 8, maxLength: 8 }).map((parts) =>
    parts.map((part) => part.toString(16)).join(":")
  );
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), anyIpv6), (ip) => {
      if (ipaddr.process(ip).range() !== "unicast") assertEquals(isPublic(ip), false, ip);
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("a range that cannot be read stops the start", () => {
  const rules = { parseRange: () => undefined, allowPrivate: false };
  assertThrows(() => createAddressRules(rules), Error, "Cannot read the range");
});
