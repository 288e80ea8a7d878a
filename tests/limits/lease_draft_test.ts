import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import fc from "fast-check";
import { Lease } from "../../src/limits/lease.ts";
import { draftLease, type DraftOptions } from "../../src/limits/lease_draft.ts";
import { leaseRules } from "../../src/limits/lease_rules.ts";
import { ringShape, total } from "../../src/limits/ring.ts";
import { MINUTE } from "../../src/time.ts";

const { past: PAST, slotMs: SLOT_MS, ahead: AHEAD } = ringShape(MINUTE, 0);
const NOW = 400_000;

function leaseOf(quota = 200) {
  const limit = { name: "test", quota, windowMs: MINUTE, strict: false };
  return new Lease(leaseRules(limit, 0), "someone", NOW);
}

/** Draws up a write in the middle of the lease's slot. */
function draft(lease: Lease, options: Partial<DraftOptions> = {}) {
  const nowMs = (lease.slot + 0.5) * SLOT_MS;
  return draftLease(lease, {
    nowMs,
    landsMs: nowMs + 30,
    isolates: 4,
    nonce: 1,
    closing: false,
    ...options,
  });
}

/** Uses that go on for a whole window, `perSlot` in each slot. */
function goOn(lease: Lease, perSlot: number) {
  const start = lease.slot;
  for (let slot = start; slot <= start + PAST; slot++) {
    lease.enter(slot);
    lease.use(perSlot);
  }
}

Deno.test("draftLease() of a new subject leases what waits and a few more, for a whole window", () => {
  const lease = leaseOf();
  lease.ledger.waiting = 2;
  const made = draft(lease);
  assertEquals([made?.kept, made?.granted, made?.until], [0, 5, NOW + AHEAD]);
  assertEquals(made?.base, null);
  assertEquals(made?.value, { j: NOW, f: NOW + AHEAD, u: [5], w: 1 });
});

Deno.test("draftLease() makes leases shorter as the pace nears the limit", () => {
  const horizons = [2, 6, 7, 8, 9].map((perSlot) => {
    const lease = leaseOf();
    goOn(lease, perSlot);
    return (draft(lease)?.until ?? NaN) - lease.slot;
  });
  assertEquals(horizons, [20, 20, 3, 2, 0]);
});

Deno.test("draftLease() sees a fast pace before the window is full", () => {
  const lease = leaseOf();
  for (let slot = NOW; slot < NOW + 3; slot++) {
    lease.enter(slot);
    lease.use(9);
  }
  assertEquals(draft(lease)?.until, lease.slot, "27 of 200, but within 8 s");
});

Deno.test("draftLease() leases nothing ahead of low use near the limit", () => {
  const lease = leaseOf(64);
  const u = [...new Array<number>(PAST).fill(3), 0];
  lease.learn({ value: { j: NOW, f: NOW - PAST, u, w: 1 }, versionstamp: "1" });
  lease.use(1);
  assertEquals(draft(lease)?.granted, 0, "a permit lying about here is one too few elsewhere");
  lease.ledger.waiting = 1;
  assertEquals(draft(lease)?.granted, 1);
});

Deno.test("draftLease() leaves the other isolates their part", () => {
  const grant = (isolates: number) => {
    const lease = leaseOf(200);
    for (let slot = NOW; slot < NOW + 10; slot++) {
      lease.enter(slot);
      lease.use(6);
    }
    return draft(lease, { isolates, landsMs: (lease.slot + 9.5) * SLOT_MS })?.granted;
  };
  assertEquals([grant(1), grant(4), grant(20)], [96, 35, 7]);
});

Deno.test("draftLease() of an isolate that is alone has a few permits ready at all times", () => {
  const lease = leaseOf(64);
  const u = [...new Array<number>(PAST).fill(3), 0];
  lease.learn({ value: { j: NOW, f: NOW - PAST, u, w: 1 }, versionstamp: "1" });
  lease.ledger.waiting = 1;
  assertEquals([draft(lease)?.granted, draft(lease, { isolates: 1 })?.granted], [1, 4]);
});

