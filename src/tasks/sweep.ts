/**
 * One look at everything that may want doing: lapsed leases, schedules, suspects, due tasks. All
 * doorbells end here; a sweep too many costs a few reads and does no harm.
 */
import type { Clock } from "../time.ts";
import { SECOND } from "../time.ts";
import type { Recover } from "./recover.ts";
import type { TakeDue } from "./take_due.ts";

export interface SweepOptions {
  readonly clock: Clock;
  readonly takeDue: TakeDue;
  readonly recover: Recover;
  readonly runSchedules: () => Promise<number>;
  readonly clearUnheard: () => Promise<number>;
  /** Runs beside the sweep, as a suspect may take long. */
  readonly onSuspects: (running: Promise<void>) => void;
}

export interface Swept {
  /** Tasks that changed hands: recovered, scheduled, started. */
  readonly moved: number;
  readonly more: boolean;
  /** Leases that look lapsed and are still being watched. */
  readonly watched: number;
}

export interface Sweep {
  /** `whole` looks at everything; else only due tasks, with the rest once a second. */
  run(whole: boolean): Promise<Swept>;
}

const WHOLE_EVERY_MS = SECOND;

export function createSweep(options: SweepOptions): Sweep {
  const { clock, takeDue, recover, runSchedules, clearUnheard, onSuspects } = options;
  let wholeAt = -Infinity;
  let watched = 0;

  const sweepRest = async (): Promise<number> => {
    const lapsed = await recover.lapsed();
    watched = lapsed.watched;
    const others = await runSchedules() + await clearUnheard();
    if (await takeDue.hasSuspects()) onSuspects(takeDue.runSuspects());
    return lapsed.recovered + others;
  };

  return {
    async run(whole) {
      try {
        let moved = 0;
        if (whole || clock.monotonic() - wholeAt >= WHOLE_EVERY_MS) {
          wholeAt = clock.monotonic();
          moved += await sweepRest();
        }
        const { started, more } = await takeDue.due();
        return { moved: moved + started, more, watched };
      } catch (error) {
        recover.forget();
        throw error;
      }
    },
  };
}
