import { assertEquals } from "@std/assert";
import {
  detours,
  isFramingLimited,
  readPolicies,
  scriptHole,
} from "../../src/verify/content_policy.ts";

const first = (text: string) => readPolicies(text)[0];

const CLOSED = [
  "default-src 'none'",
  "script-src 'self' https://cdn.example",
  "script-src 'nonce-abc' 'unsafe-inline'",
  "script-src 'nonce-abc' 'strict-dynamic' https: 'unsafe-inline'",
  "SCRIPT-SRC 'self'; script-src *",
];

const OPEN = {
  "img-src 'self'": "no script-src and no default-src",
  "default-src 'self' 'unsafe-inline'": "scripts may be 'unsafe-inline'",
  "script-src 'nonce-abc' 'unsafe-eval'": "scripts may be 'unsafe-eval'",
  "script-src https:": "scripts may be https:",
  "script-src 'self' data:": "scripts may be data:",
  "script-src *": "scripts may be *",
};

Deno.test("scriptHole() finds none where scripts need leave", () => {
  for (const text of CLOSED) assertEquals(scriptHole(first(text)), undefined, text);
});

Deno.test("scriptHole() says what lets foreign scripts in", () => {
  for (const [text, hole] of Object.entries(OPEN)) assertEquals(scriptHole(first(text)), hole);
});

Deno.test("detours() names what a policy leaves open beside scripts", () => {
  assertEquals(detours(first("default-src 'none'; base-uri 'none'")), []);
  assertEquals(detours(first("default-src 'self'; object-src 'none'")), ["no base-uri"]);
  assertEquals(detours(first("base-uri 'self'")), ["object-src is not 'none'"]);
});

Deno.test("isFramingLimited() takes any limit but one to everybody", () => {
  const limited = (text: string) => isFramingLimited(first(text));
  assertEquals(["frame-ancestors 'none'", "frame-ancestors https://a.example"].map(limited), [
    true,
    true,
  ]);
  assertEquals(["frame-ancestors *", "default-src 'none'"].map(limited), [false, false]);
});

Deno.test("readPolicies() reads each policy of a header, and none of none", () => {
  assertEquals(readPolicies(null), []);
  assertEquals(readPolicies("a b, c").map((policy) => [...policy.keys()]), [["a"], ["c"]]);
});
