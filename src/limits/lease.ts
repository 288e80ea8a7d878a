/**
 * What one isolate knows about one subject of one limit: the permits it has leased, the uses not
 * yet reported, and so what is left. A class, because there are tens of thousands of these and
 * each request touches some: fixed fields, and no allocation for a use.
 */
import type { Entry } from "../kv/kv.ts";
import type { LimitRing } from "../kv/keys.ts";
import { type Draft, Ledger, NEVER, type Pending } from "./lease_ledger.ts";
import type { LeaseRules } from "./lease_rules.ts";
import {
  append,
  join,
  NO_USES,
  onlyUnbacked,
  repay,
  since,
  unbackedIn,
  type Uses,
} from "./lease_uses.ts";
import { countsAt, isCredible, slotLeavesAt, total } from "./ring.ts";

/** Weight of the newest slot in the mean of uses. */
const NEWEST_WEIGHT = 0.15;

export class Lease {
  /** Permits leased and not used, and the last slot in which they may be. */
  tokens = 0;
  until = -1;
  /** What is left of the quota by all this isolate knows, its own unused permits included. */
  room: number;
  /** Unbacked uses within the window that no landed write has reported. */
  credit = 0;

  #slot: number;
  /** Unreported uses of the present slot, and of those before it. */
  #backedNow = 0;
  #unbackedNow = 0;
  #earlier = NO_USES;
  /** All uses of the present slot, and the fading mean of those before it. */
  #usesNow = 0;
  #usesBefore = 0;
  /** First slot with a use in it, -1 for none. */
  #oldest = -1;
  #ledger: Ledger | undefined = undefined;

  constructor(readonly rules: LeaseRules, readonly subject: string, slot: number) {
    this.room = rules.limit.quota;
    this.#slot = slot;
  }

  get slot(): number {
    return this.#slot;
  }

  /** What is known of the record, made now if this is the first to do with KV. */
  get ledger(): Ledger {
    return this.#ledger ??= new Ledger();
  }

  get isFlying(): boolean {
    return this.#ledger?.flight !== undefined;
  }

  /** Whether the record as last seen allows for uses that it does not hold yet. */
  get isCreditworthy(): boolean {
    return this.#ledger?.creditworthy ?? true;
  }

  /** Whether as much has been refused since KV last answered, so that it need not be asked. */
  hasRefused(cost: number): boolean {
    return this.#ledger !== undefined && cost >= this.#ledger.refusedFrom;
  }

