import { assertEquals, assertRejects } from "@std/assert";
import { loadDeployment } from "../../src/kv/deployment.ts";
import { KvUnavailableError } from "../../src/kv/failure.ts";
import { openKv } from "../../src/kv/open.ts";
import { silentLog } from "../../src/log.ts";
import { createTestClock } from "../_clock.ts";
import { createFaultKv } from "../_fault_kv.ts";

const open = async () => {
  const raw = await createFaultKv();
  const kv = await openKv({ path: ":memory:", raw, clock: createTestClock(), log: silentLog });
  return { raw, kv, [Symbol.dispose]: () => kv.close() };
};

Deno.test("loadDeployment() draws once, and every later start reads the same", async () => {
  using store = await open();
  const first = await loadDeployment(store.kv);
  assertEquals(first.cursorKey.length, 32);
  assertEquals(await loadDeployment(store.kv), first);
});

Deno.test("loadDeployment() makes isolates that start at once agree", async () => {
  using store = await open();
  const all = await Promise.all(Array.from({ length: 8 }, () => loadDeployment(store.kv)));
  assertEquals(new Set(all.map(({ id }) => id)).size, 1);
});

Deno.test("loadDeployment() rejects while KV is out", async () => {
  using store = await open();
  store.raw.inject({ error: 1 });
  await assertRejects(() => loadDeployment(store.kv), KvUnavailableError);
});
