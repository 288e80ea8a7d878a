import { assert, assertEquals, assertRejects } from "@std/assert";
import { Lease } from "../../src/limits/lease.ts";
import { Flights, LeaseContentionError, type Trip } from "../../src/limits/lease_flight.ts";
import { leaseRules } from "../../src/limits/lease_rules.ts";
import { slotAt } from "../../src/limits/ring.ts";
import { MINUTE } from "../../src/time.ts";
import { createTestClock } from "../_clock.ts";
import { LostReplyError, ScriptedStore } from "./_lease_store.ts";

const QUOTA = 200;

function setUp() {
  const store = new ScriptedStore();
  const clock = createTestClock();
  const trips: Trip[] = [];
  let draws = 0;
  const flights = new Flights({
    store,
    clock,
    isolates: () => 4,
    random: () => (++draws % 1_000) / 1_000,
    onTrip: (trip) => trips.push(trip),
  });
  const limit = { name: "ip", quota: QUOTA, windowMs: MINUTE, strict: false };
  const rules = leaseRules(limit, 0);
  const slot = slotAt(clock.now(), rules.shape);
  const leaseOf = (subject: string) => {
    const lease = new Lease(rules, subject, slot);
    lease.ledger.waiting = 1;
    return lease;
  };
  return { store, clock, trips, flights, leaseOf, slot };
}

/** What the record counts beyond the uses of this one isolate and the permits it holds. */
function stranded(store: ScriptedStore, lease: Lease): number {
  return store.counted(lease.subject) - (QUOTA - lease.room) - lease.tokens;
}

Deno.test("Flights.fly() creates a record in one trip without looking", async () => {
  const { store, flights, leaseOf, trips } = setUp();
  const lease = leaseOf("a");
  await flights.fly([lease]);
  assertEquals(store.calls, ["commit a"]);
  assert(lease.tokens >= 1);
  assertEquals(store.counted("a"), lease.tokens);
  assertEquals(trips.map(({ op, result, keys }) => [op, result, keys]), [["commit", "ok", 1]]);
});

Deno.test("Flights.fly() renews in one trip while nobody else writes", async () => {
  const { store, flights, leaseOf } = setUp();
  const lease = leaseOf("a");
  await flights.fly([lease]);
  lease.use(1);
  await flights.fly([lease]);
  lease.use(1);
  await flights.fly([lease]);
  assertEquals(store.calls, ["commit a", "commit a", "commit a"]);
  assertEquals(stranded(store, lease), 0);
});

Deno.test("Flights.fly() reads after a conflict and keeps what the other isolate wrote", async () => {
  const { store, flights, leaseOf, slot, trips } = setUp();
  store.touch("a", 30, slot);
  const lease = leaseOf("a");
  lease.use(2);
  await flights.fly([lease]);
  assertEquals(store.calls, ["commit a", "read a", "commit a"]);
  assertEquals(store.counted("a"), 32 + lease.tokens);
  assertEquals(lease.room, QUOTA - 32);
  assertEquals(trips.map(({ result }) => result), ["conflict", "ok", "ok"]);
  assertEquals([flights.trips, flights.conflicts], [3, 1]);
});

Deno.test("Flights.fly() reads first once other isolates have got in between", async () => {
  const { store, flights, leaseOf } = setUp();
  const lease = leaseOf("a");
  await flights.fly([lease]);
  store.touch("a", 1);
  lease.use(1);
  await flights.fly([lease]);
  store.calls.length = 0;
  for (let n = 0; n < 3; n++) {
    store.touch("a", 1);
    lease.use(1);
    await flights.fly([lease]);
  }
  assertEquals(store.calls, ["read a", "commit a", "read a", "commit a", "read a", "commit a"]);
  assertEquals(stranded(store, lease), 0);
});

Deno.test("Flights.fly() stops creating without looking when records mostly exist", async () => {
  const { store, flights, leaseOf, slot } = setUp();
  for (let n = 0; n < 12; n++) {
    store.touch(`old ${n}`, 1, slot);
    await flights.fly([leaseOf(`old ${n}`)]);
  }
  store.calls.length = 0;
  await flights.fly([leaseOf("new")]);
  assertEquals(store.calls, ["read new", "commit new"]);
});

