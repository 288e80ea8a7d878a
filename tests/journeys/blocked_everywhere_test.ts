/** A block made in one process, in the next one: how soon it holds, and what it costs afterwards. */
import { assert, assertEquals, assertLess } from "@std/assert";
import { createTestApp } from "../_app.ts";
import { createFaultKv } from "../_fault_kv.ts";
import { attackTwice, SCRIPT, searchFor, SQL } from "../routes/_attacks.ts";
import { startGateway } from "./_processes.ts";

const ATTACKER = "198.51.100.7";

async function statusOf(url: string, from: string): Promise<number> {
  const response = await fetch(url, { headers: { "x-forwarded-for": from } });
  await response.body?.cancel();
  return response.status;
}

Deno.test({
  name: "a second process refuses an address within 5 s of the first one's block",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const folder = await Deno.makeTempDir();
    try {
      const env = { KV_PATH: `${folder}/kv.sqlite3`, TRUSTED_PROXIES: "127.0.0.1" };
      await using one = await startGateway(env);
      await using other = await startGateway(env);
      assertEquals(await statusOf(`${other.url}/us/products`, ATTACKER), 200);
      await statusOf(one.url + searchFor(SQL), ATTACKER);
      assertEquals(await statusOf(one.url + searchFor(SCRIPT), ATTACKER), 403);
      const startedAt = performance.now();
      assertEquals(await statusOf(`${one.url}/us/products`, ATTACKER), 403, "at once here");
      let tries = 0;
      while (await statusOf(`${other.url}/us/products`, ATTACKER) !== 403) {
        assert(++tries < 100, other.output());
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      assertLess(performance.now() - startedAt, 5_000);
      assertEquals(await statusOf(`${other.url}/us/products`, "198.51.100.8"), 200);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test("refusing a blocked address costs no KV operation", async () => {
  const over = await Deno.openKv(":memory:");
  {
    await using one = await createTestApp({ rawKv: await createFaultKv({ over }) });
    await attackTwice(one.ask, { from: ATTACKER });
    await one.services.blocks.flush();
    const raw = await createFaultKv({ over });
    await using other = await createTestApp({ rawKv: raw });
    const ask = async () => (await other.ask("/us/products", { from: ATTACKER })).status;
    assertEquals(await ask(), 403);
    await other.services.blocks.refresh();
    raw.resetCounts();
    for (let at = 0; at < 2_000; at++) assertEquals(await ask(), 403);
    // The poll and the batches of events run beside the requests, once in two seconds each.
    assertLess(raw.counts.trips, 20);
  }
  over.close();
});
