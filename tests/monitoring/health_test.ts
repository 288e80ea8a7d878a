import { assertEquals } from "@std/assert";
import { openKv } from "../../src/kv/open.ts";
import { silentLog } from "../../src/log.ts";
import { createReadiness } from "../../src/monitoring/health.ts";
import { createTestClock } from "../_clock.ts";
import { createFaultKv } from "../_fault_kv.ts";

Deno.test("readiness asks KV once a second however often it is asked, and follows it", async () => {
  const clock = createTestClock();
  const raw = await createFaultKv();
  const kv = await openKv({ path: ":memory:", raw, clock, log: silentLog });
  const isReady = createReadiness({ kv, clock });
  const answers = await Promise.all(Array.from({ length: 500 }, () => isReady()));
  assertEquals(answers.every(Boolean), true);
  assertEquals(raw.counts.reads, 1);
  raw.inject({ error: 1 });
  assertEquals(await isReady(), true, "the answer of this second");
  clock.turn(1_000);
  assertEquals(await isReady(), false);
  raw.heal();
  clock.turn(1_000);
  assertEquals(await isReady(), true);
  kv.close();
});
