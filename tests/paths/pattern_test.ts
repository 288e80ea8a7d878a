import { assert, assertEquals } from "@std/assert";
import { pathPattern, patternProblem } from "../../src/paths/pattern.ts";

Deno.test("pathPattern() takes * for one segment, and at the end for all the rest or none", () => {
  const table: [pattern: string, matches: string[], others: string[]][] = [
    ["/login", ["/login"], ["/login/x", "/", "/logins"]],
    ["/Login/", ["/login"], ["/login/x"]],
    ["/", ["/"], ["/a"]],
    ["/*", ["/", "/a", "/a/b"], []],
    ["/pages/*", ["/pages", "/pages/1", "/pages/1/edit"], ["/page", "/pagesx"]],
    ["/a/*/c", ["/a/b/c"], ["/a/c", "/a/b/b/c", "/a/b/c/d"]],
    ["/a/*/c/*", ["/a/b/c", "/a/b/c/d/e"], ["/a/b"]],
    ["/caf%C3%A9", ["/café"], ["/cafe"]],
    ["/.well-known/*", ["/.well-known/acme"], ["/well-known"]],
  ];
  for (const [text, matches, others] of table) {
    assertEquals(patternProblem(text), undefined, text);
    const pattern = pathPattern(text);
    for (const path of matches) assert(pattern.matches(path), `${text} matches ${path}`);
    for (const path of others) assert(!pattern.matches(path), `${text} does not match ${path}`);
  }
});

Deno.test("patternProblem() names what could never apply, or not as it looks", () => {
  const wrong = [
    "login",
    "",
    "/a b",
    "/a?b",
    "/a#b",
    "/rep*",
    "/a/*b/c",
    "/*.css",
    "//a",
    "/a//b",
    "/a/../b",
    "/a/.",
    "/a;x",
    "/a%2fb",
    "/a%252e",
    "/a\u0007",
  ];
  for (const text of wrong) assert(patternProblem(text), text);
});
