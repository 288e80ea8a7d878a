/**
 * When to stop asking a dependency that fails, and when to ask it again. One breaker per
 * dependency and isolate; synchronous and without timers, because isolates are frozen and evicted:
 * every answer follows from the clock. What a caller does while it is open is the caller's affair.
 */
import { type Clock, SECOND } from "../time.ts";

export type BreakerState = "closed" | "open" | "half_open";

/** Leave to make one call; `record` wants it back with the outcome. */
export interface Permit {
  /** Grows with every change of state: outcomes of an earlier state say nothing about this one. */
  readonly generation: number;
  /** Whether this call alone decides if the breaker closes. */
  readonly probe: boolean;
  /** How many failures had ever counted when it was handed out; tells which calls overlapped. */
  readonly failuresSeen: number;
}

export interface BreakerOptions {
  /** Name of the dependency, for logs and metrics. */
  readonly name: string;
  /** Failures in a row that open it; at least 1. */
  readonly threshold: number;
  /** How long it stays open before one probe may ask again. */
  readonly resetMs: number;
  readonly clock: Clock;
  /** Share by which `resetMs` varies, so that isolates do not probe in step. 0.1 is ±10 %. */
  readonly jitter?: number;
  /** 0 (included) to 1 (excluded). */
  readonly random?: () => number;
  /** After this long without a report a probe is taken for lost, and another one may go. */
  readonly probeTimeoutMs?: number;
  /** Called after each change of state. Must not throw. */
  readonly onTransition?: (to: BreakerState, from: BreakerState) => void;
}

export interface Breaker {
  readonly name: string;
  /** `half_open` from the moment a probe is due, whether or not one is under way. */
  readonly state: BreakerState;
  /** A permit to call, or undefined: then do at once what is done without the dependency. */
  allow(): Permit | undefined;
  /** The outcome of a permitted call. Not to be called for outcomes that say nothing. */
  record(permit: Permit, ok: boolean): void;
  /** Milliseconds until a call may be permitted; 0 when one would be now. */
  retryAfterMs(): number;
  /** Closes it by hand; outcomes of calls still under way are then ignored. */
  reset(): void;
}

/** Failures of calls that overlapped count once in this time: a herd is one sign, not many. */
const PARALLEL_MS = 50;

export function createBreaker(options: BreakerOptions): Breaker {
  const { name, threshold, resetMs, clock, onTransition } = options;
  const { jitter = 0.1, random = Math.random, probeTimeoutMs = 5 * SECOND } = options;

  let phase: BreakerState = "closed";
  /** When the next probe may go: the end of the open time, or of a silent probe's patience. */
  let probeAt = 0;
  let failuresInRow = 0;
  let failedAt = -Infinity;
  /** Shared by all calls until something changes, so that permitting a call allocates nothing. */
  let permit: Permit = { generation: 0, probe: false, failuresSeen: 0 };

  const turn = (to: BreakerState) => {
    const from = phase;
    phase = to;
    failuresInRow = 0;
    permit = { ...permit, generation: permit.generation + 1, probe: to === "half_open" };
    if (to !== from) onTransition?.(to, from);
  };

  const open = () => {
    probeAt = clock.monotonic() + resetMs * (1 + jitter * (2 * random() - 1));
    turn("open");
  };

  const countFailure = (failuresSeen: number) => {
    const now = clock.monotonic();
    const overlapped = failuresSeen < permit.failuresSeen;
    if (overlapped && now - failedAt < PARALLEL_MS) return;
    failedAt = now;
    failuresInRow++;
    permit = { ...permit, failuresSeen: permit.failuresSeen + 1 };
    if (failuresInRow >= threshold) open();
  };

  return {
    name,
    get state() {
      return phase === "open" && clock.monotonic() >= probeAt ? "half_open" : phase;
    },
    allow() {
      if (phase === "closed") return permit;
      const now = clock.monotonic();
      if (now < probeAt) return undefined;
      probeAt = now + probeTimeoutMs;
      turn("half_open");
      return permit;
    },
    record({ generation, probe, failuresSeen }, ok) {
      if (generation !== permit.generation) return;
      if (probe) return ok ? turn("closed") : open();
      if (ok) failuresInRow = 0;
      else countFailure(failuresSeen);
    },
    retryAfterMs: () => phase === "closed" ? 0 : Math.max(0, probeAt - clock.monotonic()),
    reset: () => turn("closed"),
  };
}
