import { assertEquals, assertThrows } from "@std/assert";
import { KV_LIMITS, LimitedAtomic } from "../../src/kv/atomic.ts";
import type { Atomic } from "../../src/kv/kv.ts";
import { createFaultKv } from "../_fault_kv.ts";
import { testKey } from "./_faulty.ts";

const refused = async (build: (atomic: Atomic) => void) => {
  using raw = await createFaultKv();
  return assertThrows(() => build(new LimitedAtomic(raw.atomic())), RangeError).message;
};

Deno.test("KV_LIMITS are the least of SQLite, denokv and Deno Deploy, with a margin", () => {
  assertEquals(KV_LIMITS, {
    checks: 10,
    mutations: 900,
    commitBytes: 716_800,
    valueBytes: 60_000,
    keyBytes: 2_048,
    readKeys: 10,
  });
});

Deno.test("LimitedAtomic names the family of a key that is at fault, never the rest of it", async () => {
  const secret = "203.0.113.9";
  const message = await refused((atomic) => atomic.set(testKey(secret), new Uint8Array(70_000)));
  assertEquals(message, 'KV value of "test" takes 70000 bytes; 60000 are possible');
  const long = await refused((atomic) => atomic.delete(testKey(secret.repeat(300))));
  assertEquals(long, 'KV key "test" takes 3308 bytes; 1 to 2048 are possible');
});

Deno.test("LimitedAtomic refuses an empty key, and sums no counter can hold", async () => {
  await refused((atomic) => atomic.check({ parts: [] }, null));
  await refused((atomic) => atomic.sum(testKey("n"), 2n ** 64n));
  await refused((atomic) => atomic.sum(testKey("n"), -(2n ** 64n)));
});

Deno.test("LimitedAtomic counts deletes, sums and sets as mutations, and keys as bytes", async () => {
  const message = await refused((atomic) => {
    for (let n = 0; n < 300; n++) {
      atomic.set(testKey("s", n), n).delete(testKey("d", n)).sum(testKey("c", n), 1n);
    }
    atomic.delete(testKey("one more"));
  });
  assertEquals(message, "A KV commit can hold at most 900 mutations");
  const keys = await refused((atomic) => {
    for (let n = 0; n < 400; n++) atomic.delete(testKey("x".repeat(2_000), n));
  });
  assertEquals(keys, "A KV commit can hold at most 716800 bytes");
});
