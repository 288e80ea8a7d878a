/**
 * A crash suspect waits, with its lease kept, until nothing else runs in its isolate. Only then it
 * begins, and only what has begun can be blamed for the end of a process.
 */
import type { Log } from "../log.ts";
import type { Permits } from "../resilience/permits.ts";
import { type Timers, waitAtMost } from "../resilience/timers.ts";
import type { Held } from "./held.ts";
import { begin, extend, release } from "./transitions.ts";

export interface BeginAloneOptions {
  readonly permits: Permits;
  readonly timers: Timers;
  readonly leaseMs: number;
  readonly log: Log;
  readonly isStopping: () => boolean;
}

/** False when the suspect was lost, or given back at a stop. */
export async function beginAlone(held: Held, options: BeginAloneOptions): Promise<boolean> {
  const { permits, timers, leaseMs, log, isStopping } = options;
  try {
    while (permits.taken > 0 && !isStopping()) {
      await waitAtMost(timers, leaseMs / 3, permits.returned());
      if (permits.taken > 0 && !await held.change(extend(leaseMs))) return false;
    }
    if (!isStopping()) return await held.change(begin(leaseMs));
    await held.change(release);
    return false;
  } catch (cause) {
    // It has not begun, so when its lease lapses nothing is held against it.
    log.warn("task.suspect_lost", { id: held.record.id, cause });
    return false;
  }
}
