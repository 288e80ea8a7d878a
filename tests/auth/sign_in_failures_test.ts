import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { createFailureBook, delayAfterMs } from "../../src/auth/sign_in_failures.ts";
import { DAY, MINUTE, SECOND } from "../../src/time.ts";
import { codeOf, openHouse, refusalOf } from "./_identity.ts";

const HASH = "the hash of an address";

async function openBook() {
  const house = await openHouse();
  return { ...house, book: createFailureBook(house), [Symbol.dispose]: house[Symbol.dispose] };
}

Deno.test("delayAfterMs() is nothing for 4 failures, 1 s for 5, doubling to 15 min", () => {
  assertEquals([0, 1, 4].map(delayAfterMs), [0, 0, 0]);
  assertEquals([5, 6, 7, 14].map(delayAfterMs), [SECOND, 2 * SECOND, 4 * SECOND, 512 * SECOND]);
  assertEquals([15, 16, 5_000].map(delayAfterMs), [15 * MINUTE, 15 * MINUTE, 15 * MINUTE]);
});

Deno.test("begin() refuses from the fifth failure on, and says for how long", async () => {
  using house = await openBook();
  const { book, clock } = house;
  for (let count = 1; count <= 5; count++) assertEquals(await book.begin(HASH), count);
  assertEquals(await codeOf(book.begin(HASH)), "SIGN_IN_DELAYED");
  clock.turn(999);
  assertEquals(await codeOf(book.begin(HASH)), "SIGN_IN_DELAYED");
  clock.turn(1);
  assertEquals(await book.begin(HASH), 6);
  clock.turn(500);
  const refusal = await refusalOf(book.begin(HASH));
  assertEquals(refusal?.options.headers, { "retry-after": "2" });
});

Deno.test("begin() lets 5 of 100 attempts at once through", async () => {
  using house = await openBook();
  const codes = await Promise.all(
    Array.from({ length: 100 }, () => codeOf(house.book.begin(HASH))),
  );
  assertEquals(codes.filter((code) => code === undefined).length, 5);
  assertEquals(codes.filter((code) => code === "SIGN_IN_DELAYED").length, 95);
});

Deno.test("begin() delays who never gets a turn to be counted", async () => {
  using house = await openHouse();
  const refuseAll = () => Promise.resolve({ ok: false } as const);
  const book = createFailureBook({ ...house, kv: { ...house.kv, commitSure: refuseAll } });
  const refusal = await refusalOf(book.begin(HASH));
  assertEquals(refusal?.code, "SIGN_IN_DELAYED");
  assertEquals(refusal?.options.headers, { "retry-after": "1" });
});

Deno.test("begin() counts addresses apart, and forgets after a day", async () => {
  using house = await openBook();
  const { book, clock } = house;
  for (let count = 1; count <= 4; count++) await book.begin(HASH);
  assertEquals(await book.begin("another"), 1);
  clock.turn(DAY);
  assertEquals(await book.begin(HASH), 1);
});

Deno.test("forgive() takes back one failure and its delay", async () => {
  using house = await openBook();
  const { book } = house;
  for (let count = 1; count <= 5; count++) await book.begin(HASH);
  await book.forgive(HASH);
  assertEquals(await book.begin(HASH), 5);
  await book.forgive("never failed");
  assertEquals(await book.begin("never failed"), 1);
});

Deno.test("begin() counts an attempt once when KV's answer is lost", async () => {
  using house = await openBook();
  house.raw.inject({ lostReply: 0.4 });
  for (let count = 1; count <= 4; count++) assertEquals(await house.book.begin(HASH), count);
});

Deno.test("begin() never lets a guesser try more often than the delays allow", async () => {
  const steps = fc.array(fc.integer({ min: 0, max: 120_000 }), { maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(steps, async (waits) => {
      using house = await openBook();
      let failures = 0;
      let openAt = 0;
      for (const waitMs of waits) {
        house.clock.turn(waitMs);
        const mayTry = house.clock.now() >= openAt;
        const code = await codeOf(house.book.begin(HASH));
        assertEquals(code, mayTry ? undefined : "SIGN_IN_DELAYED");
        if (mayTry) openAt = house.clock.now() + delayAfterMs(++failures);
      }
    }),
    { numRuns: 20 },
  );
});
