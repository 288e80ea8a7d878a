import { assertEquals } from "@std/assert";
import { Lease } from "../../src/limits/lease.ts";
import { leaseRules } from "../../src/limits/lease_rules.ts";
import { admission, contention, judge, refusal } from "../../src/limits/lease_verdict.ts";
import { MINUTE } from "../../src/time.ts";

const SLOT_MS = 3_000;
const NOW = 1_000;
const NOW_MS = NOW * SLOT_MS + 1_000;

function leaseOf(quota: number, used: number, slot = NOW) {
  const limit = { name: "test", quota, windowMs: MINUTE, strict: false };
  const lease = new Lease(leaseRules(limit, 0), "someone", slot);
  if (used > 0) lease.use(used);
  lease.enter(NOW);
  return lease;
}

function withPermits(quota: number, permits: number) {
  const lease = leaseOf(quota, 0);
  const value = { j: NOW, f: NOW, u: [permits], w: 1 };
  lease.send({ base: null, value, kept: 0, granted: permits, until: NOW });
  lease.land("1");
  return lease;
}

Deno.test("judge() admits from a lease before anything else", () => {
  assertEquals(judge(withPermits(10, 2), 2, 0, false), "lease");
  assertEquals(judge(withPermits(10, 2), 3, 0, false), "ask");
  assertEquals(judge(withPermits(10, 2), 3, 1, false), "credit", "for the one that is lacking");
});

Deno.test("judge() admits on credit within the credit and within the room", () => {
  assertEquals(judge(leaseOf(10, 0), 1, 1, false), "credit");
  assertEquals(judge(leaseOf(10, 1), 1, 1, false), "ask", "the credit is used");
  assertEquals(judge(leaseOf(10, 0), 2, 1, false), "ask", "the credit is too small");
  assertEquals(judge(leaseOf(10, 9), 2, 20, false), "ask", "the room is too small");
  assertEquals(judge(leaseOf(10, 0), 1, 0, false), "ask", "a strict limit gives none");
});

Deno.test("judge() gives no credit while the record is over its quota", () => {
  const lease = leaseOf(10, 0);
  lease.ledger.creditworthy = false;
  assertEquals(judge(lease, 1, 5, false), "ask");
});

Deno.test("judge() blocks what KV has refused, and what its fresh answer left no room for", () => {
  const lease = leaseOf(10, 10);
  assertEquals(judge(lease, 1, 5, false), "ask");
  assertEquals(judge(lease, 1, 5, true), "block");
  lease.ledger.refusedFrom = 1;
  assertEquals(judge(lease, 1, 5, false), "block");
  assertEquals(judge(leaseOf(10, 3), 1, 0, true), "ask", "there is room, only no permit yet");
});

Deno.test("admission() tells what is left and when more comes", () => {
  const verdict = admission([leaseOf(200, 3), leaseOf(60, 0), withPermits(10, 4)], NOW_MS, "lease");
  assertEquals(verdict, {
    allowed: true,
    violated: undefined,
    source: "lease",
    remaining: [197, 60, 10],
    resetMs: [62_000, 0, 0],
    retryAfterMs: 0,
  });
});

Deno.test("admission() tells of permits even when credit elsewhere has filled the record", () => {
  const lease = withPermits(10, 4);
  lease.learn({ value: { j: NOW, f: NOW, u: [16], w: 2 }, versionstamp: "2" });
  assertEquals(lease.room, -2);
  assertEquals(admission([lease], NOW_MS, "lease").remaining, [4]);
});

Deno.test("refusal() names the claim with the longest wait of those that refuse", () => {
  const early = leaseOf(5, 5, NOW - 6);
  const late = leaseOf(5, 5, NOW - 1);
  const verdict = refusal(
    [leaseOf(200, 1), early, late],
    ["lease", "block", "block"],
    1,
    NOW_MS,
    "block",
  );
  assertEquals(verdict, {
    allowed: false,
    violated: 2,
    source: "block",
    remaining: [199, 0, 0],
    resetMs: [62_000, 44_000, 59_000],
    retryAfterMs: 59_000,
  });
});

Deno.test("contention() bids wait until those before have had their turn", () => {
  const lease = leaseOf(10, 4, NOW - 2);
  lease.ledger.waiting = 3;
  assertEquals(contention([lease], ["ask"], 1, NOW_MS).retryAfterMs, 2_000, "there is room");
  lease.ledger.waiting = 8;
  assertEquals(contention([lease], ["ask"], 1, NOW_MS).retryAfterMs, 56_000);
  lease.ledger.waiting = 80;
  assertEquals(contention([lease], ["ask"], 1, NOW_MS).retryAfterMs, 62_000);
});
