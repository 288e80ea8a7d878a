/**
 * Decides whether a request is within its limits, as a rule without asking anybody: from permits
 * leased from KV, on a little credit that is bounded over all isolates, or from the knowledge that
 * nothing is left. Only when none of these tells does the request wait for KV.
 */
import type { Clock } from "../time.ts";
import type { Lease } from "./lease.ts";
import { type Claim, createLeaseBook, type LeaseBook } from "./lease_book.ts";
import { Flights, LeaseContentionError, type Trip } from "./lease_flight.ts";
import { flushLeases } from "./lease_flush.ts";
import type { LeaseStore } from "./lease_store.ts";
import {
  admission,
  type Answer,
  contention,
  judge,
  refusal,
  type Verdict,
  type VerdictSource,
} from "./lease_verdict.ts";
import { slotAt } from "./ring.ts";

export type { LeaseLimit } from "./lease_rules.ts";
export type { Claim } from "./lease_book.ts";
export type { Trip } from "./lease_flight.ts";
export type { Verdict, VerdictSource } from "./lease_verdict.ts";

export interface LeaseLimiterOptions {
  readonly store: LeaseStore;
  readonly clock: Clock;
  /** Live isolates, at least 1: how many share the credit of a limit. */
  readonly isolates: () => number;
  readonly random: () => number;
  /** By how much an isolate's clock may be off; 0 trusts them all. */
  readonly clockSkewMs?: number;
  /** Subjects remembered over all limits, 50,000 unless given. */
  readonly maxSubjects?: number;
  /** The group a subject shares a bucket with when there is no room for it. */
  readonly overflowOf?: (subject: string) => string;
  readonly onTrip?: (trip: Trip) => void;
}

export interface LeaseStats {
  readonly subjects: number;
  /** Look-ups counted in shared buckets because there was no room for their subject. */
  readonly overflowed: number;
  readonly waiting: number;
  readonly trips: number;
  readonly conflicts: number;
  readonly rttMs: number;
}

export interface LeaseLimiter {
  /**
   * Counts a request of `cost` (an integer, at least 1) under each of its claims, or under none
   * when one refuses. Answers at once when it can; rejects with the store's error when it had to
   * wait for KV and KV could not answer.
   */
  take(claims: readonly Claim[], cost: number): Verdict | Promise<Verdict>;
  /** The same from live leases and local knowledge alone; undefined when these cannot tell. */
  takeLocal(claims: readonly Claim[], cost: number): Verdict | undefined;
  /** Counts uses that were admitted elsewhere; KV hears of them with the subject's next commit. */
  noteUses(claim: Claim, uses: number): void;
  /** Counts uses as a punishment, and sees to it that the other isolates hear of them soon. */
  penalize(claim: Claim, uses: number): void;
  /** Takes back uses that this isolate counted just now, as far as there are any. */
  reward(claim: Claim, uses: number): void;
  /** Reports uses and returns unused permits, for at most `deadlineMs`. Never rejects. */
  flush(deadlineMs?: number): Promise<void>;
  stats(): LeaseStats;
}

/** Share of a quota that all isolates together may admit on credit. */
const CREDIT_SHARE = 0.1;

/** Share of its credit that an isolate uses before it tells KV. */
const SILENT_SHARE = 0.6;

/** A renewal is started when this many requests are to be expected before it can be there. */
const RENEWAL_MIN = 0.5;

const SUBJECTS_MAX = 50_000;
/** Answers of KV that one request waits for. */
const ROUNDS_MAX = 24;

/** Requests, by cost, that wait for one lease. */
const WAITING_MAX = 10_000;

const FLUSH_DEADLINE_MS = 2_000;

const NOTHING_ON_CREDIT: readonly Answer[] = [];

export function createLeaseLimiter(options: LeaseLimiterOptions): LeaseLimiter {
  return new Limiter(options);
}

class Limiter implements LeaseLimiter {
  readonly #clock: Clock;
  readonly #isolates: () => number;
  readonly #book: LeaseBook;
  readonly #flights: Flights;
  #waiting = 0;

