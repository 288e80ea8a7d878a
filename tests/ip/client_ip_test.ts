import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { ConfigError, parseConfig } from "../../src/config.ts";
import { createClientAddress } from "../../src/ip/client_ip.ts";

const tcp = (hostname: string): Deno.NetAddr => ({ transport: "tcp", hostname, port: 40_000 });

const resolver = (...trustedProxies: string[]) => createClientAddress({ trustedProxies });

const ipOf = (
  proxies: readonly string[],
  peer: string,
  headers: Record<string, string> = {},
): string => resolver(...proxies).resolve(tcp(peer), new Headers(headers)).ip;

const STRANGER = "203.0.113.9";
const PROXY = "10.0.0.1";
const CLOUDFLARE_EDGE = "172.64.1.1";
const VICTIM = "198.51.100.1";

/** Everything a client may write to seem to be someone else. */
const SPOOFS: Readonly<Record<string, string>> = {
  "x-forwarded-for": VICTIM,
  "forwarded": `for=${VICTIM};proto=https;by=${PROXY}`,
  "cf-connecting-ip": VICTIM,
  "cf-connecting-ipv6": "2001:db8::1",
  "x-deno-client-address": `${VICTIM}:80`,
  "x-real-ip": VICTIM,
  "true-client-ip": VICTIM,
  "x-client-ip": VICTIM,
  "x-cluster-client-ip": VICTIM,
  "fastly-client-ip": VICTIM,
  "x-original-forwarded-for": VICTIM,
  "via": `1.1 ${VICTIM}`,
};

Deno.test("resolve() answers the peer for a connection nobody vouches for", () => {
  const client = resolver().resolve(tcp(STRANGER), new Headers());
  assertEquals(client, {
    ip: STRANGER,
    subject: STRANGER,
    peer: STRANGER,
    viaTrustedProxy: false,
  });
});

Deno.test("resolve() counts IPv6 by /64, and names its /48", () => {
  const client = resolver().resolve(tcp("2001:db8:1:2:3:4:5:6"), new Headers());
  assertEquals(client.ip, "2001:db8:1:2:3:4:5:6");
  assertEquals(client.subject, "2001:db8:1:2::/64");
  assertEquals(client.network, "2001:db8:1::/48");
});

Deno.test("resolve() sees the IPv4 client behind the mapped address of a dual-stack listener", () => {
  for (const peer of ["::ffff:203.0.113.9", "::ffff:cb00:7109", "64:ff9b::cb00:7109"]) {
    const client = resolver().resolve(tcp(peer), new Headers());
    assertEquals([client.ip, client.subject, client.network], [STRANGER, STRANGER, undefined]);
  }
});

Deno.test("resolve() takes a Unix socket for this machine", () => {
  const client = resolver().resolve({ transport: "unix", path: "/run/x.sock" }, new Headers());
  assertEquals(client.ip, "127.0.0.1");
});

Deno.test("resolve() ignores every header of a stranger, alone and together", () => {
  const alone = Object.entries(SPOOFS).map(([name, value]) => ({ [name]: value }));
  for (const proxies of [[], [PROXY], ["10.0.0.0/8", "cloudflare"]]) {
    for (const headers of [...alone, { ...SPOOFS }]) {
      assertEquals(ipOf(proxies, STRANGER, headers), STRANGER, JSON.stringify(headers));
    }
  }
});

Deno.test("resolve() does not even touch the headers of a stranger", () => {
  const headers = new Headers();
  Object.defineProperty(headers, "get", {
    value: () => {
      throw new Error("The headers were read");
    },
  });
  assertEquals(resolver(PROXY).resolve(tcp(STRANGER), headers).ip, STRANGER);
});

Deno.test("resolve() believes no header but X-Forwarded-For from a proxy of our own", () => {
  for (const [name, value] of Object.entries(SPOOFS)) {
    if (name === "x-forwarded-for") continue;
    assertEquals(ipOf([PROXY], PROXY, { [name]: value }), PROXY, name);
    assertEquals(
      ipOf([PROXY], PROXY, { [name]: value, "x-forwarded-for": STRANGER }),
      STRANGER,
      name,
    );
  }
});

