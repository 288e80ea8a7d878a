import { assert, assertEquals, assertThrows } from "@std/assert";
import * as fc from "fast-check";
import { AppError } from "../../src/errors/app_error.ts";
import { checkMail } from "../../src/mail/mail.ts";

const FROM = "shop@morrow.test";
const check = (more: Partial<Parameters<typeof checkMail>[0]>) =>
  checkMail({ to: "ann@shop.test", subject: "s", text: "t", ...more }, FROM);

Deno.test("checkMail() takes plain addresses alone", () => {
  const good = ["ann@shop.test", "a.b+c@x-y.example.com", "o'no".replace("'", "") + "@localhost"];
  assertEquals(check({ to: good }).to, good);
  assertEquals(check({ to: ["a@b.test", "a@b.test"] }).to, ["a@b.test"]);
  const bad = [
    "",
    "ann",
    "ann@",
    "Ann <ann@shop.test>",
    "ann@shop.test, eve@evil.test",
    "ann@shop.test\r\nBcc: eve@evil.test",
    "ann@shop.test\n",
    '"a b"@shop.test',
    "ann@shop.test;eve@evil.test",
    "ann@[127.0.0.1]",
    `${"a".repeat(65)}@shop.test`,
  ];
  for (const to of bad) assertThrows(() => check({ to }), AppError, "no address");
});

Deno.test("checkMail() bounds recipients and texts", () => {
  const many = Array.from({ length: 11 }, (_, at) => `a${at}@shop.test`);
  assertEquals(check({ to: many.slice(1) }).to.length, 10);
  assertThrows(() => check({ to: many }), AppError, "not 11");
  assertThrows(() => check({ to: [] }), AppError, "not 0");
  assertThrows(() => check({ text: "x".repeat(200_001) }), AppError, "200000 characters");
  assertThrows(() => check({ html: "x".repeat(200_001) }), AppError, "200000 characters");
  assertEquals(check({ subject: "x".repeat(1_000) }).subject.length, 200);
});

Deno.test("no text gets a line of its own into the head of a mail", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), fc.string(), (subject, id) => {
    const checked = check({ subject, id });
    // deno-lint-ignore no-control-regex -- nothing of these may be left
    assert(!/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(checked.subject));
    assert(/^[\w.-]{0,100}$/.test(checked.id ?? ""));
  }));
  assertEquals(check({ subject: "Hi\r\nBcc: eve@evil.test" }).subject, "Hi Bcc: eve@evil.test");
});
