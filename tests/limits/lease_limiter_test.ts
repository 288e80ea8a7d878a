import {
  assert,
  assertEquals,
  assertFalse,
  assertGreaterOrEqual,
  assertLessOrEqual,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { createLeaseLimiter, type Trip, type Verdict } from "../../src/limits/lease_limiter.ts";
import { MINUTE } from "../../src/time.ts";
import { createTestClock } from "../_clock.ts";
import { createBed, limitOf } from "./_lease_bed.ts";
import { LostReplyError, ScriptedStore } from "./_lease_store.ts";

const ip = limitOf(200, { name: "store:ip" });
const user = limitOf(60, { name: "store:user" });
const auth = limitOf(5, { name: "auth:ip", windowMs: 5 * MINUTE, strict: true });

const one = [{ limit: ip, subject: "203.0.113.9" }];
const both = [...one, { limit: user, subject: "alice" }];
const login = [{ limit: auth, subject: "203.0.113.9" }];

function setUp(isolates = 1, trips?: (trip: Trip) => void) {
  const store = new ScriptedStore();
  const clock = createTestClock();
  const limiter = createLeaseLimiter({
    store,
    clock,
    isolates: () => isolates,
    random: () => 0.5,
    onTrip: trips,
  });
  const take = (claims = one, cost = 1): Promise<Verdict> =>
    Promise.resolve(limiter.take(claims, cost));
  return { store, clock, limiter, take };
}

/** Lets flights that nobody waits for end. */
const settle = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

Deno.test("LeaseLimiter.take() admits at once and without KV the first 11 of 200 a minute", async () => {
  const { store, limiter } = setUp();
  for (let n = 1; n <= 11; n++) {
    const verdict = limiter.take(one, 1);
    assert(!(verdict instanceof Promise));
    assertEquals([verdict.source, verdict.remaining], ["optimistic", [200 - n]]);
  }
  assertEquals(store.calls, []);
  limiter.take(one, 1);
  await settle();
  assertEquals(store.calls, ["commit 203.0.113.9"], "the twelfth is told to KV");
  assertEquals(await limiter.take(one, 1), {
    allowed: true,
    violated: undefined,
    source: "lease",
    remaining: [187],
    resetMs: [63_000],
    retryAfterMs: 0,
  });
});

Deno.test("LeaseLimiter.take() of a strict limit waits for KV before it admits", async () => {
  const { store, limiter, take } = setUp();
  const verdict = limiter.take(login, 1);
  assert(verdict instanceof Promise);
  assertEquals((await verdict).source, "kv");
  const sources: string[] = [];
  for (let n = 0; n < 6; n++) sources.push((await take(login)).source);
  assertEquals(sources.slice(0, 3), ["lease", "lease", "lease"]);
  assertEquals(sources.at(-1), "block");
  assertLessOrEqual(store.calls.length, 5);
});

Deno.test("LeaseLimiter.take() refuses with the index, the wait and nothing left", async () => {
  const { take, clock } = setUp();
  clock.turn(1_500);
  for (let n = 0; n < 5; n++) assert((await take(login)).allowed);
  clock.turn(10_000);
  assertEquals(await take(login), {
    allowed: false,
    violated: 0,
    source: "kv",
    remaining: [0],
    resetMs: [315_000 - 11_500],
    retryAfterMs: 315_000 - 11_500,
  });
  assertEquals((await take(login)).source, "block");
});

Deno.test("LeaseLimiter.take() does not ask KV while a client is refused", async () => {
  const { take, store, clock } = setUp();
  for (let n = 0; n < 6; n++) await take(login);
  store.calls.length = 0;
  for (let n = 0; n < 1_000; n++) {
    clock.turn(250);
    assertFalse((await take(login)).allowed);
  }
  assertEquals(store.calls, []);
});

Deno.test("LeaseLimiter.take() of more than is left consumes nothing", async () => {
  const { take } = setUp();
  assert((await take(login, 3)).allowed);
  const refused = await take(login, 3);
  assertEquals([refused.allowed, refused.remaining], [false, [2]]);
  assert((await take(login, 2)).allowed);
  assertFalse((await take(login, 1)).allowed);
});

Deno.test("LeaseLimiter.take() of more than the quota is refused for a whole window", async () => {
  const { take } = setUp();
  const verdict = await take(login, 6);
  assertEquals([verdict.allowed, verdict.retryAfterMs], [false, 315_000]);
  assert((await take(login, 5)).allowed);
});

Deno.test("LeaseLimiter.take() asks for two tiers in one atomic", async () => {
  const { store, take } = setUp(8);
  const strict = both.map(({ limit, subject }) => ({
    limit: { ...limit, name: `${limit.name}!`, strict: true },
    subject,
  }));
  const verdict = await take(strict);
  assertEquals([verdict.allowed, verdict.remaining], [true, [199, 59]]);
  assertEquals(store.calls, ["commit 203.0.113.9,alice"]);
});

Deno.test("LeaseLimiter.take() counts under no tier what one tier refuses", async () => {
  const { limiter, take } = setUp();
  for (let n = 0; n < 60; n++) assert((await take(both)).allowed);
  for (let n = 0; n < 50; n++) {
    const verdict = await take(both);
    assertEquals([verdict.allowed, verdict.violated, verdict.remaining], [false, 1, [140, 0]]);
  }
  for (let n = 0; n < 140; n++) assert((await take(one)).allowed, "the address has 140 left");
  assertFalse((await take(one)).allowed);
  const verdict = await take(both);
  assertFalse(verdict.allowed);
  assertEquals(limiter.stats().subjects, 2);
});

Deno.test("LeaseLimiter.take() of no claims passes", async () => {
  const { take } = setUp();
  assertEquals(await take([]), {
    allowed: true,
    violated: undefined,
    source: "lease",
    remaining: [],
    resetMs: [],
    retryAfterMs: 0,
  });
});

Deno.test("LeaseLimiter.take() admits exactly the quota of a crowd that waits for one answer", async () => {
  const { limiter, store } = setUp();
  const strict = [{ limit: limitOf(200, { strict: true }), subject: "crowd" }];
  const verdicts = await Promise.all(
    Array.from({ length: 700 }, () => Promise.resolve(limiter.take(strict, 1))),
  );
  assertEquals(verdicts.filter(({ allowed }) => allowed).length, 200);
  assertLessOrEqual(store.calls.length, 4);
  assertEquals(limiter.stats().waiting, 0);
  for (const { allowed, retryAfterMs } of verdicts) {
    if (!allowed) assertGreaterOrEqual(retryAfterMs, 60_000);
  }
});

Deno.test("LeaseLimiter.take() rejects with the store's error only when it had to wait", async () => {
  const { limiter, store, take } = setUp();
  assert((await take(login)).allowed);
  store.next("error", "error", "error");
  assert((await take(login)).allowed, "a permit is left");
  await take(login);
  await take(login);
  await assertRejects(() => take(login), LostReplyError);
  assertEquals(limiter.stats().waiting, 0);
});

Deno.test("LeaseLimiter.take() goes on after an outage with what it knew", async () => {
  const { store, take } = setUp();
  store.next("lost", "error", "late", "error", "error");
  const allowed: boolean[] = [];
  for (let n = 0; n < 30; n++) {
    const verdict = await take(login).catch(() => undefined);
    if (verdict) allowed.push(verdict.allowed);
  }
  assertEquals(allowed.filter(Boolean).length, 5);
  assertEquals(store.counted("203.0.113.9"), 5);
});

Deno.test("LeaseLimiter.take() refuses, and does not reject, when others always write first", async () => {
  const { store, take } = setUp();
  for (let n = 0; n < 60; n++) store.next("raced", "ok");
  const verdict = await take(login);
  assertEquals([verdict.allowed, verdict.violated, verdict.source], [false, 0, "kv"]);
  assertLessOrEqual(verdict.retryAfterMs, 25_000, "there is room, so not for long");
});

Deno.test("LeaseLimiter.take() throws for a cost that is not a whole number from 1", () => {
  const { limiter } = setUp();
  for (const cost of [0, -1, 0.5, NaN, Infinity]) {
    assertThrows(() => limiter.take(one, cost), RangeError, String(cost));
  }
});

Deno.test("LeaseLimiter.take() throws for one limit's name with two quotas", () => {
  const { limiter } = setUp();
  limiter.take(one, 1);
  limiter.take([{ limit: { ...ip }, subject: "a" }], 1);
  const claims = [{ limit: { ...ip, quota: 100 }, subject: "a" }];
  assertThrows(() => limiter.take(claims, 1), RangeError, "store:ip");
});

Deno.test("LeaseLimiter.take() gives each isolate its part of the credit", async () => {
  for (const [isolates, credit] of [[1, 20], [4, 5], [8, 2], [21, 0]]) {
    const { limiter, store } = setUp(isolates);
    store.next(...new Array(99).fill("error"));
    let admitted = 0;
    let verdict = limiter.take(one, 1);
    for (; !(verdict instanceof Promise); verdict = limiter.take(one, 1)) admitted++;
    await assertRejects(() => Promise.resolve(verdict), LostReplyError);
    assertEquals(admitted, credit);
  }
});

Deno.test("LeaseLimiter.takeLocal() answers from live permits and known refusals alone", async () => {
  const { limiter, store, take, clock } = setUp();
  assertEquals(limiter.takeLocal(login, 1), undefined);
  await take(login);
  store.calls.length = 0;
  for (let n = 0; n < 3; n++) assertEquals(limiter.takeLocal(login, 1)?.source, "lease");
  assertEquals(limiter.takeLocal(login, 1), undefined, "one is left, but not leased");
  assertEquals(store.calls, []);
  await take(login);
  await take(login);
  assertEquals(limiter.takeLocal(login, 1)?.source, "block");
  clock.turn(10 * MINUTE);
  assertEquals(limiter.takeLocal(login, 1), undefined);
});

Deno.test("LeaseLimiter.takeLocal() counts under no tier what it cannot tell for all", async () => {
  const { limiter, take } = setUp();
  for (let n = 0; n < 13; n++) await take(one);
  await settle();
  const { remaining } = limiter.takeLocal(one, 1)!;
  assertEquals(limiter.takeLocal(both, 1), undefined);
  assertEquals(limiter.takeLocal(one, 1)?.remaining[0], remaining[0] - 1);
});

Deno.test("LeaseLimiter.noteUses() counts at once, and in KV with the next commit", async () => {
  const { limiter, store, take } = setUp();
  limiter.noteUses(login[0], 3);
  assertEquals(store.calls, []);
  assertEquals((await take(login)).remaining, [1]);
  assertEquals(store.counted("203.0.113.9"), 5, "3 noted and 2 leased");
  limiter.noteUses(login[0], 10);
  const verdict = await take(login);
  assertEquals([verdict.allowed, verdict.remaining], [false, [0]]);
});

Deno.test("LeaseLimiter.penalize() tells KV soon, so that other isolates know", async () => {
  const { limiter, store } = setUp();
  limiter.penalize(login[0], 4);
  await settle();
  assertGreaterOrEqual(store.counted("203.0.113.9"), 4);
  const other = createLeaseLimiter({
    store,
    clock: createTestClock(),
    isolates: () => 2,
    random: () => 0.1,
  });
  await other.take(login, 1);
  assertFalse((await other.take(login, 1)).allowed);
});

Deno.test("LeaseLimiter.reward() gives back what this isolate counted just now", async () => {
  const { limiter, take } = setUp();
  for (let n = 0; n < 50; n++) {
    assert((await take(login)).allowed, "each success is taken back");
    limiter.reward(login[0], 1);
  }
});

Deno.test("LeaseLimiter.flush() leaves in KV exactly what was used", async () => {
  const { limiter, store, take } = setUp();
  for (let n = 0; n < 14; n++) await take(both);
  await settle();
  assertFalse(store.counted("203.0.113.9") === 14, "permits are leased, uses unreported");
  await limiter.flush();
  assertEquals([store.counted("203.0.113.9"), store.counted("alice")], [14, 14]);
  store.calls.length = 0;
  await limiter.flush();
  assertEquals(store.calls, []);
});

Deno.test("LeaseLimiter.flush() writes six records an atomic", async () => {
  const { limiter, store } = setUp();
  for (let n = 0; n < 20; n++) limiter.take([{ limit: ip, subject: `s${n}` }], 1);
  await limiter.flush();
  assertEquals(store.calls.length, 4);
  for (let n = 0; n < 20; n++) assertEquals(store.counted(`s${n}`), 1);
});

Deno.test("LeaseLimiter.flush() never rejects, and begins nothing after its deadline", async () => {
  const { limiter, store, clock } = setUp();
  for (let n = 0; n < 200; n++) limiter.take([{ limit: ip, subject: `s${n}` }], 1);
  store.next(...new Array(8).fill("error"));
  const commit = store.commit.bind(store);
  store.commit = (writes) => {
    clock.turn(40);
    return commit(writes);
  };
  await limiter.flush(1_000);
  assertLessOrEqual(store.calls.length, 34);
  assertGreaterOrEqual(store.calls.length, 25);
});

Deno.test("LeaseLimiter.stats() and onTrip tell what happened", async () => {
  const trips: Trip[] = [];
  const { limiter, take } = setUp(1, (trip) => trips.push(trip));
  const waiting = take(login);
  assertEquals(limiter.stats().waiting, 1);
  await waiting;
  assertEquals(trips.map(({ op, result, keys }) => [op, result, keys]), [["commit", "ok", 1]]);
  const { subjects, overflowed, trips: count, conflicts } = limiter.stats();
  assertEquals([subjects, overflowed, count, conflicts], [1, 0, 1, 0]);
});

Deno.test("LeaseLimiter holds a bounded number of 1,000,000 subjects, and still limits them", () => {
  const { limiter, clock } = setUp();
  const addressOf = (n: number) => `10.${n >> 16 & 255}.${n >> 8 & 255}.${n & 255}`;
  const bounded = createLeaseLimiter({
    store: new ScriptedStore(),
    clock,
    isolates: () => 4,
    random: () => 0.5,
    maxSubjects: 3_000,
    overflowOf: (address) => address.slice(0, address.lastIndexOf(".")),
  });
  for (let n = 0; n < 1_000_000; n++) {
    bounded.take([{ limit: ip, subject: addressOf(n) }], 1);
    if (n % 1_000 === 0) clock.turn(1);
  }
  assertEquals(bounded.stats().subjects, 2_000, "a third stays free for other limits");
  assertGreaterOrEqual(bounded.stats().overflowed, 900_000);
  assertEquals(limiter.stats().subjects, 0);
});

Deno.test("LeaseLimiter counts on when its clock is set forward and back by a day", async () => {
  const { clock, take } = setUp();
  for (let n = 0; n < 5; n++) assert((await take(login)).allowed);
  clock.turn(24 * 60 * MINUTE);
  for (let n = 0; n < 5; n++) assert((await take(login)).allowed);
  assertFalse((await take(login)).allowed);
  clock.turn(-24 * 60 * MINUTE);
  for (let n = 0; n < 5; n++) assert((await take(login)).allowed, "not locked out for a day");
  assertFalse((await take(login)).allowed);
});

Deno.test("LeaseLimiter reads no lockout from a record whose writer's clock was a day ahead", async () => {
  const { time, kv, limiters, play } = createBed({ count: 2 });
  const late = createLeaseLimiter({
    store: kv.line({ rttMs: 20 }),
    clock: time.clock(24 * 60 * MINUTE),
    isolates: () => 2,
    random: () => 0.3,
  });
  await play(async () => {
    for (let n = 0; n < 6; n++) await late.take(login, 1);
    assert((await limiters[0].take(login, 1)).allowed);
  });
});
