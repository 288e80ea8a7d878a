import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { openFaulty, testKey } from "./_faulty.ts";

Deno.test("page() visits every row once, in order, for any number of rows and page size", async () => {
  let families = 0;
  using faulty = await openFaulty();
  const { kv } = faulty;
  const cases = fc.record({
    rows: fc.nat(60),
    limit: fc.integer({ min: 1, max: 70 }),
    reverse: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(cases, async ({ rows, limit, reverse }) => {
      const prefix = testKey<number>(families++);
      const wanted = Array.from({ length: rows }, (_, n) => n);
      await kv.commit((atomic) => {
        for (const n of wanted) atomic.set({ parts: [...prefix.parts, n] }, n);
      });
      const seen: number[] = [];
      let pages = 0;
      let cursor: string | undefined;
      do {
        const page = await kv.page(prefix, { limit, cursor, reverse });
        assert(page.items.length <= limit);
        seen.push(...page.items.map((item) => item.value));
        cursor = page.next_cursor ?? undefined;
        pages++;
      } while (cursor !== undefined);
      assertEquals(seen, reverse ? wanted.toReversed() : wanted);
      assertEquals(pages, Math.max(1, Math.ceil(rows / limit)));
    }),
    { numRuns: 60 },
  );
});

Deno.test("page() goes on where it was when rows came and went in between", async () => {
  using faulty = await openFaulty();
  const { kv } = faulty;
  const set = (...numbers: number[]) =>
    kv.commit((atomic) => {
      for (const n of numbers) atomic.set(testKey(n), n);
    });
  await set(10, 20, 30, 40);
  const first = await kv.page<number>(testKey(), { limit: 2 });
  await set(15, 25);
  await kv.commit((atomic) => atomic.delete(testKey(20)).delete(testKey(30)));
  assert(first.next_cursor);
  const rest = await kv.page<number>(testKey(), { limit: 9, cursor: first.next_cursor });
  assertEquals(rest.items.map((item) => item.value), [25, 40]);
});

Deno.test("page() is one trip to KV, and the signing key is read for a cursor only", async () => {
  let keyReads = 0;
  const cursorKey = () => {
    keyReads++;
    return Promise.resolve(new Uint8Array(32));
  };
  using faulty = await openFaulty({ cursorKey });
  const { kv, raw } = faulty;
  await kv.commit((atomic) => atomic.set(testKey(1), 1).set(testKey(2), 2));
  raw.resetCounts();
  await kv.page(testKey(), { limit: 2 });
  assertEquals([raw.counts.trips, raw.counts.lists, keyReads], [1, 1, 0]);
  const { next_cursor } = await kv.page(testKey(), { limit: 1 });
  await kv.page(testKey(), { limit: 1, cursor: next_cursor ?? "" });
  assertEquals([raw.counts.trips, keyReads], [3, 1]);
});

/** Ranges that end before they begin, as whoever mixes up `from` and `to` asks for. */
const TURNED: readonly (readonly [from: Deno.KvKey, until: Deno.KvKey])[] = [
  [[2], [1]],
  [[2], [-1]],
  [[1, 5], [1, 4]],
  [[1, 1], [1]],
  [["b"], ["a"]],
  [["2026-12"], ["2026-11"]],
];

Deno.test("page() of a range that ends before it begins is empty, and no failure of KV", async () => {
  using faulty = await openFaulty();
  const { kv } = faulty;
  await kv.commit((atomic) => atomic.set(testKey(1), 1).set(testKey(2), 2));
  for (const [from, until] of TURNED) {
    for (const reverse of [false, true]) {
      const page = await kv.page(testKey(), { limit: 5, from, until, reverse });
      assertEquals(page, { items: [], next_cursor: null }, JSON.stringify([from, until]));
    }
  }
});
