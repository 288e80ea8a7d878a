/** The KV that fails on demand does what its head says; other suites build on it. */
import { assert, assertAlmostEquals, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { createFaultKv, type Faults, REMOTE_CHECKS_MAX, seededRandom } from "../_fault_kv.ts";
import { watch } from "./_faulty.ts";

Deno.test("fault KV is a plain KV until a fault is injected", async () => {
  using kv = await createFaultKv();
  await kv.set(["a", 1], "x");
  await kv.set(["a", 2], "y");
  await kv.delete(["a", 1]);
  const [one, two] = await kv.getMany<[string, string]>([["a", 1], ["a", 2]]);
  assertEquals([one.value, two.value, (await kv.get(["a", 2])).value], [null, "y", "y"]);
  const rows = await Array.fromAsync(kv.list<string>({ prefix: ["a"] }));
  assertEquals(rows.map(({ value }) => value), ["y"]);
  assert((await kv.atomic().sum(["n"], 2n).max(["n"], 9n).min(["n"], 5n).commit()).ok);
  assertEquals((await kv.get<Deno.KvU64>(["n"])).value?.value, 5n);
  assertEquals((await kv.atomic().mutate({ type: "delete", key: ["n"] }).commit()).ok, true);
});

Deno.test("fault KV counts trips, keys, pages, commits, mutations and conflicts", async () => {
  using kv = await createFaultKv();
  await kv.atomic().set(["a"], 1).set(["b"], 2).commit();
  await kv.atomic().check({ key: ["a"], versionstamp: null }).set(["a"], 3).commit();
  await kv.getMany([["a"], ["b"], ["c"]]);
  await kv.get(["a"]);
  await Array.fromAsync(kv.list({ prefix: [] }));
  assertEquals(kv.counts, {
    trips: 5,
    reads: 4,
    lists: 1,
    commits: 2,
    writes: 3,
    conflicts: 1,
    faults: 0,
  });
  kv.resetCounts();
  assertEquals(kv.counts.trips, 0);
});

Deno.test("fault KV rejects every kind of call with error: 1, and applies none", async () => {
  using kv = await createFaultKv();
  kv.inject({ error: 1 });
  const calls = [
    () => kv.get(["a"]),
    () => kv.getMany([["a"]]),
    () => kv.set(["a"], 1),
    () => kv.delete(["a"]),
    () => Array.fromAsync(kv.list({ prefix: [] })),
    () => kv.atomic().set(["a"], 1).commit(),
  ];
  for (const call of calls) await assertRejects(call, TypeError, "txnproxy call timed out");
  assertEquals(kv.counts.faults, calls.length);
  kv.heal();
  assertEquals((await kv.get(["a"])).value, null);
});

Deno.test("fault KV hits about the share asked for, and the same calls for the same seed", async () => {
  const run = async (seed: number) => {
    using kv = await createFaultKv({ seed });
    kv.inject({ error: 0.3 });
    const hits: boolean[] = [];
    for (let call = 0; call < 500; call++) {
      hits.push(await kv.get(["a"]).then(() => false, () => true));
    }
    return hits;
  };
  const first = await run(7);
  assertAlmostEquals(first.filter(Boolean).length / 500, 0.3, 0.06);
  assertEquals(await run(7), first);
  assert((await run(8)).some((hit, at) => hit !== first[at]));
});

Deno.test("fault KV hangs, and lets hung calls through when it heals", async () => {
  using kv = await createFaultKv();
  kv.inject({ hang: 1 });
  const write = kv.set(["a"], "late");
  const watched = watch(write);
  await new Promise((resolve) => setTimeout(resolve, 5));
  assertEquals(watched.settled, false);
  kv.heal();
  await write;
  assertEquals((await kv.get(["a"])).value, "late");
});

Deno.test("fault KV applies a commit whose reply is lost, and one that falls silent", async () => {
  using kv = await createFaultKv();
  kv.inject({ lostReply: 1 });
  await assertRejects(() => kv.set(["a"], 1), TypeError, "timed out");
  kv.inject({ silentReply: 1 });
  const silent = watch(kv.set(["b"], 2));
  const [a, b] = await kv.getMany<[number, number]>([["a"], ["b"]]);
  assertEquals([a.value, b.value, silent.settled], [1, 2, false]);
});

Deno.test("fault KV is slow by so many milliseconds, of a fake clock too", async () => {
  using time = new FakeTime();
  using kv = await createFaultKv();
  kv.inject({ slowMs: 300 });
  const call = kv.get(["a"]);
  const watched = watch(call);
  await time.tickAsync(299);
  assertEquals(watched.settled, false);
  await time.tickAsync(1);
  assertEquals((await call).value, null);
});

Deno.test("fault KV leaves no timer behind when it is closed while slow", async () => {
  const kv = await createFaultKv();
  kv.inject({ slowMs: 60_000 });
  watch(kv.get(["a"]));
  kv.close();
  kv.close();
});

Deno.test("fault KV locks checked commits only, and writes nothing then", async () => {
  using kv = await createFaultKv();
  kv.inject({ locked: 1 });
  await kv.set(["a"], 1);
  const checked = kv.atomic().check({ key: ["b"], versionstamp: null }).set(["b"], 1);
  await assertRejects(() => checked.commit(), TypeError, "database is locked");
  assertEquals((await kv.get(["b"])).value, null);
});

Deno.test("fault KV limits a fault to the kinds of call named in only", async () => {
  const faults: Faults = { error: 1, slowMs: 0, only: ["commit"] };
  using kv = await createFaultKv();
  kv.inject(faults);
  await kv.get(["a"]);
  await Array.fromAsync(kv.list({ prefix: [] }));
  await assertRejects(() => kv.set(["a"], 1));
  kv.inject({ ...faults, only: ["read", "list"] });
  await kv.set(["a"], 1);
  await assertRejects(() => kv.get(["a"]));
  await assertRejects(() => Array.fromAsync(kv.list({ prefix: [] })));
});

Deno.test("fault KVs over one KV are isolates that fail apart", async () => {
  using over = await Deno.openKv(":memory:");
  using well = await createFaultKv({ over });
  using sick = await createFaultKv({ over });
  sick.inject({ error: 1 });
  await well.set(["a"], 1);
  await assertRejects(() => sick.get(["a"]));
  sick.heal();
  assertEquals((await sick.get(["a"])).value, 1);
  sick.close();
  assertEquals((await well.get(["a"])).value, 1);
});

Deno.test("fault KV with remote limits takes 10 checks and refuses 11 as denokv does", async () => {
  using kv = await createFaultKv({ remote: true });
  const commit = (checks: number) => {
    const atomic = kv.atomic().set(["done"], checks);
    for (let n = 0; n < checks; n++) atomic.check({ key: ["c", n], versionstamp: null });
    return atomic.commit();
  };
  assert((await commit(REMOTE_CHECKS_MAX)).ok);
  await assertRejects(() => commit(11), Error, "(status=400 Bad Request): Too many checks");
});

Deno.test("fault KV with remote limits has no queue, and its watch stays at the first value", async () => {
  using kv = await createFaultKv({ remote: true });
  await assertRejects(() => kv.enqueue("ring"), Error, "not supported in KV Connect");
  assertThrows(() => kv.atomic().enqueue("ring"), Error, "not supported in KV Connect");
  assertEquals(watch(kv.listenQueue(() => {})).settled, false);
  await kv.set(["a"], 1);
  const reader = kv.watch<[number]>([["a"]]).getReader();
  assertEquals((await reader.read()).value?.[0].value, 1);
  await kv.set(["a"], 2);
  assertEquals(watch(reader.read()).settled, false);
  await reader.cancel();
});

Deno.test("fault KV without remote limits passes queue and watch on", async () => {
  using kv = await createFaultKv();
  const reader = kv.watch<[number]>([["a"]]).getReader();
  await kv.set(["a"], 1);
  const { value } = await reader.read();
  assert(value && [null, 1].includes(value[0].value));
  await reader.cancel();
  assert((await kv.enqueue("ring", { delay: 60_000 })).ok);
});

Deno.test("seededRandom() is even, and the same for the same seed", () => {
  const random = seededRandom(42);
  const values = Array.from({ length: 10_000 }, random);
  assert(values.every((value) => value >= 0 && value < 1));
  assertAlmostEquals(values.reduce((sum, value) => sum + value, 0) / values.length, 0.5, 0.02);
  const again = seededRandom(42);
  assertEquals(values.slice(0, 5), Array.from({ length: 5 }, again));
});
