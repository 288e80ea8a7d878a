import { assertEquals } from "@std/assert";
import fc from "fast-check";
import type { ClientAddress } from "../../src/context.ts";
import { createPublicHosts } from "../../src/ip/public_hosts.ts";

const client = (viaTrustedProxy: boolean): ClientAddress => ({
  ip: "203.0.113.9",
  subject: "203.0.113.9",
  peer: "203.0.113.9",
  viaTrustedProxy,
});

/** As Deno shows a request: the target's host, or `Host`, in its URL. */
const host = (headers: Record<string, string>, { trusted = false, url = "" } = {}) =>
  createPublicHosts([]).of(client(trusted), {
    url: url || `http://${headers.host ?? "localhost:8000"}/path`,
    headers: new Headers(headers),
  });

Deno.test("publicHosts.of() believes X-Forwarded-Host only from a trusted proxy", () => {
  const headers = { "host": "Shop.Example:8000", "x-forwarded-host": "evil.example" };
  assertEquals(host(headers), "shop.example:8000");
  const trusted = (word: string) =>
    host({ ...headers, "x-forwarded-host": word }, { trusted: true });
  assertEquals(trusted("b.example"), "b.example");
  assertEquals(trusted("evil.example, b.example"), "b.example");
  for (const word of ["a b", "", "b.example,", "x:99999", "u@b"]) {
    assertEquals(trusted(word), "shop.example:8000", word);
  }
});

Deno.test("publicHosts.of() lets the target beat Host, as in an absolute target and HTTP/2", () => {
  const url = "http://Shop.Example:8000/a";
  assertEquals(host({}, { url }), "shop.example:8000");
  assertEquals(host({ host: "b.example" }, { url }), "shop.example:8000");
  // A Host that is none spoils the request, even where it would not be used.
  for (const wrong of ["a b", "", "x:99999", "b\u00fccher.example"]) {
    assertEquals(host({ host: wrong }, { url }), "", wrong);
  }
  for (
    const target of [
      "http://u:p@shop.example/",
      "http://shop.example?q",
      "http://shop.example?q/x",
      "http://shop.example#/x",
      "http://shop.example",
      "http://shop.example\\@evil.example/",
      "http://shop%2eexample/",
      "http://[::1/",
      "http:///x",
    ]
  ) assertEquals(host({ host: "b.example" }, { url: target }), "", target);
});

Deno.test("publicHosts.of() accepts names, addresses and ports", () => {
  const accepted = [
    "localhost",
    "127.0.0.1:8000",
    "[::1]:8000",
    "[2001:db8::1]",
    "a",
    "a:1",
    "a:65535",
    "a_b.example",
    "xn--bcher-kva.example",
    "_srv.shop.example.",
    `${"a".repeat(63)}.example`,
  ];
  for (const text of accepted) assertEquals(host({ host: text }), text);
});

Deno.test("publicHosts.of() is empty for what is no host, or could turn a URL another way", () => {
  const refused = [
    "",
    "a/b",
    "a@b",
    "a:b@c",
    "a?b",
    "a#b",
    "a\\b",
    "a b",
    "a,b",
    "a%41",
    "a:80:80",
    "a:",
    "a:0",
    "a:080",
    "a:65536",
    "a:99999",
    "a:123456",
    "a:-1",
    "-a",
    "a-",
    "[::1",
    "::1",
    "[:::]",
    "[1:2]",
    "1.2.3.999",
    "[evil.example]",
    "<b>",
    "\u00e9.example",
    "x".repeat(300),
  ];
  for (const text of refused) assertEquals(host({ host: text }), "", text);
});

Deno.test("publicHosts.of() only ever answers what a URL keeps as its host", () => {
  const pieces = fc.constantFrom("a", "b.c", "-", "_", ".", ":", "80", "@", "/", "[", "]", "::1");
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 8 }).map((words) => words.join("")), (text) => {
      const answer = host({ host: text });
      if (!answer) return;
      const url = new URL(`https://${answer}/path`);
      assertEquals([url.pathname, url.username, url.search, url.hash], ["/path", "", "", ""]);
    }),
    { numRuns: 3_000 },
  );
});

Deno.test("publicHosts.of() reads the same again, and keeps no more than it may", () => {
  const hosts = createPublicHosts([]);
  for (let i = 0; i < 5_000; i++) {
    const name = `h${i % 2_500}.example`;
    const request = { url: `http://${name}/`, headers: new Headers({ host: name }) };
    assertEquals(hosts.of(client(false), request), name);
  }
});

Deno.test("publicHosts.isOurs() knows names, ports, and all names below one", () => {
  const hosts = createPublicHosts(["Shop.Example", "*.shop.example", "app.example:8443", "[::1]"]);
  const ours = [
    "shop.example",
    "shop.example.",
    "shop.example:8000",
    "www.shop.example",
    "a.b.shop.example:81",
    "www.shop.example.",
    "app.example:8443",
    "[::1]",
    "[::1]:8000",
  ];
  for (const name of ours) assertEquals(hosts.isOurs(name), true, name);
  const others = [
    "",
    "evil.example",
    "evilshop.example",
    "shop.example.evil.example",
    ".shop.example.evil",
    "app.example",
    "app.example:8444",
    "www.app.example:8443",
    "[::2]",
    "127.0.0.1",
    "localhost:8000",
  ];
  for (const name of others) assertEquals(hosts.isOurs(name), false, name);
  assertEquals(createPublicHosts([]).isOurs("anything.example"), true);
  assertEquals(createPublicHosts(["*.a.example:81"]).isOurs("b.a.example:81"), true);
  assertEquals(createPublicHosts(["*.a.example:81"]).isOurs("b.a.example"), false);
});
