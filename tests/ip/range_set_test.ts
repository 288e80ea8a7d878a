import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { cidrContains, parseAddress, parseCidr, prefixText } from "../../src/ip/cidr.ts";
import { canonicalRange, createRangeSet, rangeSetOf } from "../../src/ip/range_set.ts";

/** Few different high bytes, so that ranges overlap and addresses meet them. */
const ipv4 = fc.tuple(
  fc.constantFrom(0, 10, 11, 255),
  fc.constantFrom(0, 1, 128, 255),
  fc.integer({ min: 0, max: 255 }),
  fc.integer({ min: 0, max: 255 }),
).map((bytes) => parseAddress(bytes.join("."))!);

const group = fc.constantFrom("0", "1", "8000", "ffff");
const ipv6 = fc.array(group, { minLength: 6, maxLength: 6 })
  .map((groups) => parseAddress(`2001:db8:${groups.join(":")}`)!);

const address = fc.oneof(ipv4, ipv6);
const range = fc.tuple(address, fc.nat({ max: 127 }))
  .map(([value, bits]) => prefixText(value, 1 + bits % (value.bytes.length * 8)));

Deno.test("rangeSet.has() agrees with a look at each range", () => {
  fc.assert(
    fc.property(fc.array(range, { maxLength: 40 }), fc.array(address), (ranges, addresses) => {
      const set = createRangeSet(ranges);
      const cidrs = ranges.map((text) => parseCidr(text)).filter((cidr) =>
        typeof cidr !== "string"
      );
      for (const one of addresses) {
        assertEquals(set.has(one.text), cidrs.some((cidr) => cidrContains(cidr, one)), one.text);
      }
    }),
    { numRuns: 500 },
  );
});

Deno.test("rangeSet joins what overlaps, touches or repeats", () => {
  const set = createRangeSet([
    "10.0.0.0/9",
    "10.128.0.0/9",
    "10.1.2.3",
    "11.0.0.0/8",
    "192.0.2.1",
    "192.0.2.1",
    "2001:db8::/33",
    "2001:db8:8000::/33",
    "255.255.255.255",
    "ffff:ffff:ffff:ffff::/64",
    "no range",
  ]);
  assertEquals(set.size, 5);
  assert(set.has("10.200.0.1") && set.has("11.255.255.255") && set.has("255.255.255.255"));
  assert(set.has("2001:db8:ffff::1") && set.has("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"));
  assertEquals(set.has("12.0.0.0"), false);
  assertEquals(set.has("9.255.255.255"), false);
  assertEquals(set.has("2001:db9::"), false);
});

Deno.test("rangeSet.has() is false for what is no address", () => {
  const set = createRangeSet(["0.0.0.0/1", "128.0.0.0/1", "::/1", "8000::/1"]);
  for (const text of ["", "1.2.3", "1.2.3.4.5", "1.2.3.256", "a.b.c.d", "::g", "1.2.3.4 "]) {
    assertEquals(set.has(text), false, text);
  }
  assert(set.has("0.0.0.0") && set.has("::"));
  assert(set.has("::ffff:1.2.3.4"), "an IPv4 address in an IPv6 coat is the IPv4 address");
});

Deno.test("rangeSetOf() makes the same set from its tables", () => {
  const set = createRangeSet(["10.0.0.0/8", "2001:db8::/32"]);
  const copy = rangeSetOf(structuredClone(set.tables));
  assertEquals([copy.has("10.1.1.1"), copy.has("2001:db8::1"), copy.size], [true, true, 2]);
});

Deno.test("canonicalRange() writes ranges in one way, and says why it cannot", () => {
  const textOf = (text: string) => {
    const found = canonicalRange(text);
    return "text" in found ? found.text : found.why;
  };
  assertEquals(textOf("203.0.113.9"), "203.0.113.9");
  assertEquals(textOf(" 203.0.113.9/32 "), "203.0.113.9");
  assertEquals(textOf("2001:DB8:0:0::/64"), "2001:db8::/64");
  assertEquals(textOf("::ffff:10.0.0.0/104"), "10.0.0.0/8");
  assertEquals(
    textOf("10.0.0.1/8"),
    "it has bits set behind its prefix (did you mean 10.0.0.0/8?)",
  );
  assertEquals(textOf("shop"), "it is not an address or a CIDR");
});
