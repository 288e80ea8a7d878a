import { assertEquals } from "@std/assert";
import fc from "fast-check";
import type { ClientAddress } from "../../src/context.ts";
import {
  forwardedHost,
  forwardedPort,
  forwardedPrefix,
  forwardedScheme,
} from "../../src/ip/forwarded.ts";

const client = (viaTrustedProxy: boolean): ClientAddress => ({
  ip: "203.0.113.9",
  subject: "203.0.113.9",
  peer: "203.0.113.9",
  viaTrustedProxy,
});

const scheme = (trusted: boolean, word: string | undefined, connection: "http" | "https") =>
  forwardedScheme(
    client(trusted),
    new Headers(word === undefined ? {} : { "x-forwarded-proto": word }),
    connection,
  );

Deno.test("forwardedScheme() is the connection's for a stranger", () => {
  assertEquals(scheme(false, "https", "http"), "http");
  assertEquals(scheme(false, "http", "https"), "https");
});

Deno.test("forwardedScheme() is the trusted proxy's own word, the last of a list", () => {
  assertEquals(scheme(true, "https", "http"), "https");
  assertEquals(scheme(true, "HTTPS", "http"), "https");
  assertEquals(scheme(true, "https, http", "https"), "http");
  assertEquals(scheme(true, "http,https", "http"), "https");
});

Deno.test("forwardedScheme() falls back to the connection on anything else", () => {
  for (const word of [undefined, "", "ftp", "https;", "https,", "javascript", "on"]) {
    assertEquals(scheme(true, word, "http"), "http", word);
    assertEquals(scheme(true, word, "https"), "https", word);
  }
});

const host = (trusted: boolean, headers: Record<string, string>) =>
  forwardedHost(client(trusted), new Headers(headers));

Deno.test("forwardedHost() believes X-Forwarded-Host only from a trusted proxy", () => {
  const headers = { "host": "Shop.Example:8000", "x-forwarded-host": "evil.example" };
  assertEquals(host(false, headers), "shop.example:8000");
  assertEquals(host(true, headers), "evil.example");
  assertEquals(
    host(true, { ...headers, "x-forwarded-host": "evil.example, b.example" }),
    "b.example",
  );
  assertEquals(host(true, { ...headers, "x-forwarded-host": "a b" }), "shop.example:8000");
});

Deno.test("forwardedHost() reads the URL of an HTTP/2 request, which has no Host", () => {
  const request = { url: "http://Shop.Example:8000/a" };
  assertEquals(forwardedHost(client(false), new Headers(), request), "shop.example:8000");
  const headers = new Headers({ host: "b.example" });
  assertEquals(forwardedHost(client(false), headers, request), "b.example");
  assertEquals(forwardedHost(client(false), new Headers({ host: "a b" }), request), "");
});

Deno.test("forwardedHost() accepts names, addresses and ports", () => {
  const accepted = [
    "localhost",
    "127.0.0.1:8000",
    "[::1]:8000",
    "[2001:db8::1]",
    "a",
    "xn--bcher-kva.example",
    "_srv.shop.example.",
    `${"a".repeat(63)}.example`,
  ];
  for (const text of accepted) assertEquals(host(false, { host: text }), text);
});

Deno.test("forwardedHost() is empty for what could turn a URL another way", () => {
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
    "a:80:80",
    "a:",
    "a:123456",
    "-a",
    "a-",
    "[::1",
    "::1",
    "[evil.example]",
    "<b>",
    "é.example",
    "x".repeat(300),
  ];
  for (const text of refused) assertEquals(host(false, { host: text }), "", text);
  assertEquals(host(false, {}), "");
});

Deno.test("forwardedHost() only ever answers what a URL keeps as its host", () => {
  const pieces = fc.constantFrom("a", "b.c", "-", "_", ".", ":", "80", "@", "/", "[", "]", "::1");
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 8 }).map((words) => words.join("")), (text) => {
      const answer = host(false, { host: text });
      if (!answer || !URL.canParse(`https://${answer}/path`)) return;
      const url = new URL(`https://${answer}/path`);
      assertEquals([url.pathname, url.username, url.search, url.hash], ["/path", "", "", ""]);
    }),
    { numRuns: 3_000 },
  );
});

Deno.test("forwardedPort() and forwardedPrefix() are a trusted proxy's own words, or nothing", () => {
  const port = (text: string, trusted = true) =>
    forwardedPort(client(trusted), new Headers({ "x-forwarded-port": text }));
  assertEquals([port("8443"), port("80, 443"), port("8443", false)], ["8443", "443", undefined]);
  for (const text of ["", "0", "080", "65536", "x", "80 81", "-1", "1e3"]) {
    assertEquals(port(text), undefined, text);
  }
  const prefix = (text: string, trusted = true) =>
    forwardedPrefix(client(trusted), new Headers({ "x-forwarded-prefix": text }));
  assertEquals([prefix("/shop"), prefix("/x, /a/b.c"), prefix("/shop", false)], [
    "/shop",
    "/a/b.c",
    undefined,
  ]);
  for (const text of ["", "/", "//evil.example", "/a/", "/../x", "/a/..", "/.", "shop", "/a b"]) {
    assertEquals(prefix(text), undefined, text);
  }
});
