import { assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import { keys } from "../../src/kv/keys.ts";
import { DAY, MINUTE } from "../../src/time.ts";
import { BY, codeOf, type House, openHouse } from "./_identity.ts";
import { NOW_MS } from "./_tokens.ts";

/** Writes an entry now; its action is the time, so that a list shows what is where. */
async function write({ identity, kv, clock }: House) {
  const entry = identity.audit.entry({ by: BY, action: `at ${clock.now()}`, target: "x" });
  await kv.commit(entry.join);
  return entry.record.at;
}

/** All entries of a query, page by page, and how many pages it took. */
async function readAll({ identity }: House, query: { limit: number; from?: number; to?: number }) {
  const times: number[] = [];
  let cursor: string | undefined;
  let pages = 0;
  do {
    const slice = await identity.audit.list({ ...query, cursor });
    times.push(...slice.items.map(({ at }) => at));
    cursor = slice.next_cursor ?? undefined;
    pages++;
  } while (cursor !== undefined && pages < 100);
  return { times, pages };
}

Deno.test("entry() says who did what to what, cut to a bearable length", async () => {
  using house = await openHouse();
  const details = {
    role: "admin",
    ...Object.fromEntries(Array.from({ length: 20 }, (_, n) => [n, n])),
  };
  const entry = house.identity.audit.entry({
    by: { id: "acc_1", requestId: "r".repeat(500) },
    action: "user.create",
    target: "t".repeat(500),
    details: { ...details, long: "x".repeat(500) },
  });
  assertEquals(await entry.landed(), false);
  await house.kv.commit(entry.join);
  assertEquals(await entry.landed(), true);
  const { items: [record] } = await house.identity.audit.list({ limit: 1 });
  assertEquals(record, entry.record);
  assertMatch(record.id, /^aud_\w{12}$/);
  assertEquals([record.requestId.length, record.target.length], [200, 200]);
  assertEquals(Object.keys(record.details).length, 10);
});

Deno.test("list() is newest first over months, page by page", async () => {
  using house = await openHouse();
  const written: number[] = [];
  for (let n = 0; n < 12; n++) {
    written.unshift(await write(house));
    house.clock.turn(17 * DAY);
  }
  assertEquals((await readAll(house, { limit: 5 })).times, written);
});

Deno.test("list() finds exactly the entries from and to a time, for any range", async () => {
  using house = await openHouse();
  const written: number[] = [];
  for (const days of [0, 0.1, 3, 40, 0, 1, 90, 33]) {
    house.clock.turn(days * DAY);
    written.unshift(await write(house));
  }
  const moment = fc.integer({ min: NOW_MS - 5 * DAY, max: NOW_MS + 200 * DAY });
  await fc.assert(
    fc.asyncProperty(moment, moment, fc.integer({ min: 1, max: 6 }), async (from, to, limit) => {
      const { times } = await readAll(house, { from, to, limit });
      assertEquals(times, written.filter((at) => at >= from && at <= to));
    }),
    { numRuns: 60 },
  );
});

Deno.test("list() reads KV 30 times at most for one page", async () => {
  using house = await openHouse();
  for (let n = 0; n < 40; n++) {
    await write(house);
    house.clock.turn(MINUTE);
  }
  house.raw.resetCounts();
  const slice = await house.identity.audit.list({ limit: 1, to: NOW_MS });
  assertEquals(house.raw.counts.lists, 30);
  assertEquals(slice.items, []);
  assertEquals((await readAll(house, { limit: 1, to: NOW_MS })).times, [NOW_MS]);
});

Deno.test("list() shows nothing older than a year, whether KV still has it or not", async () => {
  using house = await openHouse();
  await write(house);
  house.clock.turn(365 * DAY);
  assertEquals((await readAll(house, { limit: 5 })).times, [NOW_MS]);
  house.clock.turn(1);
  assertEquals((await readAll(house, { limit: 5 })).times, []);
});

Deno.test("list() refuses a cursor that it did not hand out", async () => {
  using house = await openHouse();
  await write(house);
  for (const cursor of ["", "x", "2026-13", "2026-11.", "2026-11.forged", "../2026-11"]) {
    assertEquals(
      await codeOf(house.identity.audit.list({ limit: 1, cursor })),
      "INVALID_CURSOR",
      cursor,
    );
  }
  assertEquals((await house.kv.get(keys.audit("x", 0, "x"))).value, null);
});
