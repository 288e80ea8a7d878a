/** What a request is charged: which policy, with which limits, at what cost. */
import type { LimitSpec } from "../config_shapes.ts";

/** What a request gets when KV cannot be asked: through, 503, or this isolate's own count. */
export type OutagePolicy = "open" | "closed" | "fallback";

export interface Policy {
  readonly name: string;
  readonly limits: readonly LimitSpec[];
  readonly onOutage: OutagePolicy;
  /** Count and log, never refuse. */
  readonly shadow: boolean;
}

/** What a path is counted as. */
export interface Charge {
  readonly policy: Policy;
  /** Separates the counts of a policy whose limits are per operation; empty when they are not. */
  readonly operation: string;
  /** Permits one request takes. */
  readonly cost: number;
}
