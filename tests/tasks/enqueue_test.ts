import { assert, assertEquals, assertRejects } from "@std/assert";
import { z } from "zod";
import { AppError } from "../../src/errors/app_error.ts";
import { type Key, keys, prefixes } from "../../src/kv/keys.ts";
import { findDrift, walk } from "../../src/tasks/counts.ts";
import { defineTask } from "../../src/tasks/define.ts";
import { createBed, recordedTask, until } from "./_bed.ts";

const order: Key<string> = { parts: ["order", 1] };

async function count(bed: Awaited<ReturnType<typeof createBed>>): Promise<number> {
  let tasks = 0;
  for await (const _ of walk(bed.kv, prefixes.tasks(), 10_000)) tasks++;
  return tasks;
}

Deno.test("enqueue() with a key makes one task of 50 racers in 3 isolates", async () => {
  await using bed = await createBed();
  const { task, calls } = recordedTask();
  const isolates = [bed.isolate([task]), bed.isolate([task]), bed.isolate([task])];
  const enqueued = await Promise.all(
    Array.from({ length: 50 }, (_, n) => isolates[n % 3].enqueue(task, { n }, { key: "once" })),
  );
  assertEquals(new Set(enqueued.map(({ id }) => id)).size, 1);
  assertEquals(enqueued.filter(({ duplicate }) => !duplicate).length, 1);
  await until(() => calls.length === 1);
  assertEquals(await count(bed), 1);
});

Deno.test("a key holds for as long as was said, also where KV forgets late", async () => {
  await using bed = await createBed({ remote: true });
  const { task } = recordedTask();
  const tasks = bed.isolate([task]);
  const enqueue = () => tasks.enqueue(task, { n: 1 }, { key: "hourly", keyTtlMs: 60_000 });
  const first = await enqueue();
  bed.clock.turn(59_000);
  assertEquals(await enqueue(), { ok: true, id: first.id, duplicate: true });
  bed.clock.turn(2_000);
  const second = await enqueue();
  assertEquals([second.duplicate, second.id === first.id], [false, false]);
});

Deno.test("enqueue() refuses keys that are empty or over 200 characters", async () => {
  await using bed = await createBed();
  const { task } = recordedTask();
  const tasks = bed.isolate([task]);
  for (const key of ["", "x".repeat(201)]) {
    await assertRejects(() => tasks.enqueue(task, { n: 1 }, { key }), RangeError, "200");
  }
});

Deno.test("enqueueWith() writes the caller's change and the task, or neither", async () => {
  await using bed = await createBed();
  const { task, calls } = recordedTask();
  const tasks = bed.isolate([task]);
  const place = (value: string) =>
    tasks.enqueueWith(task, { n: 1 }, (atomic) => atomic.check(order, null).set(order, value));
  const first = await place("first");
  assert(first.ok);
  assertEquals(await place("second"), { ok: false });
  await until(() => calls.length === 1);
  assertEquals([(await bed.kv.get(order)).value, await count(bed)], ["first", 1]);
});

Deno.test("enqueueWith() of a key that has its task writes nothing of the caller's", async () => {
  await using bed = await createBed();
  const { task } = recordedTask();
  const tasks = bed.isolate([task]);
  const { id } = await tasks.enqueue(task, { n: 1 }, { key: "k" });
  const again = await tasks.enqueueWith(task, { n: 2 }, (atomic) => atomic.set(order, "x"), {
    key: "k",
  });
  assertEquals(again, { ok: true, id, duplicate: true });
  assertEquals((await bed.kv.get(order)).value, null);
});

Deno.test("addTo() joins a commit of the caller's own, and ring() finds it", async () => {
  await using bed = await createBed();
  const { task, calls } = recordedTask();
  const tasks = bed.isolate([task]);
  tasks.start();
  const draft = tasks.draft(task, { n: 1 });
  const commit = await bed.kv.commit((atomic) => {
    atomic.check(order, null).set(order, "placed");
    tasks.addTo(atomic, draft);
  });
  assert(commit.ok);
  tasks.ring();
  await until(() => calls.length === 1);
  assertEquals(calls[0].id, draft.id);
});

Deno.test("a task waits for its time, and urgent ones do not wait for the others", async () => {
  await using bed = await createBed();
  const begun: number[] = [];
  const { task } = recordedTask((_, { n }) => void begun.push(n));
  const tasks = bed.isolate([task], { concurrency: 1 });
  for (let n = 0; n < 6; n++) {
    await tasks.enqueue(task, { n }, { delayMs: 10_000, priority: n < 5 ? "low" : "high" });
  }
  tasks.start();
  await bed.turn(9_000);
  assertEquals(begun, []);
  await bed.turn(20_000);
  await until(() => begun.length === 6);
  assert(begun.indexOf(5) < 4, String(begun));
});

Deno.test("enqueue() that KV answered late, twice or not at all makes one task", async () => {
  await using bed = await createBed();
  const { task, calls } = recordedTask();
  const tasks = bed.isolate([task]);
  bed.raw.inject({ lostReply: 0.6, error: 0.2, only: ["commit"] });
  let answered = 0;
  for (let n = 0; n < 20; n++) {
    answered += await tasks.enqueue(task, { n }).then(() => 1, () => 0);
  }
  bed.raw.heal();
  await until(async () => (await tasks.counts()).succeeded >= answered);
  assertEquals(new Set(calls.map(({ id }) => id)).size, calls.length);
  assertEquals(await count(bed), calls.length);
  assertEquals((await findDrift(bed.kv)).filter(({ kind }) => kind !== "running"), []);
});

Deno.test("a payload of 700 KiB arrives whole, and leaves nothing behind", async () => {
  await using bed = await createBed();
  const text = Array.from(
    { length: 699 * 1_024 },
    () => String.fromCharCode(33 + Math.floor(Math.random() * 90)).replace(/["\\]/, "a"),
  ).join("");
  const big = recordedText();
  const tasks = bed.isolate([big.task]);
  const { id } = await tasks.enqueue(big.task, { text }, { delayMs: 1_000 });
  assert(((await bed.record(id)).chunks ?? 0) >= 9);
  tasks.start();
  await bed.turnUntil(60_000, async () => (await bed.record(id)).status === "succeeded");
  assert(big.seen[0] === text);
  assertEquals((await bed.kv.get(keys.taskChunk(id, 0))).value, null);
  const tooBig = { text: text + "x".repeat(2_000) };
  const error = await assertRejects(() => tasks.enqueue(big.task, tooBig), AppError);
  assert(error instanceof AppError && error.code === "PAYLOAD_TOO_LARGE");
});

function recordedText() {
  const seen: string[] = [];
  const task = defineTask({
    name: "test.text",
    schema: z.object({ text: z.string() }),
    run: ({ text }) => void seen.push(text),
  });
  return { task, seen };
}
