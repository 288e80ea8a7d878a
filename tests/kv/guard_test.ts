/** Breaker, deadline and verdict together, on a KV that fails on demand. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { KvUnavailableError } from "../../src/kv/failure.ts";
import type { Kv } from "../../src/kv/kv.ts";
import { MINUTE } from "../../src/time.ts";
import { openFaulty, testKey, watch } from "./_faulty.ts";

const key = testKey<number>("a");
const write = (kv: Kv) => kv.commit((atomic) => atomic.set(key, 1));

/** The reason a call was not answered. */
async function reason(call: () => Promise<unknown>): Promise<string> {
  const error = await assertRejects(call, KvUnavailableError);
  assert(error instanceof KvUnavailableError);
  return error.reason;
}

Deno.test("kv opens the breaker after 5 errors, and then asks KV no more", async () => {
  using faulty = await openFaulty();
  const { kv, raw, breaker } = faulty;
  raw.inject({ error: 1 });
  for (let call = 0; call < 5; call++) {
    assertEquals(await reason(() => call % 2 ? kv.get(key) : write(kv)), "failed");
  }
  assertEquals(breaker.state, "open");
  raw.resetCounts();
  const calls = [
    () => kv.get(key),
    () => kv.getMany([key]),
    () => kv.page(testKey(), { limit: 1 }),
    () => write(kv),
    () => kv.commitSure((atomic) => atomic.set(key, 1), () => Promise.resolve(true)),
  ];
  for (const call of calls) assertEquals(await reason(call), "open");
  assertEquals(raw.counts.trips, 0);
});

Deno.test("kv refuses without waiting while the breaker is open: 1000 calls in one turn", async () => {
  using faulty = await openFaulty();
  const { kv, raw } = faulty;
  raw.inject({ error: 1 });
  for (let call = 0; call < 5; call++) await reason(() => kv.get(key));
  let turned = false;
  const timer = setTimeout(() => (turned = true), 0);
  for (let call = 0; call < 1_000; call++) await reason(() => kv.get(key));
  assertEquals(turned, false);
  clearTimeout(timer);
});

Deno.test("kv opens the breaker after 5 calls that hang, one deadline each", async () => {
  using time = new FakeTime();
  using faulty = await openFaulty();
  const { kv, raw, breaker, clock } = faulty;
  raw.inject({ hang: 1 });
  for (let call = 0; call < 5; call++) {
    const rejected = reason(() => kv.get(key));
    clock.turn(400);
    await time.tickAsync(402);
    assertEquals(await rejected, "timeout");
  }
  assertEquals(breaker.state, "open");
  assertEquals(await reason(() => kv.get(key)), "open");
});

Deno.test("kv counts a herd of 200 hanging calls as one failure", async () => {
  using time = new FakeTime();
  using faulty = await openFaulty();
  const { kv, raw, breaker } = faulty;
  raw.inject({ hang: 1 });
  const herd = Array.from({ length: 200 }, () => reason(() => kv.get(key)));
  await time.tickAsync(402);
  assertEquals(new Set(await Promise.all(herd)), new Set(["timeout"]));
  assertEquals(breaker.state, "closed");
});

Deno.test("kv lets one probe through after 5 minutes, refuses the others, and recovers", async () => {
  using faulty = await openFaulty();
  const { kv, raw, breaker, clock } = faulty;
  raw.inject({ error: 1 });
  for (let call = 0; call < 5; call++) await reason(() => kv.get(key));
  raw.heal();
  raw.resetCounts();
  clock.turn(5 * MINUTE);
  const calls = await Promise.allSettled(Array.from({ length: 20 }, () => kv.get(key)));
  assertEquals(calls.filter(({ status }) => status === "fulfilled").length, 1);
  assertEquals(raw.counts.trips, 1);
  assertEquals(breaker.state, "closed");
  await kv.get(key);
});

Deno.test("kv gives the probe a full second, and its failure another 5 minutes", async () => {
  using time = new FakeTime();
  using faulty = await openFaulty();
  const { kv, raw, breaker, clock } = faulty;
  raw.inject({ error: 1 });
  for (let call = 0; call < 5; call++) await reason(() => kv.get(key));
  raw.inject({ hang: 1 });
  clock.turn(5 * MINUTE);
  const probe = reason(() => kv.get(key));
  const watched = watch(probe);
  await time.tickAsync(998);
  assertEquals([watched.settled, breaker.state], [false, "half_open"]);
  await time.tickAsync(4);
  assertEquals([await probe, breaker.state], ["timeout", "open"]);
  assertEquals(breaker.retryAfterMs(), 5 * MINUTE);
});