  /** Goes on to `slot`. To be called before anything else is asked for a request. */
  enter(slot: number): void {
    if (slot === this.#slot) return;
    if (slot < this.#slot) {
      // A clock set back a little: the later slot counts longer, so it is the safe one to stay in.
      if (this.#slot - slot <= this.rules.shape.size || this.isFlying) return;
      this.#forgetAll();
    }
    this.#endSlot();
    this.#usesBefore += (this.#usesNow - this.#usesBefore) * NEWEST_WEIGHT;
    this.#usesBefore *= (1 - NEWEST_WEIGHT) ** Math.max(0, slot - this.#slot - 1);
    this.#usesNow = 0;
    this.#slot = slot;
    this.#recount();
    const ledger = this.#ledger;
    if (ledger && this.room >= ledger.refusedFrom) ledger.refusedFrom = NEVER;
  }

  /** Permits that can be used now. */
  get permits(): number {
    return this.#slot <= this.until ? this.tokens : 0;
  }

  /** Counts uses: against the permits as far as they reach, the rest on credit. */
  use(uses: number): void {
    const backed = Math.min(uses, this.permits);
    const unbacked = uses - backed;
    this.tokens -= backed;
    this.#backedNow += backed;
    this.#unbackedNow += unbacked;
    this.credit += unbacked;
    this.room -= uses;
    this.#usesNow += uses;
    if (this.#oldest < 0) this.#oldest = this.#slot;
    if (this.#ledger) this.#ledger.passCost = 0;
  }

  /** Takes back up to `uses` unreported uses of the present slot. */
  takeBack(uses: number): void {
    const unbacked = Math.min(uses, this.#unbackedNow);
    const backed = Math.min(uses - unbacked, this.#backedNow);
    this.#unbackedNow -= unbacked;
    this.#backedNow -= backed;
    this.tokens += backed;
    this.#recount();
  }

  /** Uses to be expected in a slot; the present one is not over, so it can only raise them. */
  get usesPerSlot(): number {
    return this.#usesBefore + Math.max(0, this.#usesNow - this.#usesBefore) * NEWEST_WEIGHT;
  }

  /** Uses in the last slot's time, for what cannot wait to see whether it goes on like that. */
  usesLately(nowMs: number): number {
    const sinceSlot = nowMs / this.rules.shape.slotMs - this.#slot;
    return this.#usesNow + this.#usesBefore * Math.max(0, 1 - sinceSlot);
  }

  /** When more of the quota comes free, in milliseconds since the epoch; undefined for unused. */
  freesAt(): number | undefined {
    return this.#oldest < 0 ? undefined : slotLeavesAt(this.#oldest, this.rules.shape);
  }

  /**
   * When a request of `cost` passes by all this isolate knows, in milliseconds since the epoch:
   * the end of a slot, and for more than the quota the time when all used by now is forgotten.
   * Permits that other isolates return unused may let it pass earlier.
   */
  passesAt(cost: number): number {
    const { ledger, rules: { shape } } = this;
    if (cost === ledger.passCost) return ledger.passAt;
    const counts = this.counts();
    let missing = cost - this.room;
    let index = 0;
    while (index < shape.size && (missing -= counts[index]) > 0) index++;
    if (index === shape.size) index = shape.past;
    ledger.passCost = cost;
    ledger.passAt = slotLeavesAt(this.turn - shape.past + index, shape);
    return ledger.passAt;
  }

  /** The slot a write would be made at: the record is never turned back. */
  get turn(): number {
    const known = this.#ledger?.known;
    return known && known.j > this.#slot ? known.j : this.#slot;
  }

  /**
   * The ring as it stands at slot `turn` with every own use in its own slot and without the
   * permits held here: what a write would begin with.
   */
  counts(): number[] {
    const { shape } = this.rules;
    const first = this.turn - shape.past;
    const counts = countsAt(this.turn, this.#ledger?.known, shape);
    const add = (slot: number, uses: number) => {
      if (slot >= first) counts[slot - first] = Math.max(0, counts[slot - first] + uses);
    };
    if (this.#ledger) add(this.#ledger.backingSlot, -this.#ledger.backing);
    for (const { slot, backed, unbacked } of this.#unreported()) add(slot, backed + unbacked);
    return counts;
  }

  /** Whether there are uses that no landed write has reported. */
  get hasUses(): boolean {
    return this.#backedNow + this.#unbackedNow > 0 || this.#earlier.length > 0 ||
      this.#ledger?.pending !== undefined;
  }

  /** Whether the record still counts permits for this lease at `slot`. */
  isCounted(slot: number): boolean {
    const ledger = this.#ledger;
    return ledger !== undefined && ledger.backing > 0 &&
      ledger.backingSlot >= slot - this.rules.shape.past;
  }

  /** Uses that a write would report, and permits it would give back. */
  get atStake(): number {
    const uses = this.#unreported().reduce((sum, use) => sum + use.backed + use.unbacked, 0);
    return uses + (this.isCounted(this.turn) ? this.ledger.backing : 0);
  }

  /** Takes what KV answered to a read, and settles what it says about a lost write. */
  learn(entry: Entry<LimitRing>): void {
    const { ledger } = this;
    const { pending } = ledger;
    if (pending && entry.value?.w === pending.value.w) this.land(entry.versionstamp);
    else if (pending && !pending.doubtful) this.withdraw();
    else if (pending && entry.versionstamp !== pending.base) this.#leaveAsIs(pending);
    if (ledger.version !== undefined) ledger.sighted(entry.versionstamp === ledger.version);
    const { value, versionstamp } = entry;
    ledger.known = value && isCredible(value, this.#slot, this.rules.shape) ? value : undefined;
    ledger.version = versionstamp;
    this.#recount();
  }

  /** The draft is on its way: its uses are out of hand, and its returned permits too. */
  send(draft: Draft): void {
    const { ledger } = this;
    if (ledger.pending) return;
    this.#endSlot();
    ledger.pending = {
      ...draft,
      sent: this.#earlier,
      returned: this.permits - draft.kept,
      untilBefore: this.until,
      doubtful: false,
    };
    this.#earlier = NO_USES;
    this.tokens = draft.kept;
    // Whichever of the two records holds, permits used in both their slots are covered.
    this.until = Math.min(this.until, draft.until);
  }

  /** The pending write is in the record, as `version`. */
  land(version: string | null): void {
    const { ledger } = this;
    const { pending } = ledger;
    if (!pending) return;
    ledger.pending = undefined;
    ledger.backing = pending.kept + pending.granted;
    ledger.backingSlot = pending.until;
    ledger.known = pending.value;
    ledger.version = version;
    ledger.creditworthy = total(pending.value.u) <= this.rules.limit.quota;
    ledger.refusedFrom = NEVER;
    this.until = pending.until;
    // What was admitted on credit while the write was under way, the new permits stand for.
    this.#endSlot();
    const { uses, left } = repay(this.#earlier, this.tokens + pending.granted, this.until);
    this.#earlier = uses;
    this.tokens = left;
    this.#recount();
  }

  /** The pending write is not in the record and never will be. */
  withdraw(): void {
    const { ledger } = this;
    const { pending } = ledger;
    if (!pending) return;
    ledger.pending = undefined;
    this.#earlier = join(pending.sent, this.#earlier);
    this.tokens += pending.returned;
    this.until = pending.untilBefore;
    this.#recount();
  }

  /**
   * The pending write landed or it did not, and nobody will ever know. Either way the record
   * holds this lease in one form, so it is left there; credit it may not hold, so that is sent
   * again.
   */
  #leaveAsIs(pending: Pending): void {
    this.#endSlot();
    this.ledger.pending = undefined;
    this.ledger.backing = 0;
    this.#earlier = onlyUnbacked(join(pending.sent, this.#earlier));
    this.tokens = 0;
  }

  #unreported(): readonly Uses[] {
    const earlier = join(this.#ledger?.pending?.sent ?? NO_USES, this.#earlier);
    return this.#backedNow + this.#unbackedNow > 0 ? append(earlier, this.#present()) : earlier;
  }

  #present(): Uses {
    return { slot: this.#slot, backed: this.#backedNow, unbacked: this.#unbackedNow };
  }

  #endSlot(): void {
    if (this.#backedNow + this.#unbackedNow === 0) return;
    this.#earlier = append(this.#earlier, this.#present());
    this.#backedNow = 0;
    this.#unbackedNow = 0;
  }

  /** Works out anew what follows from the record, the lease and the slot. */
  #recount(): void {
    const { limit, shape } = this.rules;
    const first = this.#slot - shape.past;
    this.#earlier = since(this.#earlier, first);
    this.credit = unbackedIn(since(this.#unreported(), first));
    const counts = this.counts();
    this.room = limit.quota - total(counts);
    const oldest = counts.findIndex((count) => count > 0);
    this.#oldest = oldest < 0 ? -1 : this.turn - shape.past + oldest;
    if (this.#ledger) this.#ledger.passCost = 0;
  }

  /** The clock was set back further than any ring reaches: what was known is of another time. */
  #forgetAll(): void {
    this.#endSlot();
    this.#earlier = NO_USES;
    this.tokens = 0;
    this.until = -1;
    this.#ledger = undefined;
  }
}
