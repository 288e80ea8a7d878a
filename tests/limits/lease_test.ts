import { assert, assertAlmostEquals, assertEquals, assertFalse } from "@std/assert";
import fc from "fast-check";
import type { LimitRing } from "../../src/kv/keys.ts";
import { Lease } from "../../src/limits/lease.ts";
import type { Draft } from "../../src/limits/lease_ledger.ts";
import { leaseRules } from "../../src/limits/lease_rules.ts";
import { ringShape, total } from "../../src/limits/ring.ts";
import { MINUTE } from "../../src/time.ts";

const NOW = 1_000;
const { past: PAST, slotMs: SLOT_MS } = ringShape(MINUTE, 0);

function leaseOf(quota = 200, slot = NOW) {
  const limit = { name: "test", quota, windowMs: MINUTE, strict: false };
  return new Lease(leaseRules(limit, 0), "someone", slot);
}

/** A write of a lease at its present slot, as simple as can be. */
function draftOf(lease: Lease, granted: number, options: Partial<Draft> & { w?: number } = {}) {
  const { kept = lease.permits, until = lease.turn + 1, w = 77 } = options;
  const counts = lease.counts();
  counts[until - lease.turn + lease.rules.shape.past] += kept + granted;
  const value: LimitRing = { j: lease.turn, f: lease.turn - lease.rules.shape.past, u: counts, w };
  return { base: lease.ledger.version ?? null, value, kept, granted, until };
}

function renew(lease: Lease, granted: number, version = "1", options: Partial<Draft> = {}) {
  lease.send(draftOf(lease, granted, options));
  lease.land(version);
}

const ring = (j: number, u: Record<number, number>): LimitRing => {
  const slots = Object.keys(u).map(Number);
  const f = Math.min(...slots);
  const counts = Array.from({ length: Math.max(...slots) - f + 1 }, (_, n) => u[f + n] ?? 0);
  return { j, f, u: counts, w: 1 };
};

Deno.test("Lease.use() counts on credit without a lease, and against permits with one", () => {
  const lease = leaseOf();
  lease.use(2);
  assertEquals([lease.room, lease.credit, lease.tokens], [198, 2, 0]);
  renew(lease, 10);
  assertEquals([lease.room, lease.credit, lease.tokens], [198, 0, 10]);
  lease.use(3);
  assertEquals([lease.room, lease.credit, lease.tokens], [195, 0, 7]);
});

Deno.test("Lease.permits end with the lease's last slot", () => {
  const lease = leaseOf();
  renew(lease, 5, "1", { until: NOW + 1 });
  assertEquals(lease.permits, 5);
  lease.enter(NOW + 1);
  assertEquals(lease.permits, 5);
  lease.enter(NOW + 2);
  assertEquals(lease.permits, 0);
});

Deno.test("Lease.enter() gives the quota back a window after the use, and not before", () => {
  const lease = leaseOf(10);
  for (let n = 0; n < 10; n++) lease.use(1);
  for (let slot = NOW; slot <= NOW + PAST; slot++) {
    lease.enter(slot);
    assertEquals(lease.room, 0);
  }
  lease.enter(NOW + PAST + 1);
  assertEquals([lease.room, lease.credit, lease.hasUses], [10, 0, false]);
});

Deno.test("Lease.enter() stays in its slot when the clock is set back a little", () => {
  const lease = leaseOf(10);
  lease.use(4);
  lease.enter(NOW - 3);
  assertEquals([lease.slot, lease.room], [NOW, 6]);
  lease.use(1);
  lease.enter(NOW + PAST);
  assertEquals(lease.room, 5);
});

Deno.test("Lease.enter() forgets all when the clock is set back by more than a ring", () => {
  const lease = leaseOf(10);
  lease.use(4);
  renew(lease, 3);
  lease.enter(NOW - 1_000);
  assertEquals([lease.slot, lease.room, lease.tokens], [NOW - 1_000, 10, 0]);
  assertEquals(lease.ledger.version, undefined);
});

