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
  "255.255.255.254",
  "239.255.255.250",
  "0.1.2.3",
  "192.0.0.0",
  "192.0.0.170",
  "192.0.0.192",
  "fd00:ec2::23",
  "fd20:ce::254",
  "fd00:42::42",
  "::ffff:169.254.169.254",
  "::ffff:192.0.0.192",
];

/** An IPv6 address that a router may turn into a connection to the IPv4 address within. */
const CARRIERS = [
  // NAT64: the well-known prefix, whatever it carries, and the one for local use.
  "64:ff9b::7f00:1",
  "64:ff9b::a9fe:a9fe",
  "64:ff9b::8.8.8.8",
  "0064:FF9B:0:0:0:0:0a00:0001",
  "64:ff9b:1::1",
  "64:ff9b:1:a00:1::",
  // 6to4, Teredo and ISATAP.
  "2002:7f00:1::",
  "2002:a00:1:1::1",
  "2002:808:808::1",
  "2001::7f00:1",
  "2001:0:4136:e378:8000:63bf:3fff:fdd2",
  "2606:4700::5efe:10.0.0.1",
  "2606:4700::200:5efe:7f00:1",
  "2606:4700:0:0:0:5efe::",
  // Compatible and translated (RFC 4291, RFC 2765).
  "::127.0.0.1",
  "::a9fe:a9fe",
  "::ffff:0:7f00:1",
  "::ffff:0:10.0.0.1",
];

const ODD = [
  "2001:2::1",
  "2001:db8::1",
  "3fff::1",
  "5f00::1",
  "100::1",
  "fec0::1",
  "192.0.2.1",
  "192.88.99.1",
  "198.18.0.1",
  "198.19.255.255",
  "198.51.100.1",
  "203.0.113.1",
];

Deno.test("only public addresses will do, however they are written", () => {
  for (const ip of PUBLIC) assert(isPublic(ip), ip);
  for (const ip of [...PRIVATE, ...NEVER, ...CARRIERS, ...ODD]) assert(!isPublic(ip), ip);
  for (const text of ["", "localhost", "0x7f.1", "127.1", "010.0.0.1"]) {
    assert(!isPublic(text), text);
  }
});

Deno.test("one's own network will do when it is welcome, metadata never", () => {
  for (const ip of [...PUBLIC, ...PRIVATE]) assert(isWelcome(ip), ip);
  for (const ip of [...NEVER, ...CARRIERS]) assert(!isWelcome(ip), ip);
  for (const text of ["", "fe80::1%eth0", "64:ff9b::1%1", "2002:7f00:1::%1", "2002:::1"]) {
    assert(!isWelcome(text), text);
  }
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
