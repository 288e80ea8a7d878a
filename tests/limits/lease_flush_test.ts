import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import { Lease } from "../../src/limits/lease.ts";
import { Flights } from "../../src/limits/lease_flight.ts";
import { flushLeases } from "../../src/limits/lease_flush.ts";
import { leaseRules } from "../../src/limits/lease_rules.ts";
import { slotAt } from "../../src/limits/ring.ts";
import { MINUTE } from "../../src/time.ts";
import { createTestClock } from "../_clock.ts";
import { ScriptedStore } from "./_lease_store.ts";

function setUp(count: number) {
  const store = new ScriptedStore();
  const clock = createTestClock();
  const flights = new Flights({ store, clock, isolates: () => 1, random: Math.random });
  const limit = { name: "ip", quota: 200, windowMs: MINUTE, strict: false };
  const rules = leaseRules(limit, 0);
  const slot = slotAt(clock.now(), rules.shape);
  const leases = Array.from({ length: count }, (_, n) => new Lease(rules, `s${n}`, slot));
  const flush = (deadlineMs = 2_000) => flushLeases(leases, { clock, flights, deadlineMs });
  return { store, clock, flights, leases, flush };
}

Deno.test("flushLeases() writes nothing when nothing is at stake", async () => {
  const { store, flush } = setUp(20);
  await flush();
  assertEquals(store.calls, []);
});

Deno.test("flushLeases() begins with those that have most at stake", async () => {
  const { store, leases, flush } = setUp(30);
  leases.forEach((lease, n) => lease.use(n + 1));
  await flush();
  assertEquals(store.calls.length, 5);
  assertEquals(store.calls[0], "commit s24,s25,s26,s27,s28,s29");
  leases.forEach((lease, n) => {
    assertEquals(store.counted(lease.subject), n + 1);
    assertEquals(lease.atStake, 0);
  });
});

Deno.test("flushLeases() waits for a renewal under way, then gives back what it brought", async () => {
  const { store, flights, leases: [lease], flush } = setUp(1);
  lease.use(3);
  lease.ledger.waiting = 40;
  const flight = flights.fly([lease]).finally(() => lease.ledger.flight = undefined);
  lease.ledger.flight = flight;
  await flush();
  assertEquals([store.counted("s0"), lease.tokens], [3, 0]);
});

Deno.test("flushLeases() goes on with the others when one commit fails or is raced", async () => {
  const { store, leases, flush } = setUp(60);
  for (const lease of leases) lease.use(1);
  store.next("error", "raced", "lost");
  await flush();
  const counted = leases.filter((lease) => store.counted(lease.subject) === 1).length;
  assert(counted >= 54, "all but the six of the commit that failed");
  assert(leases.every((lease) => !lease.isFlying));
});

Deno.test("flushLeases() begins no commit after its deadline", async () => {
  const { store, clock, leases, flush } = setUp(600);
  for (const lease of leases) lease.use(1);
  const commit = store.commit.bind(store);
  store.commit = (writes) => {
    clock.turn(50);
    return commit(writes);
  };
  await flush(500);
  assertLessOrEqual(store.calls.length, 18);
});
