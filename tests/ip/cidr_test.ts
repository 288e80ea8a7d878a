import { assert, assertEquals, assertFalse, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import ipaddr from "ipaddr.js";
import { type Cidr, cidrContains, parseAddress, parseCidr, prefixText } from "../../src/ip/cidr.ts";

const bytesOf = (length: number) =>
  fc.array(fc.integer({ min: 0, max: 255 }), { minLength: length, maxLength: length });
const ipv4Text = bytesOf(4).map((bytes) => bytes.join("."));
const groups = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff })), {
  minLength: 8,
  maxLength: 8,
});

const cidr = (text: string): Cidr => {
  const parsed = parseCidr(text);
  if (typeof parsed === "string") throw new Error(`${text}: ${parsed}`);
  return parsed;
};

Deno.test("parseAddress() reads every dotted IPv4 address as itself", () => {
  fc.assert(fc.property(ipv4Text, (text) => {
    const address = parseAddress(text);
    assertEquals(address?.kind, "ipv4");
    assertEquals(address?.text, text);
    assertEquals(address?.bytes.join("."), text);
  }));
});

Deno.test("parseAddress() writes IPv6 the way the URL standard does, however it was written", () => {
  fc.assert(fc.property(groups, fc.boolean(), fc.boolean(), (words, padded, upper) => {
    fc.pre(words.slice(0, 6).join() !== "0,0,0,0,0,65535");
    fc.pre(words.slice(0, 6).join() !== "100,65435,0,0,0,0");
    const written = words.map((word) => word.toString(16).padStart(padded ? 4 : 1, "0")).join(":");
    const address = parseAddress(upper ? written.toUpperCase() : written);
    assertEquals(`[${address?.text}]`, new URL(`http://[${written}]/`).hostname);
    assertEquals(parseAddress(address!.text), address);
  }));
});

Deno.test("parseAddress() takes the IPv4 address out of a mapped or NAT64 one, by its bits", () => {
  fc.assert(fc.property(bytesOf(4), (bytes) => {
    const [a, b, c, d] = bytes;
    const hex = `${(a << 8 | b).toString(16)}:${(c << 8 | d).toString(16)}`;
    const dotted = bytes.join(".");
    const notations = [
      `::ffff:${dotted}`,
      `::ffff:${hex}`,
      `0:0:0:0:0:FFFF:${hex}`,
      `0000:0000:0000:0000:0000:ffff:${hex}`,
      `64:ff9b::${dotted}`,
      `64:ff9b::${hex}`,
      `::ffff:${dotted}%eth0`,
    ];
    for (const notation of notations) assertEquals(parseAddress(notation)?.text, dotted, notation);
  }));
});

Deno.test("parseAddress() keeps apart what only resembles a mapped address", () => {
  assertEquals(parseAddress("::1.2.3.4")?.text, "::102:304");
  assertEquals(parseAddress("::fffe:1.2.3.4")?.text, "::fffe:102:304");
  assertEquals(parseAddress("64:ff9b:1::1.2.3.4")?.kind, "ipv6");
});

Deno.test("parseAddress() drops the zone", () => {
  assertEquals(parseAddress("fe80::1%eth0")?.text, "fe80::1");
  assertEquals(parseAddress("fe80::1%25en0")?.text, "fe80::1");
});

Deno.test("parseAddress() refuses every notation that others read differently", () => {
  const refused = [
    "",
    " ",
    "010.0.0.1",
    "0x7f.1",
    "0x7f.0.0.1",
    "1.2.3",
    "1",
    "2130706433",
    "256.1.1.1",
    "1.2.3.4.5",
    "1.2.3.4 ",
    " 1.2.3.4",
    "1.2.3.-4",
    "1.2.3.4:80",
    "1.2.3.4/32",
    "%eth0",
    "1.2.3.4%eth0",
    "::1%",
    "::1%<b>",
    "::1%a%b",
    "[::1]",
    "::ffff:010.0.0.1",
    "::ffff:0x7f.0.0.1",
    "::ffff:1.2.3",
    "::ffff:256.0.0.1",
    "1:2:3:4:5:6:7:1.2.3.4",
    "1::2::3",
    "12345::",
    ":::",
    "g::",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "unknown",
    "_hidden",
    "localhost",
    "١.٢.٣.٤",
    "1.2.3.4\0",
    "1.2.3.4\r\nX: y",
    "::1" + " ".repeat(70),
    "1".repeat(100_000),
  ];
  for (const text of refused) assertEquals(parseAddress(text), undefined, JSON.stringify(text));
});

Deno.test("parseAddress() never throws, and reads its own text back unchanged", () => {
  const pieces = fc.constantFrom(":", "::", ".", "%", "/", "[", "0", "ffff", "1", "255", "x", " ");
  const texts = fc.oneof(fc.string(), fc.array(pieces, { maxLength: 12 }).map((p) => p.join("")));
  fc.assert(
    fc.property(texts, (text) => {
      const address = parseAddress(text);
      if (address) assertEquals(parseAddress(address.text), address);
    }),
    { numRuns: 3_000 },
  );
});