Deno.test("Lease.learn() takes other isolates' permits off the room, and turns them with time", () => {
  const lease = leaseOf();
  lease.learn({
    value: ring(NOW, { [NOW - PAST]: 30, [NOW]: 50, [NOW + 2]: 20 }),
    versionstamp: "9",
  });
  assertEquals(lease.room, 100);
  lease.enter(NOW + 1);
  assertEquals(lease.room, 130, "the oldest slot has left");
  lease.enter(NOW + PAST + 1);
  assertEquals(lease.room, 180);
  lease.enter(NOW + PAST + 3);
  assertEquals(lease.room, 200);
});

Deno.test("Lease.learn() reads a record from an impossible future as none", () => {
  const lease = leaseOf();
  lease.learn({ value: ring(NOW + 5_000, { [NOW + 5_000]: 200 }), versionstamp: "9" });
  assertEquals(lease.room, 200);
  assertEquals(lease.ledger.version, "9", "the next write replaces it");
});

Deno.test("Lease.turn follows a faster clock, so that the record never turns back", () => {
  const lease = leaseOf();
  lease.learn({ value: ring(NOW + 1, { [NOW + 1]: 50 }), versionstamp: "9" });
  lease.use(3);
  assertEquals(lease.turn, NOW + 1);
  assertEquals(lease.room, 147);
  assertEquals(total(lease.counts()), 53);
});

Deno.test("Lease.counts() moves own uses from the lease's slot into their own", () => {
  const lease = leaseOf();
  renew(lease, 10, "1", { until: NOW + PAST });
  lease.use(4);
  lease.enter(NOW + 1);
  lease.use(2);
  const counts = lease.counts();
  const at = (slot: number) => counts[slot - (lease.turn - PAST)];
  assertEquals([at(NOW), at(NOW + 1), at(NOW + PAST)], [4, 2, 0]);
  assertEquals(lease.room, 194);
});

Deno.test("Lease.use() lets permits pay first", () => {
  const lease = leaseOf();
  renew(lease, 5);
  lease.use(3);
  assertEquals([lease.tokens, lease.credit, lease.room], [2, 0, 197]);
  lease.use(10);
  assertEquals([lease.tokens, lease.credit, lease.room], [0, 8, 187]);
});

Deno.test("Lease.takeBack() takes back what is unreported in this slot, and no more", () => {
  const lease = leaseOf();
  lease.use(2);
  renew(lease, 5);
  lease.use(3);
  lease.takeBack(10);
  assertEquals([lease.tokens, lease.room, lease.credit], [5, 198, 0]);
  const other = leaseOf();
  other.use(4);
  other.takeBack(1);
  assertEquals([other.room, other.credit], [197, 3]);
  other.enter(NOW + 1);
  other.takeBack(9);
  assertEquals(other.room, 197, "too late for those");
});

Deno.test("Lease.usesLately counts this slot and fades the ones before it", () => {
  const lease = leaseOf();
  for (let n = 0; n < 8; n++) lease.use(1);
  assertEquals(lease.usesLately(NOW * SLOT_MS), 8);
  lease.enter(NOW + 1);
  lease.use(1);
  assertAlmostEquals(lease.usesLately((NOW + 1) * SLOT_MS), 1 + 8 * 0.15);
  assertAlmostEquals(lease.usesLately((NOW + 1.5) * SLOT_MS), 1 + 4 * 0.15);
});

Deno.test("Lease.usesPerSlot comes near an even pace, and takes one burst for one", () => {
  const lease = leaseOf();
  lease.use(1);
  assertAlmostEquals(lease.usesPerSlot, 0.15);
  for (let slot = NOW; slot < NOW + 30; slot++) {
    lease.enter(slot);
    for (let n = 0; n < 4; n++) lease.use(1);
  }
  assertAlmostEquals(lease.usesPerSlot, 4, 0.1);
  lease.enter(NOW + 30);
  assertAlmostEquals(lease.usesPerSlot, 4, 0.1);
  lease.enter(NOW + 60);
  assertAlmostEquals(lease.usesPerSlot, 0, 0.1);
});

