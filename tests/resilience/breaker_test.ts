import { assert, assertEquals, assertNotEquals, assertStrictEquals } from "@std/assert";
import {
  type Breaker,
  type BreakerOptions,
  type BreakerState,
  createBreaker,
  type Permit,
} from "../../src/resilience/breaker.ts";
import { MINUTE, SECOND } from "../../src/time.ts";
import { createTestClock } from "../_clock.ts";

const setUp = (options: Partial<BreakerOptions> = {}) => {
  const clock = createTestClock();
  const transitions: string[] = [];
  const breaker = createBreaker({
    name: "kv",
    threshold: 5,
    resetMs: 5 * MINUTE,
    clock,
    random: () => 0.5,
    onTransition: (to, from) => transitions.push(`${from} → ${to}`),
    ...options,
  });
  return { clock, breaker, transitions };
};

const permitOf = (breaker: Breaker): Permit => {
  const permit = breaker.allow();
  assert(permit, `no permit while ${breaker.state}`);
  return permit;
};

/** `count` calls one after the other, each of which fails before the next begins. */
const failInTurn = (breaker: Breaker, count: number) => {
  for (let call = 0; call < count; call++) breaker.record(permitOf(breaker), false);
};

const state = (breaker: Breaker): BreakerState => breaker.state;

Deno.test("breaker opens at the 5th failure in a row", () => {
  const { breaker, transitions } = setUp();
  failInTurn(breaker, 4);
  assertEquals(state(breaker), "closed");
  failInTurn(breaker, 1);
  assertEquals(state(breaker), "open");
  assertEquals(breaker.allow(), undefined);
  assertEquals(transitions, ["closed → open"]);
});

Deno.test("breaker opens at the first failure when the threshold is 1", () => {
  const { breaker } = setUp({ threshold: 1 });
  failInTurn(breaker, 1);
  assertEquals(state(breaker), "open");
});

Deno.test("breaker starts counting anew after any success", () => {
  const { breaker } = setUp();
  for (let round = 0; round < 100; round++) {
    failInTurn(breaker, 4);
    breaker.record(permitOf(breaker), true);
  }
  assertEquals(state(breaker), "closed");
});

Deno.test("breaker counts a herd of 1000 parallel failures once", () => {
  const { breaker } = setUp();
  const herd = Array.from({ length: 1_000 }, () => permitOf(breaker));
  for (const permit of herd) breaker.record(permit, false);
  assertEquals(state(breaker), "closed");
  failInTurn(breaker, 3);
  assertEquals(state(breaker), "closed");
  failInTurn(breaker, 1);
  assertEquals(state(breaker), "open");
});

Deno.test("breaker counts parallel failures once in 50 ms, so a long herd opens it", () => {
  const { breaker, clock } = setUp();
  const herd = Array.from({ length: 250 }, () => permitOf(breaker));
  const openedAt = herd.findIndex((permit) => {
    breaker.record(permit, false);
    clock.turn(1);
    return breaker.state === "open";
  });
  assertEquals(openedAt, 200);
});

Deno.test("breaker lets exactly one probe through when it is half open", () => {
  const { breaker, clock, transitions } = setUp();
  failInTurn(breaker, 5);
  clock.turn(5 * MINUTE - 1);
  assertEquals([state(breaker), breaker.allow(), breaker.retryAfterMs()], ["open", undefined, 1]);
  clock.turn(1);
  assertEquals([state(breaker), breaker.retryAfterMs()], ["half_open", 0]);
  const probe = permitOf(breaker);
  assertEquals(probe.probe, true);
  for (let caller = 0; caller < 50; caller++) assertEquals(breaker.allow(), undefined);
  breaker.record(probe, true);
  assertEquals(state(breaker), "closed");
  assertEquals(permitOf(breaker).probe, false);
  assertEquals(transitions, ["closed → open", "open → half_open", "half_open → closed"]);
});

