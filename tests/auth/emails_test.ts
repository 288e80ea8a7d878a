import { assertEquals, assertNotEquals } from "@std/assert";
import { hashEmail, normalizeEmail } from "../../src/auth/emails.ts";

Deno.test("normalizeEmail() has one spelling for one address", () => {
  for (const text of ["Anna@Shop.Example", " anna@shop.example ", "ANNA@SHOP.EXAMPLE"]) {
    assertEquals(normalizeEmail(text), "anna@shop.example");
  }
  assertEquals(normalizeEmail("e\u0301va@shop.example"), "\u00e9va@shop.example");
  for (const text of ["a.b+c@x-y.example", "root@localhost", "anna@müller.example"]) {
    assertEquals(normalizeEmail(text), text);
  }
});

Deno.test("normalizeEmail() refuses what is no address", () => {
  const refused = [
    "",
    "anna",
    "@shop.example",
    "anna@",
    "an na@shop.example",
    "anna@shop..example",
    "anna@-shop.example",
    "anna@shop.example, eva@shop.example",
    "a@b@c.example",
    "anna@[127.0.0.1]",
    '"anna"@shop.example',
    `${"a".repeat(65)}@shop.example`,
    `a@${"b".repeat(64)}`,
    `a@${"b.".repeat(126)}example`,
    "anna@shop.example\r\nBcc: eva@shop.example",
  ];
  for (const text of refused) assertEquals(normalizeEmail(text), undefined, text);
});

Deno.test("normalizeEmail() judges hostile text at once", () => {
  const startedAt = performance.now();
  for (const text of ["a@" + "b-".repeat(126), "a@" + "b.".repeat(126), "@".repeat(10_000_000)]) {
    assertEquals(normalizeEmail(text), undefined);
  }
  assertEquals(performance.now() - startedAt < 500, true);
});

Deno.test("hashEmail() tells addresses apart without holding them", () => {
  assertNotEquals(hashEmail("anna@shop.example"), hashEmail("eva@shop.example"));
  assertEquals(hashEmail("anna@shop.example").length, 64);
});
