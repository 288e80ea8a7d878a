import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { AppError } from "../../src/errors/app_error.ts";
import { createCursors, type CursorScope } from "../../src/kv/cursors.ts";

const KEY = new Uint8Array(32).fill(7);
const scope: CursorScope = { prefix: ["tasks", "dead"], reverse: false };

const isInvalid = async (call: () => Promise<unknown>) => {
  const error = await assertRejects(call, AppError);
  assert(error instanceof AppError);
  assertEquals(error.code, "INVALID_CURSOR");
};

Deno.test("cursors open what they signed, whatever KV's own cursor holds", async () => {
  const cursors = createCursors(KEY);
  const anyPlace = fc.string({ unit: "binary-ascii", minLength: 1, maxLength: 2_000, size: "max" });
  await fc.assert(fc.asyncProperty(anyPlace, async (place) => {
    const cursor = await cursors.sign(scope, place);
    assertEquals(encodeURIComponent(cursor), cursor);
    assertEquals(await cursors.open(scope, cursor), place);
  }));
});

Deno.test("cursors belong to one prefix and one direction", async () => {
  const cursors = createCursors(KEY);
  const cursor = await cursors.sign(scope, "place");
  const others: CursorScope[] = [
    { ...scope, reverse: true },
    { ...scope, prefix: ["tasks"] },
    { ...scope, prefix: ["tasks", "dead", ""] },
    { ...scope, prefix: ["tasks,dead"] },
    { ...scope, prefix: ["tasks", "done"] },
  ];
  for (const other of others) await isInvalid(() => cursors.open(other, cursor));
});

Deno.test("cursors tell the number 1, the text 1, the bigint 1, true and a byte apart", async () => {
  const cursors = createCursors(KEY);
  const parts = [1, "1", 1n, true, "true", new Uint8Array([1])];
  const signed = await Promise.all(
    parts.map((part) => cursors.sign({ prefix: [part], reverse: false }, "place")),
  );
  assertEquals(new Set(signed).size, parts.length);
});

Deno.test("cursors refuse every change of one character", async () => {
  const cursors = createCursors(KEY);
  const cursor = await cursors.sign(scope, "AmEAplace");
  for (let at = 0; at < cursor.length; at++) {
    for (const character of ["A", "z", "_", "="]) {
      const forged = cursor.slice(0, at) + character + cursor.slice(at + 1);
      if (forged === cursor) continue;
      const opened = await cursors.open(scope, forged).catch((error) => error);
      // The last letter holds bits that belong to no byte; the bytes are what is signed.
      if (at === cursor.length - 1 && opened === "AmEAplace") continue;
      assert(opened instanceof AppError, `${at} ${character}`);
    }
  }
});

Deno.test("cursors refuse rubbish of any kind", async () => {
  const cursors = createCursors(KEY);
  const rubbish = [
    "",
    "A",
    "AAAA",
    "!!!",
    "AmEA",
    "=".repeat(50),
    "é".repeat(60),
    "A".repeat(4_097),
  ];
  for (const cursor of rubbish) await isInvalid(() => cursors.open(scope, cursor));
  await fc.assert(
    fc.asyncProperty(
      fc.string({ maxLength: 300, size: "max" }),
      (text) => isInvalid(() => cursors.open(scope, text)),
    ),
    { numRuns: 500 },
  );
});

Deno.test("cursors of another deployment's key are refused", async () => {
  const cursor = await createCursors(KEY).sign(scope, "place");
  await isInvalid(() => createCursors(new Uint8Array(32).fill(8)).open(scope, cursor));
  assertEquals(await createCursors(KEY).open(scope, cursor), "place");
});

Deno.test("cursors read their key once, and again after it could not be read", async () => {
  let reads = 0;
  const cursors = createCursors(() => {
    reads++;
    return reads === 1 ? Promise.reject(new Error("KV is out")) : Promise.resolve(KEY);
  });
  await assertRejects(() => cursors.sign(scope, "place"), Error, "KV is out");
  const signed = await Promise.all([cursors.sign(scope, "a"), cursors.sign(scope, "b")]);
  assertNotEquals(signed[0], signed[1]);
  assertEquals(reads, 2);
});
