import { assert, assertEquals, assertRejects } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { AppError } from "../../src/errors/app_error.ts";
import type { Kv } from "../../src/kv/kv.ts";
import { update } from "../../src/kv/update.ts";
import { pass } from "../_fake_time.ts";
import { openFaulty, testKey } from "./_faulty.ts";

const key = testKey<number>("count");
const increment = (current: number | null) => (current ?? 0) + 1;

Deno.test("update() stores what change() answers, and gives back the new version", async () => {
  using faulty = await openFaulty();
  const { kv } = faulty;
  assertEquals((await update(kv, key, increment)).value, 1);
  const entry = await update(kv, key, increment);
  assertEquals(entry, await kv.get(key));
  assertEquals(entry.value, 2);
});

Deno.test("update() writes nothing when change() answers undefined", async () => {
  using faulty = await openFaulty();
  const { kv, raw } = faulty;
  await update(kv, key, () => 7);
  raw.resetCounts();
  const entry = await update(kv, key, (current) => current === 7 ? undefined : 8);
  assertEquals([entry.value, raw.counts.commits], [7, 0]);
});

Deno.test("update() reads again when another writer was faster", async () => {
  using faulty = await openFaulty();
  const { kv, raw } = faulty;
  const seen: (number | null)[] = [];
  const meddled: Pick<Kv, "get" | "commit"> = {
    get: kv.get,
    async commit(build) {
      // The first two commits come too late.
      if (seen.length <= 2) await raw.set(key.parts, 10 * seen.length);
      return await kv.commit(build);
    },
  };
  const { value } = await update(meddled, key, (current) => {
    seen.push(current);
    return increment(current);
  });
  assertEquals([seen, value], [[null, 10, 20], 21]);
});

Deno.test("update() throws CONFLICT after the given tries, with waits that grow", async () => {
  using time = new FakeTime();
  let tries = 0;
  const always: Pick<Kv, "get" | "commit"> = {
    get: () => Promise.resolve({ value: null, versionstamp: null }),
    commit: () => {
      tries++;
      return Promise.resolve({ ok: false });
    },
  };
  const rejected = assertRejects(
    () => update(always, key, increment, { attempts: 4, random: () => 1 }),
    AppError,
  );
  const triesAfter = async (ms: number) => {
    await pass(time, ms);
    return tries;
  };
  assertEquals(
    [await triesAfter(7), await triesAfter(1), await triesAfter(15), await triesAfter(1)],
    [1, 2, 2, 3],
  );
  assertEquals([await triesAfter(31), await triesAfter(1)], [3, 4]);
  const error = await rejected;
  assert(error instanceof AppError && error.code === "CONFLICT");
});

Deno.test("update() loses nothing when 30 writers change one key", async () => {
  using faulty = await openFaulty();
  const { kv } = faulty;
  await Promise.all(
    Array.from({ length: 30 }, () => update(kv, key, increment, { attempts: 200 })),
  );
  assertEquals((await kv.get(key)).value, 30);
});

Deno.test("update() gives the value its lifetime", async () => {
  using faulty = await openFaulty();
  const { kv } = faulty;
  await update(kv, key, increment, { expireIn: 60_000 });
  assertEquals((await kv.get(key)).value, 1);
  await assertRejects(() => update(kv, key, increment, { expireIn: NaN }), RangeError, "expireIn");
});