Deno.test("Flights.fly() takes several leases along in one atomic", async () => {
  const { store, flights, leaseOf } = setUp();
  const leases = ["ip", "user", "account"].map(leaseOf);
  await flights.fly(leases);
  assertEquals(store.calls, ["commit ip,user,account"]);
  assert(leases.every((lease) => lease.tokens >= 1));
});

Deno.test("Flights.fly() of several leases writes none when one is raced, then all", async () => {
  const { store, flights, leaseOf, slot } = setUp();
  const leases = ["ip", "user"].map(leaseOf);
  store.touch("user", 5, slot);
  for (const lease of leases) lease.use(1);
  await flights.fly(leases);
  assertEquals(store.calls, ["commit ip,user", "read ip,user", "commit ip,user"]);
  for (const lease of leases) assertEquals(stranded(store, lease), 0);
});

Deno.test("Flights.fly() answers with a read alone when there is nothing left to lease", async () => {
  const { store, flights, leaseOf, slot } = setUp();
  const lease = leaseOf("a");
  store.touch("a", QUOTA, slot);
  lease.learn(store.entry("a"));
  await flights.fly([lease]);
  assertEquals(store.calls, ["read a"]);
  assertEquals([lease.tokens, lease.room], [0, 0]);
});

Deno.test("Flights.fly() knows a write again whose reply was lost", async () => {
  const { store, flights, leaseOf } = setUp();
  const lease = leaseOf("a");
  lease.use(3);
  store.next("lost");
  await assertRejects(() => flights.fly([lease]), LostReplyError);
  assertEquals(lease.tokens, 0);
  await flights.fly([lease]);
  assertEquals(store.calls, ["commit a", "commit a", "read a"]);
  assert(lease.tokens >= 1, "the permits of the lost write are ours");
  assertEquals(stranded(store, lease), 0);
  assertEquals(lease.credit, 0);
});

Deno.test("Flights.fly() sends a write again that never arrived", async () => {
  const { store, flights, leaseOf } = setUp();
  const lease = leaseOf("a");
  lease.use(3);
  store.next("error");
  await assertRejects(() => flights.fly([lease]), LostReplyError);
  lease.use(1);
  await flights.fly([lease]);
  assertEquals(store.calls, ["commit a", "commit a"]);
  assertEquals(stranded(store, lease), 0);
});

Deno.test("Flights.fly() counts a write once that lands after it was given up", async () => {
  const { store, flights, leaseOf } = setUp();
  const lease = leaseOf("a");
  lease.use(3);
  store.next("late", "error");
  await assertRejects(() => flights.fly([lease]), LostReplyError);
  await assertRejects(() => flights.fly([lease]), LostReplyError);
  assertEquals(store.landLate().ok, true);
  await flights.fly([lease]);
  assertEquals(stranded(store, lease), 0);
  assertEquals(store.landLate().ok, false, "and it can not land again");
});

Deno.test("Flights.fly() lets no late write land beside its second sending", async () => {
  const { store, flights, leaseOf } = setUp();
  const lease = leaseOf("a");
  lease.use(3);
  store.next("late");
  await assertRejects(() => flights.fly([lease]), LostReplyError);
  await flights.fly([lease]);
  assertEquals(store.landLate().ok, false);
  assertEquals(stranded(store, lease), 0);
});

Deno.test("Flights.fly() leaves permits counted when a lost write's fate is covered up", async () => {
  for (const fate of ["lost", "error"] as const) {
    const { store, flights, leaseOf } = setUp();
    const lease = leaseOf("a");
    await flights.fly([lease]);
    lease.use(1);
    const held = store.counted("a");
    store.next(fate);
    await assertRejects(() => flights.fly([lease]), LostReplyError);
    store.touch("a", 7);
    await flights.fly([lease]);
    assert(stranded(store, lease) >= 0, "never less is counted than used and held");
    assert(stranded(store, lease) <= held + 7);
    assert(lease.tokens >= 1, "and the request that waits gets its permit");
  }
});

