import { assertEquals, assertLessOrEqual } from "@std/assert";
import { openKv } from "../../src/kv/open.ts";
import { createIsolateCount } from "../../src/limits/isolates.ts";
import { silentLog } from "../../src/log.ts";
import { SECOND } from "../../src/time.ts";
import { createTestClock } from "../_clock.ts";
import { createFaultKv, type FaultKv } from "../_fault_kv.ts";

async function createFleet() {
  const clock = createTestClock();
  const raw = await createFaultKv();
  const kv = await openKv({ path: ":memory:", raw, clock, log: silentLog });
  const join = (id: string) => createIsolateCount({ kv, clock, id });
  return { clock, raw, kv, join, [Symbol.dispose]: () => kv.close() };
}

/** Waits for what goes on in the background: until KV was left alone for a while. */
async function landed(raw: FaultKv): Promise<void> {
  for (let trips = -1; trips !== raw.counts.trips;) {
    trips = raw.counts.trips;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

Deno.test("isolates.shares() gives a newcomer an eighth of its part, then three quarters", async () => {
  using fleet = await createFleet();
  const one = fleet.join("one");
  assertEquals(one.shares(), 8);
  await landed(fleet.raw);
  assertEquals([one.alive, one.shares()], [1, 8]);
  const two = fleet.join("two");
  two.shares();
  await landed(fleet.raw);
  assertEquals([two.alive, two.shares()], [2, 16]);
  fleet.clock.turn(30 * SECOND);
  one.shares();
  two.shares();
  await landed(fleet.raw);
  assertEquals([one.alive, one.shares()], [2, 2 * 4 / 3]);
});

Deno.test("the optimistic parts of a growing fleet never exceed the whole", async () => {
  using fleet = await createFleet();
  const isolates: ReturnType<typeof fleet.join>[] = [];
  for (let joined = 0; joined < 12; joined++) {
    isolates.push(fleet.join(`isolate-${joined}`));
    const parts = [];
    for (const isolate of isolates) {
      isolate.shares();
      await landed(fleet.raw);
      parts.push(1 / isolate.shares());
    }
    assertLessOrEqual(parts.reduce((a, b) => a + b), 1 + 1e-9);
    // Some join within one beat, some after it.
    fleet.clock.turn(joined % 3 ? 5 * SECOND : 31 * SECOND);
  }
});

Deno.test("isolates.shares() stops counting an isolate 90 s after its last beat", async () => {
  using fleet = await createFleet();
  const one = fleet.join("one");
  fleet.join("two").shares();
  await landed(fleet.raw);
  fleet.clock.turn(91 * SECOND);
  one.shares();
  await landed(fleet.raw);
  assertEquals(one.alive, 1);
});

Deno.test("isolates.leave() is seen at the next beat of the others", async () => {
  using fleet = await createFleet();
  const [one, two] = [fleet.join("one"), fleet.join("two")];
  two.shares();
  await landed(fleet.raw);
  await two.leave();
  one.shares();
  await landed(fleet.raw);
  assertEquals(one.alive, 1);
});

Deno.test("isolates.shares() beats once in 30 s however often it is asked", async () => {
  using fleet = await createFleet();
  const one = fleet.join("one");
  for (let i = 0; i < 1_000; i++) one.shares();
  await landed(fleet.raw);
  assertEquals(fleet.raw.counts.commits, 1);
});

Deno.test("isolates.shares() keeps its last number while KV is out", async () => {
  using fleet = await createFleet();
  const [one, two] = [fleet.join("one"), fleet.join("two")];
  two.shares();
  await landed(fleet.raw);
  one.shares();
  await landed(fleet.raw);
  fleet.raw.inject({ error: 1 });
  fleet.clock.turn(31 * SECOND);
  one.shares();
  await landed(fleet.raw);
  assertEquals(one.alive, 2);
});