Deno.test("draftLease() leases for all who wait, whatever the part of others", () => {
  const lease = leaseOf();
  lease.ledger.waiting = 150;
  assertEquals(draft(lease, { isolates: 8 })?.granted, 150);
  lease.ledger.waiting = 500;
  assertEquals(draft(lease, { isolates: 8 })?.granted, 200);
});

Deno.test("draftLease() leases until a reply that is late can be there", () => {
  const lease = leaseOf();
  goOn(lease, 15);
  lease.ledger.waiting = 1;
  const at = (slots: number) => draft(lease, { landsMs: (lease.slot + slots) * SLOT_MS });
  assertEquals(at(0.9)?.until, lease.slot);
  assertEquals(at(1.1)?.until, lease.slot + 1);
  assertEquals(at(99)?.until, lease.slot + AHEAD);
});

Deno.test("draftLease() has nothing to write when nothing is used and nothing is left", () => {
  const lease = leaseOf(10);
  lease.learn({ value: { j: NOW, f: NOW, u: [10], w: 1 }, versionstamp: "1" });
  lease.ledger.waiting = 3;
  assertEquals(draft(lease), undefined);
  lease.enter(NOW + PAST + 1);
  assertEquals(draft(lease)?.base, "1");
});

Deno.test("draftLease() reports uses when nothing is left", () => {
  const lease = leaseOf(10);
  lease.learn({ value: { j: NOW, f: NOW, u: [9], w: 1 }, versionstamp: "1" });
  lease.use(1);
  const made = draft(lease);
  assertEquals([made?.granted, made?.value.u], [0, [10]]);
});

Deno.test("draftLease() closing gives back everything, and nothing twice", () => {
  const lease = leaseOf();
  lease.ledger.waiting = 9;
  lease.send(draft(lease)!);
  lease.land("1");
  lease.ledger.waiting = 0;
  lease.use(4);
  const made = draft(lease, { closing: true });
  assertEquals([made?.kept, made?.granted, made?.value.u], [0, 0, [4]]);
  lease.send(made!);
  lease.land("2");
  assertEquals(draft(lease, { closing: true }), undefined);
});

Deno.test("draftLease() sends a write of unknown fate as it was", () => {
  const lease = leaseOf();
  lease.ledger.waiting = 1;
  lease.send(draft(lease)!);
  const { pending } = lease.ledger;
  lease.ledger.waiting = 50;
  assertEquals(draft(lease, { nonce: 2 }), pending);
});

Deno.test("draftLease() never counts more than the quota, and never takes from others", () => {
  const rings = fc.array(fc.nat(20), { minLength: 1, maxLength: 41 });
  const options = fc.record({
    quota: fc.integer({ min: 1, max: 300 }),
    waiting: fc.nat(400),
    isolates: fc.integer({ min: 1, max: 50 }),
    used: fc.nat(40),
    back: fc.nat(20),
  });
  fc.assert(fc.property(rings, options, (u, { quota, waiting, isolates, used, back }) => {
    const lease = leaseOf(quota);
    lease.learn({ value: { j: NOW, f: NOW - back, u, w: 1 }, versionstamp: "1" });
    const others = total(lease.counts());
    if (used > 0) lease.use(used);
    lease.ledger.waiting = waiting;
    const made = draft(lease, { isolates });
    if (!made) return;
    const sum = total(made.value.u);
    assert(Number.isInteger(made.granted) && made.granted >= 0);
    assertEquals(sum, others + used + made.granted);
    if (made.granted > 0) assertLessOrEqual(sum, quota);
    assertLessOrEqual(made.until, lease.turn + AHEAD);
    assert(made.value.u.every((count) => count >= 0));
  }));
});
