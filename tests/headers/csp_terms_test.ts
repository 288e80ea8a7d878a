import { assertEquals } from "@std/assert";
import { blockedOrigin, directiveName, pageTemplate } from "../../src/headers/csp_terms.ts";

Deno.test("directiveName() takes the first word, if it is a directive", () => {
  assertEquals(directiveName("script-src 'self' https:"), "script-src");
  assertEquals(directiveName(" IMG-SRC "), "img-src");
  for (const text of ["", "x", "script-srcs", "__proto__"]) {
    assertEquals(directiveName(text), "other");
  }
});

Deno.test("blockedOrigin() keeps an origin or a browser's keyword", () => {
  const cases: readonly [string, string][] = [
    ["https://CDN.example:8443/a/b?c#d", "https://cdn.example:8443"],
    ["http://user:password@cdn.example/", "http://cdn.example"],
    ["wss://live.example/x", "wss://live.example"],
    ["inline", "inline"],
    ["eval", "eval"],
    ["data", "data"],
    ["data:image/png;base64,AAAA", "data"],
    ["blob:https://h/1", "blob"],
    ["trusted-types-sink", "trusted-types-sink"],
    ["", "other"],
    ["self", "self"],
    ["ftp://h/x", "other"],
    ["not a url", "other"],
    [`https://${"a".repeat(60)}.${"b".repeat(63)}.example/`, "other"],
  ];
  for (const [text, expected] of cases) assertEquals(blockedOrigin(text), expected, text);
});

Deno.test("pageTemplate() makes one page of those that differ by an id", () => {
  const cases: readonly [string, string][] = [
    ["https://h/", "/"],
    ["https://h/us/products/17?x=1", "/us/products/{id}"],
    ["https://h/u/3f2504e0-4f89-11d3-9a0c-0305e82c3301/", "/u/{id}/"],
    ["https://h/reset/abcdefghijklmnopqrstuvwxyz", "/reset/{id}"],
    ["https://h/caf%C3%A9", "/{id}"],
    ["https://h/a/b/c/d/e/f/g/h", "/a/b/c/d/e/f/…"],
    ["about:blank", "other"],
    ["", "other"],
    ["/relative", "other"],
  ];
  for (const [text, expected] of cases) assertEquals(pageTemplate(text), expected, text);
});