const FORWARDED: readonly (readonly [title: string, header: string, expected: string])[] = [
  ["one hop", STRANGER, STRANGER],
  ["what the client wrote stands left", `${VICTIM}, ${STRANGER}`, STRANGER],
  ["our own hops are skipped", `${VICTIM}, ${STRANGER}, 10.9.9.9, 10.0.0.7`, STRANGER],
  ["a stranger's claim to be one of ours is to the left", `10.0.0.9, ${STRANGER}`, STRANGER],
  ["only our own hops", "10.0.0.9, 10.0.0.7", "10.0.0.9"],
  ["port", `${STRANGER}:51234`, STRANGER],
  ["brackets", "[2001:db8::9]", "2001:db8::9"],
  ["brackets and port", "[2001:db8::9]:443", "2001:db8::9"],
  ["no spaces", `${VICTIM},${STRANGER},10.0.0.7`, STRANGER],
  ["many spaces", `  ${VICTIM} ,\t ${STRANGER}  ,  10.0.0.7 `, STRANGER],
  ["mapped hop of ours", `${STRANGER}, ::ffff:10.0.0.7`, STRANGER],
  ["mapped client", "::ffff:203.0.113.9", STRANGER],
  ["mapped client in hex", "::ffff:cb00:7109", STRANGER],
  ["zone", "fe80::1%eth0", "fe80::1"],
  ["empty", "", PROXY],
  ["blank", "   ", PROXY],
  ["commas", ",,,", PROXY],
  ["the word unknown", "unknown", PROXY],
  ["an obfuscated hop", `${VICTIM}, _hidden`, PROXY],
  ["garbage right of the truth", `${STRANGER}, x`, PROXY],
  ["garbage left of the truth", `x, ${STRANGER}`, STRANGER],
  ["garbage behind a hop of ours", `${VICTIM}, garbage, 10.0.0.7`, "10.0.0.7"],
  ["octal", "010.0.0.1", PROXY],
  ["hexadecimal", "0x7f.1", PROXY],
  ["three parts", "1.2.3", PROXY],
  ["port too long", `${STRANGER}:123456`, PROXY],
  ["open bracket", "[2001:db8::9", PROXY],
  ["Forwarded's syntax", `for=${STRANGER}`, PROXY],
  ["script", "<script>alert(1)</script>", PROXY],
];

for (const [title, header, expected] of FORWARDED) {
  Deno.test(`resolve() reads X-Forwarded-For from a trusted proxy: ${title}`, () => {
    assertEquals(ipOf(["10.0.0.0/8"], PROXY, { "x-forwarded-for": header }), expected);
  });
}

Deno.test("resolve() joins several X-Forwarded-For lines in their order", () => {
  const headers = new Headers([["x-forwarded-for", VICTIM], ["x-forwarded-for", STRANGER]]);
  assertEquals(resolver(PROXY).resolve(tcp(PROXY), headers).ip, STRANGER);
});

Deno.test("resolve() tells the proxy from the client it spoke for", () => {
  const headers = new Headers({ "x-forwarded-for": STRANGER });
  assertEquals(resolver(PROXY).resolve(tcp(`::ffff:${PROXY}`), headers), {
    ip: STRANGER,
    subject: STRANGER,
    peer: PROXY,
    viaTrustedProxy: true,
  });
});

Deno.test("resolve() finds the client at the right of a list of 1,000 entries", () => {
  const invented = Array.from({ length: 999 }, (_, index) => `10.1.${index >> 8}.${index & 255}`);
  const list = [...invented, STRANGER].join(", ");
  assertEquals(ipOf(["10.0.0.0/8"], PROXY, { "x-forwarded-for": list }), STRANGER);
});

Deno.test("resolve() walks at most 32 hops of ours", () => {
  const hops = Array.from({ length: 1_000 }, (_, index) => `10.1.${index >> 8}.${index & 255}`);
  const list = [VICTIM, ...hops].join(", ");
  assertEquals(ipOf(["10.0.0.0/8"], PROXY, { "x-forwarded-for": list }), "10.1.3.200");
});

