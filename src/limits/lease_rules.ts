/** What a limit says, checked, and how its window is cut into slots. */
import { DAY, SECOND } from "../time.ts";
import { type RingShape, ringShape } from "./ring.ts";

/** One limit: at most `quota` uses of each subject in any `windowMs`. */
export interface LeaseLimit {
  /** Part of the KV key, such as `store:ip`. */
  readonly name: string;
  /** 1 to 10,000,000. */
  readonly quota: number;
  /** 1 s to 1 day. */
  readonly windowMs: number;
  /** Never over the quota, whatever the number of isolates: nothing is admitted on credit. */
  readonly strict: boolean;
}

export interface LeaseRules {
  readonly limit: LeaseLimit;
  readonly shape: RingShape;
}

const QUOTA_MAX = 10_000_000;

/** Throws `RangeError` for a limit that cannot be counted. */
export function leaseRules(limit: LeaseLimit, clockSkewMs: number): LeaseRules {
  const { name, quota, windowMs } = limit;
  if (!Number.isInteger(quota) || quota < 1 || quota > QUOTA_MAX) {
    throw new RangeError(
      `Cannot count limit "${name}" as 'quota' must be 1 to ${QUOTA_MAX}: current value is ${quota}`,
    );
  }
  if (!(windowMs >= SECOND && windowMs <= DAY)) {
    throw new RangeError(
      `Cannot count limit "${name}" as 'windowMs' must be 1 s to 1 day: current value is ${windowMs}`,
    );
  }
  return { limit, shape: ringShape(windowMs, clockSkewMs) };
}

/** Throws `RangeError` when a limit's name is used with other numbers than before. */
export function checkSame(first: LeaseLimit, second: LeaseLimit): void {
  const isSame = first.quota === second.quota && first.windowMs === second.windowMs &&
    first.strict === second.strict;
  if (!isSame) throw new RangeError(`Cannot count limit "${first.name}" in two ways`);
}
