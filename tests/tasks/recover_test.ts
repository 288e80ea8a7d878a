/** Isolates that disappear, freeze or lose KV: what becomes of their tasks, and of their results. */
import { assert, assertEquals } from "@std/assert";
import { createBed, gate, LEASE_MS, recordedTask, until } from "./_bed.ts";
import { keys } from "../../src/kv/keys.ts";

type Bed = Awaited<ReturnType<typeof createBed>>;

/** A task of an isolate that disappears at once. */
async function orphan(bed: Bed, task: ReturnType<typeof recordedTask>["task"], n = 1) {
  const gone = bed.isolate([task]);
  const enqueued = await gone.enqueue(task, { n });
  bed.kill(gone);
  return enqueued;
}

/** Handlers of isolates that are gone never come back. */
const never = () => new Promise<void>(() => {});

Deno.test("a task of an isolate that is gone is run by another after its lease", async () => {
  await using bed = await createBed();
  let isGone = true;
  const { task, calls } = recordedTask(() => isGone ? never() : undefined);
  const { id } = await orphan(bed, task);
  await until(() => calls.length === 1);
  isGone = false;
  const tasks = bed.isolate([task]);
  tasks.start();
  await bed.turn(LEASE_MS - 2_000);
  assertEquals(calls.length, 1);
  await bed.turnUntil(LEASE_MS, async () => (await bed.record(id)).status === "succeeded");
  const { crashes, attempts, history } = await bed.record(id);
  assertEquals([crashes, attempts, history.map(({ outcome }) => outcome)], [
    1,
    1,
    ["crashed", "succeeded"],
  ]);
  assert(bed.outcomes.includes("recovered"));
});

Deno.test("an isolate whose clock is minutes ahead takes no task from a living one", async () => {
  await using bed = await createBed();
  const door = gate();
  const { task, calls } = recordedTask(({ signal }) => door.wait(signal));
  const living = bed.isolate([task]);
  const { id } = await living.enqueue(task, { n: 1 });
  bed.isolateAhead(100_000, [task]).start();
  await bed.turn(55_000);
  door.open();
  await until(async () => (await bed.record(id)).status === "succeeded");
  assertEquals([calls.length, (await bed.record(id)).crashes], [1, 0]);
});

Deno.test("a suspect waits until its isolate is empty, and runs alone", async () => {
  await using bed = await createBed();
  const door = gate();
  let isGone = true;
  let beside = 0;
  const { task, calls } = recordedTask(({ signal }, { n }) => {
    if (n === 1 && isGone) return never();
    if (n === 1) beside = tasks.running - 1;
    if (n === 2) return door.wait(signal);
  });
  const { id } = await orphan(bed, task);
  await until(() => calls.length === 1);
  isGone = false;
  const tasks = bed.isolate([task]);
  tasks.start();
  await bed.turn(LEASE_MS - 1_000);
  await tasks.enqueue(task, { n: 2 });
  await bed.turnUntil(2 * LEASE_MS, async () => (await bed.record(id)).began === false);
  const waiting = await tasks.enqueue(task, { n: 3 });
  assertEquals((await bed.record(waiting.id)).status, "pending");
  door.open();
  await bed.turnUntil(LEASE_MS, async () => (await bed.record(id)).status === "succeeded");
  assertEquals(beside, 0);
  await bed.turnUntil(LEASE_MS, async () => (await bed.record(waiting.id)).status === "succeeded");
});

Deno.test("a task whose isolates disappear three times is dead as POISON", async () => {
  await using bed = await createBed();
  const { task, calls } = recordedTask(never);
  const { id } = await orphan(bed, task);
  for (let crash = 1; crash <= 3; crash++) {
    await until(() => calls.length === crash);
    const next = bed.isolate([task]);
    next.start();
    const isOver = async () => (await bed.record(id)).status === "dead" || calls.length > crash;
    await bed.turnUntil(3 * LEASE_MS, isOver);
    bed.kill(next);
  }
  assertEquals((await bed.record(id)).status, "dead");
  const { crashes, history } = await bed.record(id);
  assertEquals([crashes, history.at(-1)?.code, history.length], [3, "POISON", 3]);
});

Deno.test("the result of an isolate that was frozen for longer than its lease is not taken", async () => {
  await using bed = await createBed();
  const thaw = Promise.withResolvers<void>();
  const stillMine: boolean[] = [];
  let isFirst = true;
  const { task, calls } = recordedTask(async ({ stillMine: ask }) => {
    if (!isFirst) return;
    isFirst = false;
    await thaw.promise;
    stillMine.push(await ask());
  });
  const { id } = await orphan(bed, task);
  await until(() => calls.length === 1);
  const other = bed.isolate([task]);
  other.start();
  await bed.turnUntil(3 * LEASE_MS, async () => (await bed.record(id)).status === "succeeded");
  const before = await bed.kv.get(keys.task(id));
  thaw.resolve();
  await until(() => bed.outcomes.includes("fenced"));
  assertEquals(stillMine, [false]);
  assertEquals((await bed.kv.get(keys.task(id))).versionstamp, before.versionstamp);
  assertEquals(before.value?.history.filter(({ outcome }) => outcome === "succeeded").length, 1);
});

Deno.test("while KV is out a task goes on, and its result is written when KV is back", async () => {
  await using bed = await createBed();
  const door = gate();
  const { task, calls } = recordedTask(({ signal }) => door.wait(signal));
  const tasks = bed.isolate([task]);
  tasks.start();
  const { id } = await tasks.enqueue(task, { n: 1 });
  await until(() => calls.length === 1);
  bed.raw.inject({ error: 1 });
  await bed.turn(5_000);
  door.open();
  await bed.turn(2_000);
  bed.raw.heal();
  await bed.turnUntil(LEASE_MS, async () => (await bed.record(id)).status === "succeeded");
  assertEquals([calls.length, (await bed.record(id)).crashes], [1, 0]);
});
