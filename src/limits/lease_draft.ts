/**
 * Decides how many permits a lease asks for and how long they live: many and long while the client
 * is far from its limit, few and short near it, so that unused ones do not starve other isolates.
 * Every number here was chosen by bench/simulate.ts.
 */
import type { Lease } from "./lease.ts";
import type { Draft } from "./lease_ledger.ts";
import { ringOf, type RingShape, slotAt, total } from "./ring.ts";

export interface DraftOptions {
  readonly nowMs: number;
  /** When the write's reply can be expected. */
  readonly landsMs: number;
  /** Live isolates that may lease from the same record. */
  readonly isolates: number;
  /** Marks this write, so that its writer knows it again. */
  readonly nonce: number;
  /** Give everything back and lease nothing, because this isolate stops. */
  readonly closing: boolean;
}

/**
 * Most permits leased at once beyond those that requests already wait for: this many, or this share
 * of a quota so large that as many would be gone within milliseconds.
 */
const GRANT_MAX = 100;
const GRANT_SHARE = 1 / 20;

/** Permits leased beyond the waiting requests while the limit is far: this share, so many at most. */
const HEADROOM_SHARE = 1 / 8;
const HEADROOM_MAX = 3;

/** Share of a slot's uses that is leased when permits are too scarce to lie about. */
const SCARCE_SHARE = 0.4;

/**
 * The next write of a lease, or undefined when there is nothing to report and nothing to be had.
 * A write whose outcome is not known is sent again as it was: the version check lets it land once.
 */
export function draftLease(lease: Lease, options: DraftOptions): Draft | undefined {
  const { ledger, rules: { limit, shape } } = lease;
  if (ledger.pending) return ledger.pending;
  const { closing, nowMs } = options;
  const counts = lease.counts();
  const kept = closing ? 0 : lease.permits;
  const taken = total(counts) + kept;
  const pace = paceOf(counts, taken, lease.turn, nowMs, shape) / limit.quota;
  const landing = slotAt(options.landsMs, shape) - lease.slot;
  const horizon = Math.min(shape.ahead, Math.max(landing, horizonOf(pace, shape)));
  const granted = closing ? 0 : grantOf(lease, limit.quota - taken, kept, horizon, options);
  const idle = closing ? lease.atStake === 0 : !lease.hasUses && granted === 0;
  if (idle) return undefined;
  counts[shape.past + horizon] += kept + granted;
  return {
    base: ledger.version ?? null,
    value: ringOf(lease.turn, counts, options.nonce, shape),
    kept,
    granted,
    until: lease.turn + horizon,
  };
}

/**
 * What a whole window would take if it went on as since the first use counted. What other isolates
 * have leased counts as used, because nobody can tell.
 */
function paceOf(
  counts: readonly number[],
  taken: number,
  turn: number,
  nowMs: number,
  { past, slotMs }: RingShape,
): number {
  const oldest = counts.findIndex((count) => count > 0);
  if (oldest < 0) return taken;
  const sinceMs = Math.max(slotMs, nowMs - (turn - past + oldest) * slotMs);
  return taken * (past + 1) * slotMs / sinceMs;
}

/** How many slots ahead a lease may be used, by the share of the quota that the pace would take. */
function horizonOf(pace: number, { ahead, past }: RingShape): number {
  if (pace < 0.7) return ahead;
  if (pace < 0.85) return Math.round(past / 6);
  return pace < 0.9 ? Math.round(past / 12) : 0;
}

function grantOf(
  lease: Lease,
  spare: number,
  kept: number,
  horizon: number,
  { nowMs, isolates }: DraftOptions,
): number {
  if (spare <= 0) return 0;
  const { waiting } = lease.ledger;
  const most = Math.max(GRANT_MAX, Math.floor(lease.rules.limit.quota * GRANT_SHARE));
  const fair = Math.max(1, Math.floor(spare / isolates));
  const wanted = Math.max(
    waiting + headroomOf(fair, horizon, isolates),
    Math.floor(lease.usesPerSlot * horizon),
    Math.floor(lease.usesLately(nowMs) * (isolates === 1 ? 1 : SCARCE_SHARE)),
  );
  return Math.min(spare, Math.max(0, waiting - kept, Math.min(wanted - kept, fair, most)));
}

/** Permits to have ready for the next requests. An isolate that is alone takes them from nobody. */
function headroomOf(fair: number, horizon: number, isolates: number): number {
  if (isolates === 1) return HEADROOM_MAX;
  return horizon > 1 ? Math.min(HEADROOM_MAX, Math.floor(fair * HEADROOM_SHARE)) : 0;
}
