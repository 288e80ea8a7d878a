/**
 * What a lease knows of its record in KV. Kept apart from the lease because most subjects send so
 * few requests that they never have anything to do with KV, and memory is for them.
 */
import type { LimitRing } from "../kv/keys.ts";
import type { Uses } from "./lease_uses.ts";

/** One write to the record. */
export interface Draft {
  /** Version of the record that `value` replaces; null when there was none. */
  readonly base: string | null;
  readonly value: LimitRing;
  /** Permits of the present lease that move on to slot `until`, and permits that join them. */
  readonly kept: number;
  readonly granted: number;
  readonly until: number;
}

/** A draft from its sending until its outcome is known. */
export interface Pending extends Draft {
  readonly sent: readonly Uses[];
  /** Permits that this write gives back, and the last slot of the lease before it. */
  readonly returned: number;
  readonly untilBefore: number;
  /** The reply was lost: the write may have landed, or may still land. */
  doubtful: boolean;
}

/** Above every cost, and still a small integer to V8. */
export const NEVER = 2 ** 30;

/** Weight of the newest sight of the record in `undisturbed`. */
const SIGHT_WEIGHT = 0.3;

export class Ledger {
  /** Version of the record as last seen: null for none, undefined for not known. */
  version: string | null | undefined = undefined;
  known: LimitRing | undefined = undefined;
  pending: Pending | undefined = undefined;
  /** What the record holds for this lease, and in which slot. */
  backing = 0;
  backingSlot = -1;
  /** False from a record over its quota until one within it: no credit meanwhile. */
  creditworthy = true;
  /** Smallest cost refused since KV last answered; dearer ones need not be asked again. */
  refusedFrom = NEVER;
  /** What `Lease.passesAt` last answered, and to what cost; 0 for nothing. */
  passCost = 0;
  passAt = 0;
  /** How often, of late, nobody else had written the record since this isolate saw it. */
  undisturbed = 0.6;
  /** The conversation with KV under way, and the sum of the costs that wait for one. */
  flight: Promise<void> | undefined = undefined;
  waiting = 0;

  /** Learns how often the record stays as this isolate last saw it. */
  sighted(isUnchanged: boolean): void {
    this.undisturbed += ((isUnchanged ? 1 : 0) - this.undisturbed) * SIGHT_WEIGHT;
  }
}