Deno.test("Lease.freesAt() is the end of the oldest use's window", () => {
  const lease = leaseOf();
  assertEquals(lease.freesAt(), undefined);
  lease.use(1);
  assertEquals(lease.freesAt(), (NOW + PAST + 1) * SLOT_MS);
  lease.enter(NOW + 4);
  lease.use(1);
  assertEquals(lease.freesAt(), (NOW + PAST + 1) * SLOT_MS);
  lease.enter(NOW + PAST + 1);
  assertEquals(lease.freesAt(), (NOW + PAST + 5) * SLOT_MS);
  lease.enter(NOW + 40);
  assertEquals(lease.freesAt(), undefined);
});

Deno.test("Lease.passesAt() is when enough has left, and not a slot later", () => {
  const uses = fc.array(fc.tuple(fc.nat(2), fc.integer({ min: 1, max: 9 })), { maxLength: 20 });
  fc.assert(fc.property(uses, fc.integer({ min: 1, max: 30 }), (steps, cost) => {
    const lease = leaseOf(30);
    let slot = NOW;
    for (const [ahead, used] of steps) {
      lease.enter(slot += ahead);
      lease.use(used);
    }
    if (lease.room >= cost) return;
    const passes = lease.passesAt(cost);
    assertEquals(lease.passesAt(cost), passes);
    lease.enter(passes / SLOT_MS - 1);
    assert(lease.room < cost, "not earlier");
    lease.enter(passes / SLOT_MS);
    assert(lease.room >= cost, "then");
  }));
});

Deno.test("Lease.passesAt() of more than the quota is when all is forgotten", () => {
  const lease = leaseOf(5);
  lease.use(5);
  assertEquals(lease.passesAt(6), (NOW + PAST + 1) * SLOT_MS);
});

Deno.test("Lease.land() lets the new permits stand for credit used meanwhile", () => {
  const lease = leaseOf();
  lease.use(3);
  lease.send(draftOf(lease, 10));
  lease.use(4);
  assertEquals(lease.credit, 7);
  lease.land("1");
  assertEquals([lease.credit, lease.tokens, lease.room], [0, 6, 193]);
});

Deno.test("Lease.land() never has more permits than room when nobody else counts", () => {
  const moves = fc.array(
    fc.oneof(
      fc.record({ use: fc.integer({ min: 1, max: 5 }) }),
      fc.record({ slots: fc.integer({ min: 1, max: 14 }) }),
      fc.record({ grant: fc.integer({ min: 0, max: 40 }), late: fc.nat(3) }),
    ),
    { maxLength: 40 },
  );
  fc.assert(fc.property(moves, (list) => {
    const lease = leaseOf(60);
    let slot = NOW;
    const use = (cost: number) => {
      if (lease.room >= cost) lease.use(cost);
    };
    list.forEach((move, version) => {
      if ("use" in move) use(move.use);
      else if ("slots" in move) lease.enter(slot += move.slots);
      else {
        const alive = lease.permits;
        const spare = Math.max(0, 60 - total(lease.counts()) - alive);
        lease.send(draftOf(lease, Math.min(spare, move.grant), { until: lease.turn + 2 }));
        for (let n = 0; n < move.late; n++) use(1);
        lease.land(String(version));
      }
      assert(lease.tokens <= lease.room || slot > lease.until, "permits are within the room");
      assert(lease.room >= 0 && lease.room <= 60);
    });
  }));
});

Deno.test("Lease.withdraw() is as if nothing had been sent", () => {
  const lease = leaseOf();
  lease.use(3);
  renew(lease, 10, "1", { until: NOW + 5 });
  lease.use(2);
  lease.send(draftOf(lease, 20, { kept: 5, until: NOW + 1 }));
  assertEquals([lease.tokens, lease.until], [5, NOW + 1]);
  lease.use(1);
  lease.withdraw();
  assertEquals([lease.tokens, lease.until, lease.room], [7, NOW + 5, 194]);
  assertEquals(total(lease.counts()), 6);
});