Deno.test("resolve() never lets a client name its address, whatever it wrote before the proxy", () => {
  const word = fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc.constantFrom("", "unknown", "10.0.0.1", "::1", "[::1]:80", "\t", "a b", '"', "for=1.2.3.4"),
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 20 }), fc.ipV4(), (written, real) => {
      fc.pre(!real.startsWith("10."));
      const header = [...written, real].join(", ");
      assertEquals(ipOf(["10.0.0.0/8"], PROXY, { "x-forwarded-for": header }), real);
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("resolve() reads CF-Connecting-IP only from Cloudflare's ranges, and nothing else there", () => {
  const headers = { ...SPOOFS, "cf-connecting-ip": STRANGER };
  assertEquals(ipOf(["cloudflare"], CLOUDFLARE_EDGE, headers), STRANGER);
  assertEquals(ipOf(["Cloudflare"], "2606:4700::1", headers), STRANGER);
  assertEquals(ipOf(["cloudflare"], STRANGER, SPOOFS), STRANGER);
  assertEquals(ipOf([CLOUDFLARE_EDGE], CLOUDFLARE_EDGE, headers), VICTIM, "named as a plain proxy");
  assertEquals(
    ipOf(["cloudflare"], CLOUDFLARE_EDGE, { "x-forwarded-for": VICTIM }),
    CLOUDFLARE_EDGE,
    "X-Forwarded-For alone",
  );
});

Deno.test("resolve() counts the edge when Cloudflare's header is missing or garbage", () => {
  for (const value of ["", "unknown", "1.2.3.4, 5.6.7.8", "010.0.0.1", "x".repeat(5_000)]) {
    const headers = { "cf-connecting-ip": value };
    assertEquals(ipOf(["cloudflare"], CLOUDFLARE_EDGE, headers), CLOUDFLARE_EDGE);
  }
});

Deno.test("resolve() reads CF-Connecting-IPv6 only beside a pseudo IPv4 address", () => {
  const ipv6 = "2001:db8:1:2::9";
  const client = (ipv4: string) =>
    ipOf(["cloudflare"], CLOUDFLARE_EDGE, {
      "cf-connecting-ip": ipv4,
      "cf-connecting-ipv6": ipv6,
    });
  assertEquals(client("245.16.3.9"), ipv6);
  assertEquals(client(STRANGER), STRANGER);
  assertEquals(client("2001:db8:9::1"), "2001:db8:9::1");
});

Deno.test("resolve() skips a Cloudflare hop in the list of a proxy behind it", () => {
  const headers = { "x-forwarded-for": `${VICTIM}, ${STRANGER}, ${CLOUDFLARE_EDGE}` };
  assertEquals(ipOf([PROXY, "cloudflare"], PROXY, headers), STRANGER);
  assertEquals(ipOf([PROXY], PROXY, headers), CLOUDFLARE_EDGE);
});

Deno.test("resolve() gives the same object for the same client, so that it costs no memory", () => {
  const { resolve } = resolver(PROXY);
  const headers = new Headers({ "x-forwarded-for": STRANGER });
  assertStrictEquals(
    resolve(tcp(VICTIM), new Headers()),
    resolve({ ...tcp(VICTIM), port: 2 }, headers),
  );
  assertStrictEquals(resolve(tcp(PROXY), headers), resolve(tcp(PROXY), headers));
});

Deno.test("resolve() keeps one proxy's word apart from another's in its cache", () => {
  const { resolve } = resolver("10.0.0.0/8", "cloudflare");
  const headers = new Headers({ "x-forwarded-for": STRANGER, "cf-connecting-ip": STRANGER });
  assertEquals(resolve(tcp("10.0.0.1"), headers).peer, "10.0.0.1");
  assertEquals(resolve(tcp("10.0.0.2"), headers).peer, "10.0.0.2");
  assertEquals(resolve(tcp(CLOUDFLARE_EDGE), headers).peer, CLOUDFLARE_EDGE);
});

Deno.test("resolve() stays right when far more clients pass than it remembers", () => {
  const { resolve } = createClientAddress({ trustedProxies: [PROXY], cacheMax: 16 });
  for (let round = 0; round < 3; round++) {
    for (let index = 0; index < 500; index++) {
      const ip = `198.51.${index >> 8}.${index & 255}`;
      assertEquals(resolve(tcp(ip), new Headers()).ip, ip);
      assertEquals(resolve(tcp(PROXY), new Headers({ "x-forwarded-for": ip })).ip, ip);
    }
  }
});

Deno.test("createClientAddress() names TRUSTED_PROXIES and every wrong entry", () => {
  const error = assertThrows(
    () => resolver("10.0.0.0/8", "10.0.0.1/8", "proxy.internal", "0.0.0.0/0"),
    ConfigError,
    "TRUSTED_PROXIES",
  );
  for (const word of ['"10.0.0.1/8"', "10.0.0.0/8?", '"proxy.internal"', '"0.0.0.0/0"']) {
    assertEquals(error.message.includes(word), true, word);
  }
});

Deno.test("createClientAddress() takes the setting as it is parsed", () => {
  const { TRUSTED_PROXIES } = parseConfig({ TRUSTED_PROXIES: " 10.0.0.0/8, cloudflare ,::1 " });
  const { resolve } = createClientAddress({ trustedProxies: TRUSTED_PROXIES });
  assertEquals(resolve(tcp("::1"), new Headers({ "x-forwarded-for": STRANGER })).ip, STRANGER);
});
