import { assertEquals } from "@std/assert";
import { openFaulty, testKey } from "./_faulty.ts";

const keysOf = (count: number) => Array.from({ length: count }, (_, n) => testKey<number>(n));

Deno.test("getMany() asks KV in groups of 10, and not at all for no keys", async () => {
  using faulty = await openFaulty({ remote: true });
  const { kv, raw, calls } = faulty;
  for (const [count, trips] of [[0, 0], [1, 1], [10, 1], [11, 2], [100, 10], [101, 11]]) {
    raw.resetCounts();
    await kv.getMany(keysOf(count));
    assertEquals([raw.counts.trips, raw.counts.reads], [trips, count]);
  }
  // One call for the breaker and for metrics in each 100 keys.
  assertEquals(calls.length, 0 + 1 + 1 + 1 + 1 + 2);
});

Deno.test("getMany() has 10 groups under way at most, however many keys are asked", async () => {
  using faulty = await openFaulty();
  const { kv, raw } = faulty;
  let underWay = 0;
  let most = 0;
  const getMany = raw.getMany.bind(raw);
  raw.getMany = async (...args) => {
    most = Math.max(most, ++underWay);
    try {
      return await getMany(...args);
    } finally {
      underWay--;
    }
  };
  assertEquals((await kv.getMany(keysOf(1_234))).length, 1_234);
  assertEquals([most, underWay], [10, 0]);
});

Deno.test("get() is one trip for one key", async () => {
  using faulty = await openFaulty();
  const { kv, raw } = faulty;
  await kv.get(testKey("a"));
  assertEquals([raw.counts.trips, raw.counts.reads], [1, 1]);
});