  constructor(options: LeaseLimiterOptions) {
    this.#clock = options.clock;
    this.#isolates = options.isolates;
    this.#flights = new Flights(options);
    this.#book = createLeaseBook({
      clockSkewMs: options.clockSkewMs ?? 0,
      maxSubjects: options.maxSubjects ?? SUBJECTS_MAX,
      overflowOf: options.overflowOf ?? ((subject) => subject),
    });
  }

  take(claims: readonly Claim[], cost: number): Verdict | Promise<Verdict> {
    checkCost(cost);
    const nowMs = this.#clock.now();
    const leases = this.#find(claims, nowMs);
    if (haveAll(leases, cost)) {
      return this.#admit(leases, NOTHING_ON_CREDIT, cost, nowMs, "lease");
    }
    const answers = leases.map((lease) => judge(lease, cost, this.#creditOf(lease), false));
    return this.#decide(leases, answers, cost, nowMs, false) ??
      this.#settle(leases, answers, cost);
  }

  takeLocal(claims: readonly Claim[], cost: number): Verdict | undefined {
    checkCost(cost);
    const nowMs = this.#clock.now();
    const leases = this.#find(claims, nowMs);
    if (haveAll(leases, cost)) {
      for (const lease of leases) lease.use(cost);
      return admission(leases, nowMs, "lease");
    }
    const answers = leases.map((lease) => judge(lease, cost, 0, false));
    return answers.includes("block") ? refuse(leases, answers, cost, nowMs, "block") : undefined;
  }

  noteUses(claim: Claim, uses: number): void {
    checkCost(uses);
    const nowMs = this.#clock.now();
    this.#book.find(claim, nowMs).use(uses);
  }

  penalize(claim: Claim, uses: number): void {
    this.noteUses(claim, uses);
    const lease = this.#book.find(claim, this.#clock.now());
    if (!lease.isFlying && this.#owesReport(lease)) this.#launch([lease]);
  }

  reward(claim: Claim, uses: number): void {
    checkCost(uses);
    this.#book.find(claim, this.#clock.now()).takeBack(uses);
  }

  flush(deadlineMs = FLUSH_DEADLINE_MS): Promise<void> {
    return flushLeases(this.#book.leases(), {
      clock: this.#clock,
      flights: this.#flights,
      deadlineMs,
    });
  }

  stats(): LeaseStats {
    const { trips, conflicts, rttMs } = this.#flights;
    const subjects = this.#book.subjects();
    const overflowed = this.#book.overflowed();
    return { subjects, overflowed, waiting: this.#waiting, trips, conflicts, rttMs };
  }

  /** By a loop, as `map` leaves 80 bytes more of garbage for every request (docs/decisions/008). */
  #find(claims: readonly Claim[], nowMs: number): Lease[] {
    const leases = new Array<Lease>(claims.length);
    for (let at = 0; at < claims.length; at++) leases[at] = this.#book.find(claims[at], nowMs);
    return leases;
  }

  /** What this isolate may have admitted without KV knowing of it. */
  #creditOf(lease: Lease): number {
    const { strict, quota } = lease.rules.limit;
    return strict ? 0 : Math.floor(CREDIT_SHARE * quota / Math.max(1, this.#isolates()));
  }

  #owesReport(lease: Lease): boolean {
    return lease.credit >= Math.ceil(SILENT_SHARE * this.#creditOf(lease));
  }

  /** Whether the permits left, of those there are to be had, will not last until new ones come. */
  #runsLow(lease: Lease, nowMs: number): boolean {
    if (lease.room <= lease.tokens) return false;
    const trips = 2 * this.#flights.rttMs / lease.rules.shape.slotMs;
    return lease.tokens + RENEWAL_MIN <= lease.usesLately(nowMs) * trips;
  }

  /** Admits or refuses, or answers undefined when KV must be asked. */
  #decide(
    leases: readonly Lease[],
    answers: readonly Answer[],
    cost: number,
    nowMs: number,
    waited: boolean,
  ): Verdict | undefined {
    if (answers.includes("block")) {
      return refuse(leases, answers, cost, nowMs, waited ? "kv" : "block");
    }
    if (answers.includes("ask")) return undefined;
    const source = waited ? "kv" : answers.includes("credit") ? "optimistic" : "lease";
    return this.#admit(leases, answers, cost, nowMs, source);
  }

  /** Counts the uses, and begins to renew the leases that it is time for. */
  #admit(
    leases: readonly Lease[],
    answers: readonly Answer[],
    cost: number,
    nowMs: number,
    source: VerdictSource,
  ): Verdict {
    let due: Lease[] | undefined;
    for (let index = 0; index < leases.length; index++) {
      const lease = leases[index];
      lease.use(cost);
      if (lease.isFlying) continue;
      const isDue = answers[index] === "credit"
        ? this.#owesReport(lease)
        : this.#runsLow(lease, nowMs);
      if (isDue) (due ??= []).push(lease);
    }
    if (due) this.#launch(due);
    return admission(leases, nowMs, source);
  }

  /** Waits for KV until every lease can tell, or refuses because too many others want the same. */
  async #settle(
    leases: readonly Lease[],
    first: readonly Answer[],
    cost: number,
  ): Promise<Verdict> {
    const asked = new Set<Lease>();
    let answers = first;
    this.#waiting++;
    try {
      for (let round = 0; round < ROUNDS_MAX; round++) {
        const asking = leases.filter((_, index) => answers[index] === "ask");
        queue(asking, asked, cost);
        if (round === 0 && asking.some(isCrowded)) break;
        if (!await this.#hear(asking)) break;
        const nowMs = this.#clock.now();
        answers = leases.map((lease) => {
          lease.enter(slotAt(nowMs, lease.rules.shape));
          return judge(lease, cost, this.#creditOf(lease), asked.has(lease));
        });
        const verdict = this.#decide(leases, answers, cost, nowMs, true);
        if (verdict) return verdict;
      }
      return contention(leases, answers, cost, this.#clock.now());
    } finally {
      this.#waiting--;
      for (const lease of asked) lease.ledger.waiting -= cost;
    }
  }

  /**
   * Waits until KV has answered for these leases, in one atomic for all that are idle. Answers
   * false when other isolates wrote first every time: that takes a subject whose requests come in
   * floods, so it is refused rather than left to the rules for an outage.
   */
  async #hear(leases: readonly Lease[]): Promise<boolean> {
    const idle = leases.filter((lease) => !lease.isFlying);
    if (idle.length > 0) this.#launch(idle);
    try {
      await Promise.all(leases.map((lease) => lease.ledger.flight));
      return true;
    } catch (error) {
      if (error instanceof LeaseContentionError) return false;
      throw error;
    }
  }

  #launch(leases: readonly Lease[]): void {
    const flight = this.#renew(leases);
    // Whoever waits gets the error; after a renewal that nobody waits for, the next one tries.
    flight.catch(() => {});
    for (const lease of leases) lease.ledger.flight = flight;
  }

  async #renew(leases: readonly Lease[]): Promise<void> {
    try {
      await this.#flights.fly(leases);
    } finally {
      for (const lease of leases) lease.ledger.flight = undefined;
    }
  }
}

