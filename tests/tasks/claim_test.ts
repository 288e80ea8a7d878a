/** Who gets a task: one isolate, within the limits of its name, and never one that does not know it. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { defineTask } from "../../src/tasks/define.ts";
import { pick } from "../../src/tasks/pick.ts";
import { createBed, gate, numbered, recordedTask, until } from "./_bed.ts";
import { seededRandom } from "../_fault_kv.ts";

Deno.test("three isolates that sweep at once start each task once", async () => {
  await using bed = await createBed();
  const { task, calls } = recordedTask();
  const isolates = [bed.isolate([task]), bed.isolate([task]), bed.isolate([task])];
  for (let n = 0; n < 30; n++) await isolates[0].enqueue(task, { n }, { delayMs: 10 });
  bed.clock.turn(20);
  for (let round = 0; round < 6; round++) await Promise.all(isolates.map((one) => one.tick(1)));
  await until(() => calls.length === 30);
  assertEquals(new Set(calls.map(({ id }) => id)).size, 30);
});

Deno.test("of a name with concurrency 2 no more than 2 run at once, over all isolates", async () => {
  await using bed = await createBed();
  let running = 0;
  let most = 0;
  const { task, calls } = recordedTask(async () => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setTimeout(resolve, 2));
    running--;
  }, { concurrency: 2 });
  const isolates = [bed.isolate([task]), bed.isolate([task])];
  for (let n = 0; n < 12; n++) await isolates[n % 2].enqueue(task, { n });
  for (const one of isolates) one.start();
  for (let round = 0; round < 40 && calls.length < 12; round++) await bed.turn(1_000);
  await until(() => calls.length === 12 && running === 0);
  assertEquals(most, 2);
});

Deno.test("a name without room does not keep others from their turn", async () => {
  await using bed = await createBed();
  const door = gate();
  const narrow = recordedTask(({ signal }) => door.wait(signal), {
    name: "narrow",
    concurrency: 1,
  });
  const wide = recordedTask(() => {}, { name: "wide" });
  const tasks = bed.isolate([narrow.task, wide.task]);
  for (let n = 0; n < 60; n++) await tasks.enqueue(narrow.task, { n });
  for (let n = 0; n < 3; n++) await tasks.enqueue(wide.task, { n }, { delayMs: 5 });
  tasks.start();
  await bed.turn(3_000);
  await until(() => wide.calls.length === 3 && narrow.calls.length === 1);
});

Deno.test("of a name with a rate of 3 in 10 s at most 3 and what has grown back begin", async () => {
  await using bed = await createBed();
  const { task, calls } = recordedTask(() => {}, { rate: { count: 3, perMs: 10_000 } });
  const isolates = [bed.isolate([task]), bed.isolate([task])];
  for (let n = 0; n < 12; n++) await isolates[0].enqueue(task, { n });
  for (const one of isolates) one.start();
  await bed.turn(2_000);
  assertEquals(calls.length, 3);
  await bed.turn(20_000);
  assert(calls.length >= 8 && calls.length <= 10, String(calls.length));
});

Deno.test("an isolate leaves names and versions it does not know to those that do", async () => {
  await using bed = await createBed();
  const run: string[] = [];
  const define = (name: string, version: number, by: string) =>
    defineTask({ name, version, schema: numbered, run: () => void run.push(`${name} ${by}`) });
  const old = bed.isolate([define("kept", 1, "old")]);
  const newer = [define("kept", 2, "new"), define("added", 1, "new")];
  const fresh = bed.isolate(newer);
  for (const task of newer) await fresh.enqueue(task, { n: 1 }, { delayMs: 1 });
  bed.clock.turn(10);
  await old.tick(1);
  assertEquals(run, []);
  await fresh.tick(1);
  await until(() => run.length === 2);
  assertEquals(run.toSorted(), ["added new", "kept new"]);
});

Deno.test("pick() takes as many as there are, none twice, and lets no band starve", () => {
  const bands = fc.array(fc.nat(30), { minLength: 3, maxLength: 3 });
  fc.assert(fc.property(bands, fc.nat(40), fc.nat(), (sizes, count, seed) => {
    const ids = sizes.map((size, band) => Array.from({ length: size }, (_, n) => `${band} ${n}`));
    const picked = pick(ids, count, seededRandom(seed));
    const all = sizes.reduce((sum, size) => sum + size, 0);
    assertEquals(picked.length, Math.min(count, all));
    assertEquals(new Set(picked).size, picked.length);
  }));
  const many = ["high", "normal", "low"].map((band) => Array(1_000).fill(band));
  const picked = pick(many, 240, seededRandom(1));
  const share = (band: string) => picked.filter((one) => one === band).length / 240;
  assert(share("high") > 0.55 && share("normal") > 0.15 && share("low") > 0.03);
});
