import { assert, assertEquals, assertGreater, assertLessOrEqual } from "@std/assert";
import { keys } from "../../src/kv/keys.ts";
import { openKv } from "../../src/kv/open.ts";
import { createLeaseLimiter, type LeaseLimiter } from "../../src/limits/lease_limiter.ts";
import { createLeaseStore } from "../../src/limits/lease_store.ts";
import { silentLog } from "../../src/log.ts";
import { MINUTE, systemClock } from "../../src/time.ts";
import { createTestClock } from "../_clock.ts";

async function withKv(test: (store: ReturnType<typeof createLeaseStore>) => Promise<void>) {
  const kv = await openKv({ path: ":memory:", clock: systemClock, log: silentLog });
  try {
    await test(createLeaseStore(kv));
  } finally {
    kv.close();
  }
}

const ring = (used: number) => ({ j: 400_000_000, f: 400_000_000, u: [used], w: used });
const write = (subject: string, used: number, versionstamp: string | null) => ({
  key: keys.limitRing("test", subject),
  versionstamp,
  value: ring(used),
  expireIn: MINUTE,
});

Deno.test("LeaseStore.commit() writes all records or none", async () => {
  await withKv(async (store) => {
    const first = await store.commit([write("a", 1, null), write("b", 2, null)]);
    assert(first.ok);
    const [a, b] = await store.read([keys.limitRing("test", "a"), keys.limitRing("test", "b")]);
    assertEquals([a.value, b.value], [ring(1), ring(2)]);
    assertEquals([a.versionstamp, b.versionstamp], [first.versionstamp, first.versionstamp]);
    const second = await store.commit([write("a", 5, first.versionstamp), write("b", 6, null)]);
    assertEquals(second.ok, false);
    assertEquals((await store.read([keys.limitRing("test", "a")]))[0].value, ring(1));
  });
});

Deno.test("LeaseStore.read() answers null for what is not there, in the order asked", async () => {
  await withKv(async (store) => {
    await store.commit([write("b", 2, null)]);
    const entries = await store.read(["a", "b", "c"].map((s) => keys.limitRing("test", s)));
    assertEquals(entries.map(({ value }) => value), [null, ring(2), null]);
    assertEquals(entries[0].versionstamp, null);
  });
});

function fleetOn(store: ReturnType<typeof createLeaseStore>, count: number) {
  const clock = createTestClock();
  const limiters = Array.from(
    { length: count },
    () => createLeaseLimiter({ store, clock, isolates: () => count, random: Math.random }),
  );
  return { clock, limiters };
}

/** Requests in lots of 40 at once, each to any of the limiters. Returns how many were admitted. */
async function shower(
  limiters: readonly LeaseLimiter[],
  claims: Parameters<LeaseLimiter["take"]>[0],
  requests: number,
) {
  let admitted = 0;
  for (let n = 0; n < requests; n += 40) {
    const lot = Array.from({ length: Math.min(40, requests - n) }, async () => {
      const limiter = limiters[Math.floor(limiters.length * Math.random())];
      if ((await limiter.take(claims, 1)).allowed) admitted++;
    });
    await Promise.all(lot);
  }
  return admitted;
}

Deno.test("LeaseLimiter keeps a strict limit exactly, four of them on one real KV", async () => {
  await withKv(async (store) => {
    const { clock, limiters } = fleetOn(store, 4);
    const limit = { name: "auth", quota: 50, windowMs: MINUTE, strict: true };
    const claims = [{ limit, subject: "203.0.113.9" }];
    for (let window = 0; window < 3; window++) {
      assertEquals(await shower(limiters, claims, 400), 50);
      clock.turn(63_000);
    }
  });
});

Deno.test("LeaseLimiter keeps both tiers within 110 %, four of them on one real KV", async () => {
  await withKv(async (store) => {
    const { clock, limiters } = fleetOn(store, 4);
    const ip = { name: "ip", quota: 200, windowMs: MINUTE, strict: false };
    const user = { name: "user", quota: 60, windowMs: MINUTE, strict: false };
    for (let window = 0; window < 2; window++) {
      let total = 0;
      for (const subject of ["ann", "bob", "cem", "dan", "eve"]) {
        const claims = [{ limit: ip, subject: "203.0.113.9" }, { limit: user, subject }];
        const admitted = await shower(limiters, claims, 120);
        assertLessOrEqual(admitted, 66);
        total += admitted;
      }
      assertLessOrEqual(total, 220);
      assertGreater(total, 185);
      clock.turn(63_000);
    }
  });
});

Deno.test("LeaseLimiter leaves to the next process what it used, on one real KV", async () => {
  await withKv(async (store) => {
    const { limiters: [first, second] } = fleetOn(store, 2);
    const limit = { name: "store", quota: 100, windowMs: MINUTE, strict: true };
    const claims = [{ limit, subject: "203.0.113.9" }];
    assertEquals(await shower([first], claims, 70), 70);
    await first.flush();
    assertEquals(await shower([second], claims, 70), 30);
  });
});