/** Whether permits are at hand under every lease, as they are for nearly all requests. */
function haveAll(leases: readonly Lease[], cost: number): boolean {
  for (const lease of leases) if (lease.permits < cost) return false;
  return true;
}

/** Refuses, and remembers that KV need not be asked for as much again. */
function refuse(
  leases: readonly Lease[],
  answers: readonly Answer[],
  cost: number,
  nowMs: number,
  source: VerdictSource,
): Verdict {
  for (let index = 0; index < leases.length; index++) {
    const lease = leases[index];
    if (answers[index] !== "block") continue;
    lease.ledger.refusedFrom = Math.min(lease.ledger.refusedFrom, cost);
  }
  return refusal(leases, answers, cost, nowMs, source);
}

/**
 * Counts a request among those that wait for these leases; until it is decided, so that a renewal
 * leases enough for all.
 */
function queue(leases: readonly Lease[], asked: Set<Lease>, cost: number): void {
  for (const lease of leases) {
    if (!asked.has(lease)) lease.ledger.waiting += cost;
    asked.add(lease);
  }
}

/** Whether more wait for the lease than could pass. */
function isCrowded({ ledger, rules }: Lease): boolean {
  return ledger.waiting > Math.min(rules.limit.quota, WAITING_MAX);
}

function checkCost(cost: number): void {
  if (Number.isInteger(cost) && cost >= 1) return;
  throw new RangeError(`Cannot count a cost that is not a whole number above 0: ${cost}`);
}
