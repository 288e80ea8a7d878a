/** A wait that can be cut short: by a ring, which is remembered while nobody waits, or at a time. */
import type { Timers } from "../resilience/timers.ts";
import type { Clock } from "../time.ts";

export interface Alarm {
  ring(): void;
  /** Rings at that time; of several only the first. */
  ringAt(time: number): void;
  /** Whether it has rung since it was last asked. */
  taken(): boolean;
  /** Resolves at the next ring, or after `ms`. */
  wait(ms: number): Promise<void>;
  clear(): void;
}

export function createAlarm({ clock, timers }: { clock: Clock; timers: Timers }): Alarm {
  let rung = false;
  let wake = () => {};
  let ringsAt = Infinity;
  let cancel = () => {};

  const ring = () => {
    rung = true;
    wake();
  };

  return {
    ring,
    ringAt(time) {
      if (time >= ringsAt) return;
      ringsAt = time;
      cancel();
      cancel = timers.after(Math.max(0, time - clock.now()), () => {
        ringsAt = Infinity;
        ring();
      });
    },
    taken() {
      const had = rung;
      rung = false;
      return had;
    },
    wait: (ms) =>
      new Promise((resolve) => {
        if (rung) return resolve();
        const cancelWait = timers.after(ms, resolve);
        wake = () => {
          cancelWait();
          resolve();
        };
      }),
    clear: () => cancel(),
  };
}
