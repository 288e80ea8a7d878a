import { assert, assertEquals, assertMatch } from "@std/assert";
import { selfTestKv, type SelfTestOptions } from "../../src/kv/self_test.ts";
import type { FaultKvOptions } from "../_fault_kv.ts";
import { silentLog } from "../../src/log.ts";
import { openFaulty } from "./_faulty.ts";

async function setUp(options: Partial<SelfTestOptions> & FaultKvOptions = {}) {
  const faulty = await openFaulty(options);
  const { kv, clock, lines } = faulty;
  const log = {
    ...silentLog,
    info: (event: string) => lines.push(`info ${event}`),
    warn: (event: string) => lines.push(`warn ${event}`),
  };
  const run = () => selfTestKv({ kv, path: "./data/x.sqlite3", clock, log, ...options });
  return { ...faulty, run };
}

Deno.test("selfTestKv() writes and reads once, and says all is well with a file", async () => {
  using test = await setUp();
  const { ok, kind, problem, latencyMs } = await test.run();
  assertEquals([ok, kind, problem], [true, "file", undefined]);
  assert(latencyMs >= 0);
  assertEquals([test.raw.counts.trips, test.raw.counts.commits, test.raw.counts.reads], [2, 1, 1]);
  assertEquals(test.lines, ["info kv.self_test"]);
});

Deno.test("selfTestKv() measures the write and the read together", async () => {
  using test = await setUp();
  const { kv, clock } = test;
  const slow: SelfTestOptions["kv"] = {
    get(key) {
      clock.turn(40);
      return kv.get(key);
    },
    commit(build) {
      clock.turn(2);
      return kv.commit(build);
    },
  };
  const result = await selfTestKv({ kv: slow, path: "x", clock, log: silentLog });
  assertEquals(result.latencyMs, 42);
});

Deno.test("selfTestKv() warns that :memory: forgets and is not shared", async () => {
  using test = await setUp({ path: ":memory:" });
  const { ok, kind, problem } = await test.run();
  assertEquals([ok, kind], [true, "memory"]);
  assertMatch(problem ?? "", /^KV_PATH=:memory: keeps everything in this one process/);
  assertEquals(test.lines, ["warn kv.self_test"]);
});

Deno.test("selfTestKv() on Deno Deploy doubts a database nobody ever wrote, and trusts a used one", async () => {
  using test = await setUp({ onDeploy: true });
  const first = await test.run();
  assertEquals([first.ok, first.kind], [true, "remote"]);
  assertMatch(first.problem ?? "", /never been written before/);
  for (let n = 0; n < 20; n++) await test.raw.set(["used"], n);
  assertEquals((await test.run()).problem, undefined);
});

Deno.test("selfTestKv() reports a KV that does not answer instead of throwing", async () => {
  using test = await setUp();
  test.raw.inject({ error: 1 });
  const { ok, problem } = await test.run();
  assertEquals(ok, false);
  assertEquals(problem, "KV does not answer: KV commit failed: txnproxy call timed out.");
});

Deno.test("selfTestKv() reports a KV that loses what it is given", async () => {
  using test = await setUp();
  const { kv, clock } = test;
  const forgetful: SelfTestOptions["kv"] = { get: kv.get, commit: () => kv.commit(() => {}) };
  const { ok, problem } = await selfTestKv({ kv: forgetful, path: "x", clock, log: silentLog });
  assertEquals([ok, problem], [false, "KV does not give back what was just written to it."]);
});

Deno.test("selfTestKv() of many isolates at once, none takes another's nonce for its own", async () => {
  using test = await setUp();
  const results = await Promise.all(Array.from({ length: 20 }, test.run));
  assert(results.every(({ ok }) => ok));
});