Deno.test("Lease.send() leaves permits usable only while either record covers them", () => {
  const lease = leaseOf();
  renew(lease, 10, "1", { until: NOW + 5 });
  lease.send(draftOf(lease, 5, { until: NOW }));
  lease.enter(NOW + 1);
  assertEquals(lease.permits, 0, "the new record may hold them in an older slot");
  lease.withdraw();
  assertEquals(lease.permits, 10);
});

Deno.test("Lease.land() of a record over the quota ends credit until one within it", () => {
  const lease = leaseOf(10);
  assert(lease.isCreditworthy);
  lease.learn({ value: ring(NOW, { [NOW]: 9 }), versionstamp: "1" });
  lease.use(2);
  renew(lease, 0, "2");
  assertFalse(lease.isCreditworthy);
  lease.enter(NOW + PAST + 1);
  renew(lease, 1, "3");
  assert(lease.isCreditworthy);
});

Deno.test("Lease.hasRefused() holds until KV answers or room comes free", () => {
  const lease = leaseOf(10);
  assertFalse(lease.hasRefused(1));
  lease.use(8);
  lease.ledger.refusedFrom = 5;
  assert(lease.hasRefused(5));
  assert(lease.hasRefused(9));
  assertFalse(lease.hasRefused(4));
  lease.enter(NOW + 1);
  assert(lease.hasRefused(5));
  lease.enter(NOW + PAST + 1);
  assertFalse(lease.hasRefused(5));
});

Deno.test("Lease.learn() knows its own lost write by its number", () => {
  const lease = leaseOf();
  lease.use(3);
  const draft = draftOf(lease, 10, { w: 42 });
  lease.send(draft);
  lease.ledger.pending!.doubtful = true;
  lease.use(2);
  lease.learn({ value: draft.value, versionstamp: "5" });
  assertEquals([lease.tokens, lease.credit, lease.room], [8, 0, 195]);
  assertEquals(lease.ledger.pending, undefined);
});

Deno.test("Lease.learn() keeps a lost write that can still land", () => {
  const lease = leaseOf();
  lease.learn({ value: ring(NOW, { [NOW]: 9 }), versionstamp: "1" });
  lease.use(3);
  lease.send(draftOf(lease, 10));
  lease.ledger.pending!.doubtful = true;
  lease.learn({ value: ring(NOW, { [NOW]: 9 }), versionstamp: "1" });
  assertEquals(lease.ledger.pending?.granted, 10);
  assertEquals([lease.room, lease.credit], [188, 3]);
});

Deno.test("Lease.learn() leaves a lease of unknown fate counted, and reports its credit again", () => {
  const lease = leaseOf();
  renew(lease, 10, "1", { until: NOW + 3 });
  lease.use(4);
  lease.use(8);
  assertEquals([lease.tokens, lease.credit], [0, 2]);
  lease.send(draftOf(lease, 5));
  lease.ledger.pending!.doubtful = true;
  lease.learn({ value: ring(NOW, { [NOW]: 30, [NOW + 3]: 10 }), versionstamp: "8" });
  assertEquals([lease.tokens, lease.credit], [0, 2]);
  assertEquals(lease.room, 200 - 40 - 2);
});

Deno.test("Lease.atStake counts unreported uses and permits the record holds", () => {
  const lease = leaseOf();
  assertEquals(lease.atStake, 0);
  lease.use(2);
  assertEquals(lease.atStake, 2);
  renew(lease, 10, "1", { until: NOW + 2 });
  assertEquals(lease.atStake, 10);
  lease.use(4);
  assertEquals(lease.atStake, 14);
  lease.enter(NOW + PAST + 3);
  assertEquals(lease.atStake, 0);
});

Deno.test("Lease.isCounted() holds while the record counts permits for this lease", () => {
  const lease = leaseOf();
  assertFalse(lease.isCounted(NOW));
  lease.use(2);
  assertFalse(lease.isCounted(NOW), "nothing but credit, which is forgotten with its window");
  renew(lease, 5, "1", { until: NOW + 3 });
  assert(lease.isCounted(NOW + PAST + 3));
  assertFalse(lease.isCounted(NOW + PAST + 4));
});