Deno.test("Flights.fly() puts uses back when the read after a conflict fails", async () => {
  const { store, flights, leaseOf } = setUp();
  const lease = leaseOf("a");
  lease.use(3);
  store.next("raced", "error");
  await assertRejects(() => flights.fly([lease]), LostReplyError);
  assertEquals([lease.credit, lease.room], [3, QUOTA - 3]);
  await flights.fly([lease]);
  assertEquals(stranded(store, lease), 0);
});

Deno.test("Flights.fly() gives up after 2 conflicts when nobody waits, and with what it read", async () => {
  const { store, flights, leaseOf } = setUp();
  const lease = leaseOf("a");
  lease.ledger.waiting = 0;
  lease.use(3);
  store.next("raced", "ok", "raced");
  await flights.fly([lease]);
  assertEquals(store.calls.filter((call) => call.startsWith("commit")).length, 2);
  assertEquals(lease.credit, 3);
  assertEquals(lease.ledger.version, store.entry("a").versionstamp);
});

Deno.test("Flights.fly() rejects after 24 conflicts in a row", async () => {
  const { store, flights, leaseOf } = setUp();
  for (let n = 0; n < 40; n++) store.next("raced", "ok");
  await assertRejects(() => flights.fly([leaseOf("a")]), LeaseContentionError, "24 conflicts");
  assertEquals(store.calls.length, 48);
});

Deno.test("Flights.fly() rejects when conflicts go on for 2 s", async () => {
  const { store, clock, leaseOf } = setUp();
  const slow = {
    read: (...args: Parameters<typeof store.read>) => {
      clock.turn(300);
      return store.read(...args);
    },
    commit: (...args: Parameters<typeof store.commit>) => {
      clock.turn(300);
      return store.commit(...args);
    },
  };
  const flights = new Flights({ store: slow, clock, isolates: () => 1, random: () => 0.5 });
  for (let n = 0; n < 40; n++) store.next("raced", "ok");
  await assertRejects(() => flights.fly([leaseOf("a")]), LeaseContentionError);
  assertEquals(store.calls.length, 8);
});

Deno.test("Flights.fly() leases past the slot in which its reply can be expected", async () => {
  const { store, clock, leaseOf } = setUp();
  const slow = {
    read: store.read.bind(store),
    commit: (...args: Parameters<typeof store.commit>) => {
      clock.turn(6_000);
      return store.commit(...args);
    },
  };
  const flights = new Flights({ store: slow, clock, isolates: () => 1, random: () => 0.5 });
  for (let n = 0; n < 30; n++) await flights.fly([leaseOf(`s${n}`)]);
  const lease = leaseOf("a");
  lease.enter(slotAt(clock.now(), lease.rules.shape));
  lease.use(195);
  await flights.fly([lease]);
  assertEquals(lease.until - lease.slot >= 1, true, "near the limit a lease is for one slot only");
  lease.enter(slotAt(clock.now(), lease.rules.shape));
  assert(lease.permits >= 1, "but a trip of 6 s outlives a slot of 5 s");
});

Deno.test("Flights.fly() closing reports the uses and gives every permit back", async () => {
  const { store, flights, leaseOf } = setUp();
  const lease = leaseOf("a");
  await flights.fly([lease]);
  lease.use(1);
  lease.use(9);
  await flights.fly([lease], true);
  assertEquals([lease.tokens, store.counted("a"), lease.atStake], [0, 10, 0]);
  store.calls.length = 0;
  await flights.fly([lease], true);
  assertEquals(store.calls, [], "nothing to say any more");
});

Deno.test("Flights.rttMs follows the trips", async () => {
  const { store, clock, leaseOf } = setUp();
  const slow = {
    read: store.read.bind(store),
    commit: (...args: Parameters<typeof store.commit>) => {
      clock.turn(80);
      return store.commit(...args);
    },
  };
  const flights = new Flights({ store: slow, clock, isolates: () => 1, random: () => 0.5 });
  for (let n = 0; n < 60; n++) await flights.fly([leaseOf(`s${n}`)]);
  assert(Math.abs(flights.rttMs - 80) < 1);
});
