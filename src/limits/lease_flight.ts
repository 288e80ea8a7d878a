/**
 * The conversation of leases with KV: one at a time for each lease, several leases in one atomic.
 * Decides when to read before writing, when to give up and what a lost reply means; how much to
 * lease is decided in lease_draft.ts.
 */
import { keys } from "../kv/keys.ts";
import type { Clock } from "../time.ts";
import type { Lease } from "./lease.ts";
import { draftLease } from "./lease_draft.ts";
import type { Draft } from "./lease_ledger.ts";
import type { LeaseStore } from "./lease_store.ts";
import { slotAt } from "./ring.ts";

/** One trip to the store, for metrics. */
export interface Trip {
  readonly op: "read" | "commit";
  readonly result: "ok" | "conflict" | "error";
  readonly keys: number;
  readonly durationMs: number;
}

export interface FlightOptions {
  readonly store: LeaseStore;
  readonly clock: Clock;
  /** Live isolates. */
  readonly isolates: () => number;
  readonly random: () => number;
  readonly onTrip?: (trip: Trip) => void;
}

/** Other isolates wrote the record first, every time. */
export class LeaseContentionError extends Error {
  override readonly name = "LeaseContentionError";
}

/** How long, and how often, a commit is tried that requests wait for. */
const TRYING_MAX_MS = 2_000;
const ATTEMPTS_MAX = 24;
const ATTEMPTS_MAX_IN_BACKGROUND = 2;

/** Below this chance of being right, a read costs less than a guess. */
const GUESS_MIN = 0.5;

/** Weight of the newest trip, and of the newest creation, in their running means. */
const RTT_WEIGHT = 0.1;
const LUCK_WEIGHT = 0.1;

const RTT_AT_FIRST_MS = 10;

/** A lease must be good for this many trips at least, or it has run out when it comes. */
const LANDING_TRIPS = 1.5;

export class Flights {
  /** How long a trip takes of late. */
  rttMs = RTT_AT_FIRST_MS;
  trips = 0;
  conflicts = 0;
  /** How often, of late, a record created without looking did not exist. */
  #luck = 1;
  readonly #options: FlightOptions;

  constructor(options: FlightOptions) {
    this.#options = options;
  }

  /**
   * Renews these leases in one atomic, or with `closing` reports their uses and returns all their
   * permits. None of them may be under way already. Rejects with the store's error, or with
   * `LeaseContentionError`.
   */
  async fly(leases: readonly Lease[], closing = false): Promise<void> {
    const seen = new Set<Lease>();
    const endsAt = this.#options.clock.monotonic() + TRYING_MAX_MS;
    for (let attempt = 1;; attempt++) {
      const sending = await this.#prepare(leases, seen, closing);
      if (sending.length === 0) return;
      if (await this.#commit(sending, seen)) return;
      await this.#read(leases, seen);
      const isWaitedFor = leases.some((lease) => lease.ledger.waiting > 0);
      if (!isWaitedFor && attempt >= ATTEMPTS_MAX_IN_BACKGROUND) return;
      if (attempt >= ATTEMPTS_MAX || this.#options.clock.monotonic() > endsAt) {
        throw new LeaseContentionError(`Cannot write a lease: ${attempt} conflicts in a row`);
      }
    }
  }

  /** Makes a write for each lease that has one, after reading what should be read first. */
  async #prepare(
    leases: readonly Lease[],
    seen: Set<Lease>,
    closing: boolean,
  ): Promise<readonly Lease[]> {
    let drafts = leases.map((lease) => this.#draft(lease, closing));
    // A lease without anything to say still wants an answer: it flies because a request asks.
    const unread = leases.filter((lease, index) =>
      !seen.has(lease) && !lease.ledger.pending && (this.#isGuess(lease) || !drafts[index]) &&
      !closing
    );
    if (unread.length > 0) {
      await this.#read(unread, seen);
      drafts = leases.map((lease) => this.#draft(lease, closing));
    }
    leases.forEach((lease, index) => {
      const draft = drafts[index];
      if (draft) lease.send(draft);
    });
    return leases.filter((lease) => lease.ledger.pending);
  }

  #draft(lease: Lease, closing: boolean): Draft | undefined {
    const { clock, isolates, random } = this.#options;
    const nowMs = clock.now();
    lease.enter(slotAt(nowMs, lease.rules.shape));
    const nonce = Math.floor(random() * 2 ** 30);
    return draftLease(lease, {
      nowMs,
      landsMs: nowMs + LANDING_TRIPS * this.rttMs,
      isolates: Math.max(1, isolates()),
      nonce,
      closing,
    });
  }

  /** Whether the version this isolate would check is likelier wrong than right. */
  #isGuess(lease: Lease): boolean {
    const { version, undisturbed } = lease.ledger;
    return (version === undefined ? this.#luck : undisturbed) < GUESS_MIN;
  }

  async #read(leases: readonly Lease[], seen: Set<Lease>): Promise<void> {
    const asked = leases.map(keyOf);
    const entries = await this.#timed("read", asked.length, () => this.#options.store.read(asked));
    leases.forEach((lease, index) => {
      lease.learn(entries[index]);
      seen.add(lease);
    });
  }

  /** Sends the pending writes. Returns whether they landed. */
  async #commit(leases: readonly Lease[], seen: ReadonlySet<Lease>): Promise<boolean> {
    const writes = leases.flatMap(({ ledger: { pending }, rules, subject }) =>
      pending
        ? [{
          key: keys.limitRing(rules.limit.name, subject),
          versionstamp: pending.base,
          value: pending.value,
          expireIn: rules.shape.lifeMs,
        }]
        : []
    );
    try {
      const commit = await this.#timed(
        "commit",
        writes.length,
        () => this.#options.store.commit(writes),
      );
      for (const lease of leases) {
        if (!seen.has(lease)) this.#learnLuck(lease, commit.ok);
        if (commit.ok) lease.land(commit.versionstamp);
        else if (!lease.ledger.pending?.doubtful) lease.withdraw();
      }
      return commit.ok;
    } catch (error) {
      for (const { ledger } of leases) if (ledger.pending) ledger.pending.doubtful = true;
      throw error;
    }
  }

  #learnLuck(lease: Lease, landed: boolean): void {
    const { ledger } = lease;
    if (ledger.version === undefined) this.#luck += ((landed ? 1 : 0) - this.#luck) * LUCK_WEIGHT;
    else if (landed) ledger.sighted(true);
  }

  async #timed<Answer extends object>(
    op: Trip["op"],
    keyCount: number,
    call: () => Promise<Answer>,
  ): Promise<Answer> {
    const { clock, onTrip } = this.#options;
    const startedAt = clock.monotonic();
    let result: Trip["result"] = "error";
    this.trips++;
    try {
      const answer = await call();
      result = "ok" in answer && !answer.ok ? "conflict" : "ok";
      if (result === "conflict") this.conflicts++;
      this.rttMs += (clock.monotonic() - startedAt - this.rttMs) * RTT_WEIGHT;
      return answer;
    } finally {
      onTrip?.({ op, result, keys: keyCount, durationMs: clock.monotonic() - startedAt });
    }
  }
}

function keyOf(lease: Lease) {
  return keys.limitRing(lease.rules.limit.name, lease.subject);
}