Deno.test("breaker stays open for the full time again when the probe fails", () => {
  const { breaker, clock } = setUp();
  failInTurn(breaker, 5);
  clock.turn(5 * MINUTE);
  breaker.record(permitOf(breaker), false);
  assertEquals([state(breaker), breaker.retryAfterMs()], ["open", 5 * MINUTE]);
  clock.turn(5 * MINUTE);
  breaker.record(permitOf(breaker), true);
  assertEquals([state(breaker), breaker.retryAfterMs()], ["closed", 0]);
});

Deno.test("breaker needs 5 new failures after a probe closed it", () => {
  const { breaker, clock } = setUp();
  failInTurn(breaker, 5);
  clock.turn(5 * MINUTE);
  breaker.record(permitOf(breaker), true);
  failInTurn(breaker, 4);
  assertEquals(state(breaker), "closed");
});

Deno.test("breaker sends another probe when one never reports, and ignores the lost one", () => {
  const { breaker, clock, transitions } = setUp({ probeTimeoutMs: 5 * SECOND });
  failInTurn(breaker, 5);
  clock.turn(5 * MINUTE);
  const lost = permitOf(breaker);
  clock.turn(5 * SECOND - 1);
  assertEquals(breaker.allow(), undefined);
  assertEquals(breaker.retryAfterMs(), 1);
  clock.turn(1);
  const second = permitOf(breaker);
  assertNotEquals(second.generation, lost.generation);
  breaker.record(lost, true);
  assertEquals(state(breaker), "half_open");
  breaker.record(second, true);
  assertEquals(state(breaker), "closed");
  assertEquals(transitions.length, 3);
});

Deno.test("breaker ignores outcomes of an earlier generation", () => {
  const { breaker, clock } = setUp();
  const early = Array.from({ length: 20 }, () => permitOf(breaker));
  failInTurn(breaker, 5);
  const openFor = breaker.retryAfterMs();
  breaker.record(early[0], true);
  assertEquals([state(breaker), breaker.retryAfterMs()], ["open", openFor]);
  clock.turn(5 * MINUTE);
  const probe = permitOf(breaker);
  breaker.record(early[1], true);
  assertEquals(state(breaker), "half_open");
  breaker.record(probe, true);
  for (const permit of early) {
    clock.turn(60);
    breaker.record(permit, false);
  }
  assertEquals(state(breaker), "closed");
});

Deno.test("breaker counts a probe's outcome once", () => {
  const { breaker, clock } = setUp();
  failInTurn(breaker, 5);
  clock.turn(5 * MINUTE);
  const probe = permitOf(breaker);
  breaker.record(probe, true);
  breaker.record(probe, false);
  assertEquals(state(breaker), "closed");
});

Deno.test("breaker.reset() closes it by hand and forgets what is under way", () => {
  const { breaker, transitions } = setUp();
  const underWay = permitOf(breaker);
  failInTurn(breaker, 5);
  breaker.reset();
  assertEquals([state(breaker), breaker.retryAfterMs()], ["closed", 0]);
  breaker.record(underWay, false);
  failInTurn(breaker, 4);
  assertEquals(state(breaker), "closed");
  breaker.reset();
  assertEquals(transitions, ["closed → open", "open → closed"]);
});

Deno.test("breaker varies the open time by 10 % at most", () => {
  const openFor = (random: number) => {
    const { breaker } = setUp({ random: () => random });
    failInTurn(breaker, 5);
    return Math.round(breaker.retryAfterMs());
  };
  assertEquals(openFor(0), 270_000);
  assertEquals(openFor(0.5), 300_000);
  assertEquals(openFor(0.999999999), 330_000);
});

Deno.test("breaker.allow() allocates nothing while all is well", () => {
  const { breaker } = setUp();
  const first = permitOf(breaker);
  breaker.record(first, true);
  assertStrictEquals(permitOf(breaker), first);
});

Deno.test("breaker.state is half_open once a probe is due, although nobody asked", () => {
  const { breaker, clock, transitions } = setUp();
  failInTurn(breaker, 5);
  clock.turn(DAYS);
  assertEquals(state(breaker), "half_open");
  assertEquals(transitions, ["closed → open"]);
});

const DAYS = 72 * 60 * MINUTE;
