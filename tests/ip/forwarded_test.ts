import { assertEquals } from "@std/assert";
import type { ClientAddress } from "../../src/context.ts";
import { forwardedPort, forwardedPrefix, forwardedScheme } from "../../src/ip/forwarded.ts";

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