Deno.test("kv does not take conflicts and mistakes for failures", async () => {
  using faulty = await openFaulty({ remote: true });
  const { kv, raw, breaker } = faulty;
  await write(kv);
  for (let call = 0; call < 20; call++) {
    assertEquals(await kv.commit((atomic) => atomic.check(key, null).set(key, 2)), { ok: false });
    await assertRejects(() => kv.commit((atomic) => atomic.set(key, NaN, { expireIn: NaN })));
    const sum = () => kv.commit((atomic) => atomic.sum({ parts: key.parts }, 1n));
    await assertRejects(sum, TypeError, "non-U64");
  }
  assertEquals(breaker.state, "closed");
  assertEquals(raw.counts.conflicts, 20);
});

Deno.test("kv does not let a mistake use up the one probe before KV is asked", async () => {
  using faulty = await openFaulty();
  const { kv, raw, breaker, clock } = faulty;
  raw.inject({ error: 1 });
  for (let call = 0; call < 5; call++) await reason(() => kv.get(key));
  raw.heal();
  clock.turn(5 * MINUTE);
  const tooLarge = () => kv.commit((atomic) => atomic.set(testKey("b"), new Uint8Array(60_001)));
  await assertRejects(tooLarge, RangeError);
  await write(kv);
  assertEquals(breaker.state, "closed");
});

Deno.test("kv goes on when reads work and only commits fail", async () => {
  using faulty = await openFaulty();
  const { kv, raw, breaker } = faulty;
  raw.inject({ error: 1, only: ["commit"] });
  for (let call = 0; call < 20; call++) {
    assertEquals(await reason(() => write(kv)), "failed");
    await kv.get(key);
  }
  assertEquals(breaker.state, "closed");
});

Deno.test("kv reports each call's kind, outcome and time", async () => {
  using faulty = await openFaulty();
  const { kv, raw, outcomes, calls } = faulty;
  await write(kv);
  await kv.page(testKey(), { limit: 1 });
  raw.inject({ error: 1 });
  for (let call = 0; call < 5; call++) await reason(() => kv.get(key));
  await reason(() => kv.get(key));
  assertEquals(outcomes().slice(0, 3), ["commit ok", "page ok", "read failed"]);
  assertEquals(outcomes().slice(-1), ["read refused"]);
  assert(calls.every(({ durationMs }) => durationMs >= 0));
});

Deno.test("kv logs one failure a second and how many it left out", async () => {
  using faulty = await openFaulty({ breaker: undefined });
  const { kv, raw, lines, clock } = faulty;
  raw.inject({ error: 1 });
  for (let call = 0; call < 100; call++) {
    await reason(() => kv.get(key));
    clock.turn(15);
  }
  assertEquals(lines.length, 2);
  const [first, second] = lines.map((line) => JSON.parse(line));
  assertEquals([first.event, first.level, first.suppressed], ["kv.failed", "warn", 0]);
  assertEquals([second.operation, second.reason, second.suppressed], ["read", "failed", 66]);
  assertEquals(second.cause.message, "txnproxy call timed out");
});

Deno.test("kv works without a breaker, and keeps asking", async () => {
  using faulty = await openFaulty({ breaker: undefined });
  const { kv, raw } = faulty;
  raw.inject({ error: 1 });
  for (let call = 0; call < 30; call++) assertEquals(await reason(() => kv.get(key)), "failed");
  raw.heal();
  await kv.get(key);
});

Deno.test("kv.close() ends calls under way as closed, and blames nobody", async () => {
  using time = new FakeTime();
  using faulty = await openFaulty();
  const { kv, raw, breaker, outcomes, lines } = faulty;
  raw.inject({ hang: 1 });
  const calls = Array.from({ length: 8 }, () => reason(() => kv.get(key)));
  kv.close();
  raw.heal();
  await time.tickAsync(402);
  assertEquals(new Set(await Promise.all(calls)), new Set(["closed"]));
  assertEquals([outcomes(), lines, breaker.state], [[], [], "closed"]);
});
