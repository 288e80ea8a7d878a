/**
 * What every KV call passes: the breaker (which may refuse it at once), the deadline, and the
 * verdict on how it ended. Knows no keys and no values.
 */
import type { Log } from "../log.ts";
import { type Clock, SECOND } from "../time.ts";
import { DeadlineError, type Deadlines, type KvOperation } from "./deadline.ts";
import { isLocked, isMisuse, KvUnavailableError } from "./failure.ts";

/** Leave to make one call. The call that decides whether the breaker closes gets more time. */
export interface KvPermit {
  readonly probe: boolean;
}

/** What KV wants of a breaker; `createBreaker` of src/resilience makes one that fits. */
export interface KvBreaker {
  allow(): KvPermit | undefined;
  record(permit: KvPermit, ok: boolean): void;
  retryAfterMs(): number;
}

type Reason = "timeout" | "failed" | "contended";

/** One call, for metrics. `refused` = not asked because the breaker is open. */
export interface KvCall {
  readonly operation: KvOperation;
  readonly outcome: "ok" | "refused" | "misuse" | Reason;
  readonly durationMs: number;
}

export interface GuardOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly deadlines: Deadlines;
  readonly breaker?: KvBreaker;
  readonly onCall?: (call: KvCall) => void;
}

/** Runs one trip to KV under the deadline. A call may make several, one after the other. */
export type Trip = <Result>(ask: () => Promise<Result>) => Promise<Result>;

export interface Guard {
  /** Throws `KvUnavailableError`, or the error itself when it was the caller's fault. */
  run<Result>(operation: KvOperation, call: (trip: Trip) => Promise<Result>): Promise<Result>;
  /** From now on every call is refused, and those under way end as `closed`. */
  close(): void;
}

/** In an outage without a breaker a line a call would bury the log. */
const LOG_EVERY_MS = SECOND;

export function createGuard(options: GuardOptions): Guard {
  const { clock, deadlines, breaker, onCall } = options;
  const warn = createFailureLog(options);
  let closed = false;

  const refuse = (reason: "open" | "closed", message: string) => {
    return new KvUnavailableError(reason, message, breaker?.retryAfterMs());
  };

  /** KV failed: the breaker and the log are told, and the caller gets what it can act on. */
  const fail = (operation: KvOperation, reason: Reason, cause: unknown, permit?: KvPermit) => {
    if (permit) breaker?.record(permit, false);
    warn(operation, reason, cause);
    const message = `KV ${operation} ${reason}: ${cause instanceof Error ? cause.message : cause}`;
    return new KvUnavailableError(reason, message, breaker?.retryAfterMs(), cause);
  };

  return {
    async run(operation, call) {
      if (closed) throw refuse("closed", "KV is closed");
      const permit = breaker?.allow();
      if (breaker && !permit) {
        onCall?.({ operation, outcome: "refused", durationMs: 0 });
        throw refuse("open", "KV is not asked while its breaker is open");
      }
      const startedAt = clock.monotonic();
      const report = (outcome: KvCall["outcome"]) =>
        onCall?.({ operation, outcome, durationMs: clock.monotonic() - startedAt });
      try {
        const result = await call((ask) => deadlines.within(operation, ask, permit?.probe));
        if (permit) breaker?.record(permit, true);
        report("ok");
        return result;
      } catch (error) {
        if (closed) throw refuse("closed", "KV was closed during the call");
        const reason = reasonOf(error);
        report(reason);
        // A misuse says nothing about KV, so the breaker is not told; a probe of it just runs out.
        throw reason === "misuse" ? error : fail(operation, reason, error, permit);
      }
    },
    close() {
      closed = true;
    },
  };
}

function reasonOf(error: unknown): Reason | "misuse" {
  if (error instanceof DeadlineError) return "timeout";
  if (isLocked(error)) return "contended";
  return isMisuse(error) ? "misuse" : "failed";
}

/** One line a second at most; the next one says how many were left out. */
function createFailureLog({ clock, log }: GuardOptions) {
  let loggedAt = -Infinity;
  let suppressed = 0;
  return (operation: KvOperation, reason: Reason, cause: unknown) => {
    const now = clock.monotonic();
    if (now - loggedAt < LOG_EVERY_MS) {
      suppressed++;
      return;
    }
    log.warn("kv.failed", { operation, reason, cause, suppressed });
    loggedAt = now;
    suppressed = 0;
  };
}