Deno.test("parseAddress() accepts of IPv6 what the library accepts, with the same bytes", () => {
  const group = fc.constantFrom("0", "0000", "1", "ab", "FFFF", "12345", "", "g", "1.2.3.4");
  const texts = fc.oneof(
    fc.ipV6(),
    fc.array(group, { minLength: 2, maxLength: 9 }).map((words) => words.join(":")),
    fc.tuple(fc.array(group, { maxLength: 5 }), fc.array(group, { maxLength: 5 }))
      .map(([left, right]) => `${left.join(":")}::${right.join(":")}`),
  );
  fc.assert(
    fc.property(texts, (text) => {
      const address = parseAddress(text);
      // The library reads `::1.2.3.4` as if it were mapped; ours goes by the bits.
      if (/^[0:]*:\d+\.\d+\.\d+\.\d+$/.test(text)) return;
      const expected = ipaddr.IPv6.isValid(text) ? ipaddr.process(text).toByteArray() : undefined;
      const nat64 = expected?.slice(0, 12).join() === "0,100,255,155,0,0,0,0,0,0,0,0";
      assertEquals(address?.bytes, nat64 ? expected?.slice(12) : expected, text);
    }),
    { numRuns: 5_000 },
  );
});

Deno.test("cidrContains() agrees with the library for every kind and length of prefix", () => {
  const ranges = fc.oneof(
    fc.tuple(bytesOf(4), fc.integer({ min: 1, max: 32 })),
    fc.tuple(bytesOf(16), fc.integer({ min: 1, max: 128 })),
  );
  const flips = fc.integer({ min: 0, max: 127 });
  fc.assert(
    fc.property(ranges, flips, ([bytes, bits], flip) => {
      fc.pre(bytes.length === 4 || bytes[0] > 0);
      const inside = ipaddr.fromByteArray(bytes);
      const text = inside.toString();
      const base = prefixText(parseAddress(text)!, bits);
      const at = flip % (bytes.length * 8);
      const other = ipaddr.fromByteArray(
        bytes.map((byte, index) => index === at >> 3 ? byte ^ (0x80 >> (at & 7)) : byte),
      );
      assert(cidrContains(cidr(base), parseAddress(text)!));
      assertEquals(
        cidrContains(cidr(base), parseAddress(other.toString())!),
        other.match(inside, bits),
        `${other} in ${base}`,
      );
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("cidrContains() never mixes IPv4 and IPv6", () => {
  assertFalse(cidrContains(cidr("10.0.0.0/8"), parseAddress("a00::1")!));
  assertFalse(cidrContains(cidr("a00::/8"), parseAddress("10.0.0.1")!));
});

Deno.test("parseCidr() reads a single address and a mapped range", () => {
  assert(cidrContains(cidr("192.0.2.7"), parseAddress("192.0.2.7")!));
  assertFalse(cidrContains(cidr("192.0.2.7"), parseAddress("192.0.2.6")!));
  assert(cidrContains(cidr("2001:db8::7"), parseAddress("2001:DB8::7")!));
  assertEquals(cidr("::ffff:10.0.0.0/104"), cidr("10.0.0.0/8"));
});

Deno.test("parseCidr() says why it refuses", () => {
  const reasons: readonly [string, string][] = [
    ["", "not an address"],
    ["10.0.0.0/", "not a number"],
    ["10.0.0.0/x", "not a number"],
    ["10.0.0.0/-8", "not a number"],
    ["10.0.0.0/8/8", "not an address"],
    ["10.0.0.0/33", "too long"],
    ["2001:db8::/129", "too long"],
    ["010.0.0.0/8", "not an address"],
    ["0.0.0.0/0", "covers every address"],
    ["::/0", "covers every address"],
    ["::ffff:0:0/96", "covers every address"],
    ["10.1.2.3/8", "did you mean 10.0.0.0/8?"],
    ["2001:db8::1/32", "did you mean 2001:db8::/32?"],
    ["example.com", "not an address"],
  ];
  for (const [text, reason] of reasons) {
    const parsed = parseCidr(text);
    assertEquals(typeof parsed, "string", text);
    assertStringIncludes(parsed as string, reason);
  }
});

Deno.test("prefixText() cuts an IPv6 address to its /64 and /48", () => {
  const address = parseAddress("2001:db8:1:2:3:4:5:6")!;
  assertEquals(prefixText(address, 64), "2001:db8:1:2::/64");
  assertEquals(prefixText(address, 48), "2001:db8:1::/48");
  assertEquals(prefixText(parseAddress("203.0.113.77")!, 24), "203.0.113.0/24");
});
