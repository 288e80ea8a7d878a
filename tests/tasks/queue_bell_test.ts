import { assertEquals } from "@std/assert";
import { keys } from "../../src/kv/keys.ts";
import type { Kv } from "../../src/kv/kv.ts";
import { createQueueBell } from "../../src/tasks/queue_bell.ts";
import { silentLog } from "../../src/log.ts";
import { DAY } from "../../src/time.ts";
import { createTestClock } from "../_clock.ts";
import { createBed } from "./_bed.ts";

function bellOf(answer: () => Promise<boolean>) {
  const rings: { delayMs?: number }[] = [];
  const enqueue: Kv["enqueue"] = (_, options = {}) => {
    rings.push(options);
    return answer();
  };
  const clock = createTestClock();
  const kv = { enqueue } as Kv;
  const bell = createQueueBell({ kv, clock, log: silentLog, onRing() {} });
  return { bell, rings, clock };
}

Deno.test("ring() rings once for all that wait for the same second, with the delay", async () => {
  const { bell, rings, clock } = bellOf(() => Promise.resolve(true));
  for (let n = 0; n < 100; n++) await bell.ring(`a${n}`, clock.now() + 5_000);
  await bell.ring("b", clock.now() + 9_000);
  assertEquals(rings.map(({ delayMs }) => delayMs), [5_000, 9_000]);
  await bell.ring("c", clock.now() + 40 * DAY);
  assertEquals(rings.length, 2);
});

Deno.test("ring() is silent for good where KV has no queues, and never fails", async () => {
  const none = bellOf(() => Promise.resolve(false));
  for (let n = 0; n < 3; n++) await none.bell.ring("a", none.clock.now() + n * 1_000);
  assertEquals([none.rings.length, await none.bell.clearUnheard()], [1, 0]);
  const broken = bellOf(() => Promise.reject(new Error("no")));
  await broken.bell.ring("a", broken.clock.now());
});

Deno.test("clearUnheard() takes away what no listener could be given", async () => {
  await using bed = await createBed();
  const key = keys.taskUnheard("a");
  await bed.kv.commit((atomic) => atomic.set(key, { task: "a" }));
  const { clock, kv } = bed;
  const bell = createQueueBell({ kv, clock, log: silentLog, onRing() {} });
  assertEquals([await bell.clearUnheard(), await bell.clearUnheard()], [1, 0]);
  assertEquals((await kv.get(key)).value, null);
});
