/** Each way of hearing of work is enough alone; and what fires twice makes one task. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { openKv } from "../../src/kv/open.ts";
import { createLog, silentLog } from "../../src/log.ts";
import { defineSchedule, nextSlot } from "../../src/tasks/schedules.ts";
import { createTasks } from "../../src/tasks/tasks.ts";
import { createWakeCaller, signWake, verifyWake } from "../../src/tasks/wake.ts";
import { DAY, HOUR, systemClock } from "../../src/time.ts";
import { createTestClock } from "../_clock.ts";
import { createBed, recordedTask, settle, until } from "./_bed.ts";

const SECRET = "a secret of thirty-two characters";

/** A task in KV of which no isolate was told. */
async function leave(bed: Awaited<ReturnType<typeof createBed>>, n = 1) {
  const { task, calls } = recordedTask();
  const { id } = await bed.isolate([task]).enqueue(task, { n }, { delayMs: 1 });
  bed.clock.turn(5);
  return { task, calls, id };
}

Deno.test("the poller alone finds work, within 2 s where KV is near", async () => {
  await using bed = await createBed();
  const { task } = recordedTask();
  bed.isolate([task]).start();
  await bed.turn(60_000);
  const left = await leave(bed);
  const other = bed.isolate([left.task]);
  other.start();
  await bed.turn(2_000);
  await until(() => left.calls.length === 1);
});

Deno.test("the cron's tick alone finds work, also on a KV without queues", async () => {
  await using bed = await createBed({ remote: true });
  const { task, calls } = await leave(bed);
  assertEquals((await bed.isolate([task], { doorbell: "auto" }).tick(100)).moved > 0, true);
  await until(() => calls.length === 1);
});

Deno.test("a signed wake-up call alone finds work; an unsigned one is refused", async () => {
  await using bed = await createBed();
  const { task, calls } = await leave(bed);
  const tasks = bed.isolate([task], { wake: { secret: SECRET, fetch } });
  tasks.start();
  await settle();
  const next = await leave(bed, 2);
  const headers = new Headers(await signWake(SECRET, bed.clock.now()));
  assertEquals(await tasks.acceptWake(new Headers()), false);
  assertEquals(await tasks.acceptWake(headers), true);
  await until(() => calls.length === 1);
  assertEquals(next.calls.length, 0);
});

Deno.test("the KV queue alone finds work, and its handler returns at once", async () => {
  const kv = await openKv({ path: ":memory:", clock: systemClock, log: silentLog });
  const { task, calls } = recordedTask(() => new Promise((resolve) => setTimeout(resolve, 50)));
  const never = { after: () => () => {} };
  const options = {
    kv,
    clock: systemClock,
    log: createLog({ level: "error", clock: systemClock, write() {} }),
    metrics: { taskOutcomes: { add() {} }, watch() {} },
    definitions: [task],
    doorbell: "kvqueue",
    poll: { minMs: 60_000, maxMs: 60_000 },
  } as const;
  const listener = createTasks(options);
  listener.start();
  await settle();
  const enqueuer = createTasks({ ...options, timers: never, concurrency: 1 });
  await enqueuer.enqueue(task, { n: 1 }, { delayMs: 30 });
  await until(() => calls.length === 1);
  await until(() => listener.running === 0);
  await listener.stop(0);
  kv.close();
});

Deno.test("verifyWake() takes a signature for a minute, of its own secret only", async () => {
  const now = Date.UTC(2026, 10, 21);
  const headers = new Headers(await signWake(SECRET, now));
  assertEquals(await verifyWake(SECRET, headers, now + 59_000), true);
  assertEquals(await verifyWake(SECRET, headers, now + 61_000), false);
  assertEquals(await verifyWake(SECRET, headers, now - 61_000), false);
  assertEquals(await verifyWake(`${SECRET}!`, headers, now), false);
  headers.set("x-gatehouse-time", String(now + 1));
  assertEquals(await verifyWake(SECRET, headers, now), false);
});

Deno.test("a wake-up caller calls once a second at most, and never fails", async () => {
  const clock = createTestClock();
  const calls: Request[] = [];
  const fetcher = (input: string | URL | Request, init?: RequestInit) => {
    calls.push(new Request(input, init));
    return calls.length === 1
      ? Promise.resolve(new Response("ok"))
      : Promise.reject(new TypeError("fetch failed"));
  };
  const options = { url: "http://127.0.0.1:1/wake", secret: SECRET, clock, log: silentLog };
  const call = createWakeCaller({ ...options, fetch: fetcher });
  await call();
  await call();
  assertEquals(calls.length, 1);
  assert(await verifyWake(SECRET, calls[0].headers, clock.now()));
  clock.turn(1_500);
  await call();
  assertEquals(calls.length, 2);
});

Deno.test("a schedule fires once a slot in three isolates, and once for all it missed", async () => {
  await using bed = await createBed();
  const { task, calls } = recordedTask();
  const schedules = [defineSchedule({ name: "hourly", task, payload: { n: 1 }, everyMs: HOUR })];
  const isolates = [1, 2, 3].map(() => bed.isolate([task], { schedules }));
  const tickAll = async () => {
    await Promise.all(isolates.map((tasks) => tasks.tick(1)));
    await Promise.all(isolates.map((tasks) => tasks.tick(1)));
    await settle();
  };
  await tickAll();
  assertEquals(calls.length, 0);
  for (let slot = 1; slot <= 3; slot++) {
    bed.clock.turn(HOUR);
    await tickAll();
    await until(() => calls.length === slot);
  }
  bed.clock.turn(10 * HOUR);
  await tickAll();
  await until(() => calls.length === 4);
  await tickAll();
  assertEquals(calls.length, 4);
});

Deno.test("nextSlot() is the first multiple after now, moved by the offset", () => {
  const { task } = recordedTask();
  const at3 = defineSchedule({
    name: "x",
    task,
    payload: { n: 1 },
    everyMs: DAY,
    offsetMs: 3 * HOUR,
  });
  const midnight = Date.UTC(2026, 10, 21);
  assertEquals(nextSlot(at3, midnight), midnight + 3 * HOUR);
  assertEquals(nextSlot(at3, midnight + 3 * HOUR), midnight + 27 * HOUR);
  assertRejects(
    () =>
      Promise.resolve().then(() =>
        defineSchedule({ name: "x", task, payload: { n: 1 }, everyMs: 10 })
      ),
    RangeError,
  );
});
