import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { FakeTime } from "@std/testing/time";

Deno.test("the linked std packages fail when they should", async () => {
  assertThrows(() => assertEquals<unknown>({ a: 1 }, { a: 2 }));
  assertThrows(() => assert(0));
  await assertRejects(() => Promise.reject(new TypeError("no such thing")), TypeError, "no such");
  await assertRejects(() => assertRejects(() => Promise.resolve()));
});

Deno.test("FakeTime turns timers without waiting", async () => {
  using time = new FakeTime(0);
  let rang = false;
  setTimeout(() => (rang = true), 60_000);
  await time.tickAsync(59_999);
  assertEquals(rang, false);
  await time.tickAsync(1);
  assertEquals(rang, true);
});

Deno.test("FakeTime lets nothing run between timers, as the published one does not", async () => {
  using time = new FakeTime(0);
  const rang: number[] = [];
  const chain = async () => {
    for (const ms of [5, 5, 5]) {
      await new Promise((resolve) => setTimeout(resolve, ms));
      rang.push(Date.now());
    }
  };
  const done = chain();
  await time.tickAsync(12);
  await time.runMicrotasks();
  assertEquals(rang, [12]);
  await time.tickAsync(5);
  await time.tickAsync(5);
  await done;
  assertEquals(rang, [12, 17, 22]);
});
