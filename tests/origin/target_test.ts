import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { isAuthority, originTarget } from "../../src/origin/target.ts";

Deno.test("originTarget sends on what the client sent, behind the prefix", () => {
  const targets: readonly (readonly [url: string, target: string])[] = [
    ["http://h/", "/"],
    ["http://h", "/"],
    ["http://h?q", "/?q"],
    ["http://h/a%2Fb/../c//d?x=a+b&y=%C3%BC", "/a%2Fb/../c//d?x=a+b&y=%C3%BC"],
    ["http://[::1]:80/x", "/x"],
    ["https://h/a#fragment?x", "/a"],
    ["http://h/q?a=http://other/x", "/q?a=http://other/x"],
    ["http://h/*", "/*"],
    ["http://h/\u00fc \u{1f680}\u007f", "/%C3%BC%20%F0%9F%9A%80%7F"],
    ["http://h/\ud800", "/%EF%BF%BD"],
    ["http://h/a\r\nX: y", "/a%0D%0AX:%20y"],
  ];
  for (const [url, target] of targets) {
    assertEquals(originTarget(url, ""), target, url);
    assertEquals(originTarget(url, "/app"), `/app${target}`, url);
  }
});

Deno.test("originTarget lets nothing climb out of the prefix", () => {
  const out = ["/..", "/../x", "/a/../../x", "/%2e%2E/x", "/..%2fx", "/..%5Cx", "/\\..\\x"];
  for (const path of [...out, "/a/%2e./%2E%2e", "/./..", "//.."]) {
    assertEquals(originTarget(`http://h${path}`, "/app"), undefined, path);
    assertEquals(originTarget(`http://h${path}`, ""), path, path);
  }
  for (const path of ["/a/..", "/a/b/../../c", "/...", "/..a", "/x?/../..", "/%2e/x"]) {
    assertEquals(originTarget(`http://h${path}`, "/app"), `/app${path}`, path);
  }
});

Deno.test("originTarget never makes a line that ends early", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (path) => {
    const target = originTarget(`http://h/${path}`, "") ?? "";
    assertEquals(/^\/[\x21-\x7e]*$/.test(target), true, target);
  }));
});

Deno.test("isAuthority takes hosts and ports only", () => {
  for (const host of ["shop.example", "127.0.0.1:8000", "[::1]:80", "localhost", "a_b.example"]) {
    assertEquals(isAuthority(host), true, host);
  }
  for (const host of ["", "a/b", "a?b", "a#b", "u@h", "a b", "a:b", "a\\b", "[::1", "h:123456"]) {
    assertEquals(isAuthority(host), false, host);
  }
});
