/** A real denokv server that freezes: Deno's KV Connect client then never rejects, so we must. */
import { assert, assertEquals, assertGreater, assertLess, assertRejects } from "@std/assert";
import { KvUnavailableError } from "../../src/kv/failure.ts";
import { openKv } from "../../src/kv/open.ts";
import { silentLog } from "../../src/log.ts";
import { createBreaker } from "../../src/resilience/breaker.ts";
import { MINUTE, systemClock } from "../../src/time.ts";
import { createTestClock } from "../_clock.ts";
import { findDenokv, startDenokv } from "./_denokv.ts";
import { testKey } from "./_faulty.ts";

const key = testKey<number>("a");
const ignore = await findDenokv() === undefined;

async function setUp() {
  const server = await startDenokv();
  const breakerClock = createTestClock();
  const breaker = createBreaker({
    name: "kv",
    threshold: 5,
    resetMs: 5 * MINUTE,
    clock: breakerClock,
  });
  const kv = await openKv({ path: server.url, clock: systemClock, log: silentLog, breaker });
  await kv.commit((atomic) => atomic.set(key, 1));
  const reason = async () => {
    const error = await assertRejects(() => kv.get(key), KvUnavailableError);
    assert(error instanceof KvUnavailableError);
    return error.reason;
  };
  /** Asks until the breaker opens, and answers how long each call waited that was given up. */
  const fail = async () => {
    const waitsMs: number[] = [];
    for (let call = 0; call < 30 && breaker.state === "closed"; call++) {
      const startedAt = performance.now();
      // A signal takes a moment: the first calls may still be answered.
      const error = await kv.get(key).then(() => undefined, (error) => error);
      if (error === undefined) continue;
      assert(error instanceof KvUnavailableError && error.reason === "timeout");
      waitsMs.push(performance.now() - startedAt);
    }
    return waitsMs;
  };
  /** The probe may find a machine too busy to answer in a second; then there is another one. */
  const recover = async () => {
    for (let probe = 0; probe < 5 && breaker.state !== "closed"; probe++) {
      breakerClock.turn(6 * MINUTE);
      await kv.get(key).catch(() => {});
    }
  };
  return { server, breaker, kv, reason, fail, recover };
}

Deno.test({
  name: "kv gives up on a frozen denokv after a deadline each, and recovers when it thaws",
  ignore,
  async fn() {
    const { server, breaker, kv, reason, fail, recover } = await setUp();
    server.freeze();
    const waitsMs = await fail();
    assertEquals(waitsMs.length, 5);
    assertGreater(Math.min(...waitsMs), 200);
    assertLess(Math.max(...waitsMs), 5_000);
    assertEquals([breaker.state, await reason()], ["open", "open"]);
    const startedAt = performance.now();
    for (let call = 0; call < 100; call++) assertEquals(await reason(), "open");
    assertLess(performance.now() - startedAt, 1_000);
    server.thaw();
    await recover();
    assertEquals([breaker.state, (await kv.get(key)).value], ["closed", 1]);
    // The five hung reads are answered now; they must not be under way when the test ends.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    kv.close();
    await server.stop();
  },
});
