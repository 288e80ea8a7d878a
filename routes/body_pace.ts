/**
 * How slowly a body may arrive while it is waited for. A phone on a bad line is waited for; a
 * client that keeps a body open with a byte now and then is not, nor one that has to give way.
 */
import { SECOND } from "../src/time.ts";

/** Each window has to bring something worth waiting for, and there are only so many. */
const WINDOW_MS = 30 * SECOND;
const WINDOW_BYTES_MIN = 16_384;
/** 4 minutes: 1 MiB arrives in time at 4.4 KB a second. */
const WINDOWS_MAX = 8;

/** Why nobody waits any longer. */
export const LATE = Symbol("late");
export const OUSTED = Symbol("ousted");
export type End = typeof LATE | typeof OUSTED;

export class BodyPace {
  #bytes = 0;
  #windows = 0;
  #giveUp: ((why: End) => void) | undefined;
  #end: End | undefined;
  readonly #timer: ReturnType<typeof setInterval>;

  constructor() {
    this.#timer = setInterval(() => this.#endWindow(), WINDOW_MS);
  }

  /** What `arrival` resolves to, or why it is no longer waited for. */
  wait<Arrival>(arrival: Promise<Arrival>): Promise<Arrival | End> {
    return new Promise((resolve, reject) => {
      if (this.#end) return resolve(this.#end);
      this.#giveUp = resolve;
      arrival.then(resolve, reject);
    });
  }

  /** Nothing more is waited for. */
  end(why: End): void {
    this.#end = why;
    this.#giveUp?.(why);
  }

  note(sizeBytes: number): void {
    this.#bytes += sizeBytes;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #endWindow(): void {
    if (this.#bytes < WINDOW_BYTES_MIN || ++this.#windows >= WINDOWS_MAX) this.end(LATE);
    this.#bytes = 0;
  }
}
