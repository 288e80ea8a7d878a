import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { categorize } from "../../src/errors/categorize.ts";
import { fingerprintOf, ownFrame, patternOf } from "../../src/errors/fingerprint.ts";
import { redact } from "../../src/log.ts";
import { readStack, readThrown } from "../../src/errors/thrown.ts";

const fingerprint = (error: Error) =>
  fingerprintOf(
    categorize(error),
    patternOf(redact(readThrown(error).message)),
    ownFrame(readStack(error)),
  );

const orderFailed = (text: string) => new Error(text);
const mailFailed = (text: string) => new Error(text);

Deno.test("1,000 errors of one cause have one fingerprint", () => {
  const texts = (at: number) =>
    `error sending request from 127.0.0.1:${
      40_000 + at
    } for https://api.test/v1/${at}?token=t${at}: ` +
    `order ${crypto.randomUUID()} of "Ann ${at}" at /data/file-${at}.json failed after ${at}.5 ms (0x${
      at.toString(16)
    })`;
  const all = new Set(
    Array.from({ length: 1_000 }, (_, at) => fingerprint(orderFailed(texts(at)))),
  );
  assertEquals(all.size, 1);
});

Deno.test("another text, category, code or place is another fingerprint", () => {
  const base = fingerprintOf({ category: "SYSTEM", code: "BUG" }, "text", "src/a.ts f");
  assertEquals(base.length, 16);
  const others = [
    fingerprintOf({ category: "NETWORK", code: "BUG" }, "text", "src/a.ts f"),
    fingerprintOf({ category: "SYSTEM", code: "UNKNOWN" }, "text", "src/a.ts f"),
    fingerprintOf({ category: "SYSTEM", code: "BUG" }, "other", "src/a.ts f"),
    fingerprintOf({ category: "SYSTEM", code: "BUG" }, "text", "src/a.ts g"),
  ];
  for (const other of others) assertNotEquals(other, base);
  assertNotEquals(fingerprint(orderFailed("same")), fingerprint(mailFailed("same")));
});

Deno.test("patternOf() takes out what varies and keeps the sentence", () => {
  const cases: Readonly<Record<string, string>> = {
    "Cannot read properties of null (reading 'x')":
      "Cannot read properties of null (reading [text])",
    "connect ECONNREFUSED 127.0.0.1:1999": "connect ECONNREFUSED #",
    "No such file or directory (os error 2): readfile '/nope'":
      "No such file or directory (os error #): readfile [text]",
    "error for url (https://a.test/b): down": "error for url ([url]): down",
    "cannot open /var/data/x.db now": "cannot open [path] now",
    "Unexpected token 'a', \"abc is cut": "Unexpected token [text], [text]",
    "key 9f8e7d6c5b4a and M-7K3F-92QD": "key # and #",
  };
  for (const [text, expected] of Object.entries(cases)) assertEquals(patternOf(text), expected);
  assert(patternOf("word ".repeat(1_000)).length <= 240);
});

Deno.test("ownFrame() names our file and function, never a line or a library", () => {
  for (
    const folder of [
      "gatehouse",
      "ops",
      "src/tests",
      "my%20shop",
      "shop%20(1)",
      "(a)",
      "n%C3%A4me%20&%2050%25",
    ]
  ) {
    const root = `file:///app/${folder}/`;
    const stack = `Error: x
    at fetchOnce (ext:deno_fetch/26_fetch.js:1:1)
    at send (file:///home/me/.cache/node_modules/lib/index.js:3:4)
    at async Object.run (${root}src/mail/mailer.ts:12:34)
    at ${root}main.ts:1:1`;
    assertEquals(ownFrame(stack, root), "src/mail/mailer.ts Object.run", folder);
    const evaluated = `    at eval (eval at run (${root}src/a.ts:1:2), <anonymous>:3:4)`;
    assertEquals(ownFrame(evaluated, root), "src/a.ts eval", folder);
    assertEquals(ownFrame(`Error: x\n    at ${root}main.ts:1:1`, root), "main.ts", folder);
  }
  assertEquals(ownFrame("Error: x\n    at file:///elsewhere/lib.ts:1:1"), "lib.ts");
  assertEquals(ownFrame("no stack at all"), "");
  assertEquals(
    ownFrame(readStack(orderFailed("x"))),
    "tests/errors/fingerprint_test.ts orderFailed",
  );
});
