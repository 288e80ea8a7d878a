/**
 * How slowly a body may arrive while it is waited for. A phone on a bad line is waited for; a
 * client that keeps a body open with a byte now and then is not.
 */
import { SECOND } from "../src/time.ts";

/** Each window has to bring something worth waiting for, and there are only so many. */
const WINDOW_MS = 30 * SECOND;
const WINDOW_BYTES_MIN = 16_384;
/** 4 minutes: 1 MiB arrives in time at 4.4 KB a second. */
const WINDOWS_MAX = 8;

export const LATE = Symbol("late");

export class BodyPace {
  #bytes = 0;
  #windows = 0;
  #giveUp: (() => void) | undefined;
  readonly #timer: ReturnType<typeof setInterval>;

  constructor() {
    this.#timer = setInterval(() => this.#endWindow(), WINDOW_MS);
  }

  /** What `arrival` resolves to, or `LATE`. */
  wait<Arrival>(arrival: Promise<Arrival>): Promise<Arrival | typeof LATE> {
    return new Promise((resolve, reject) => {
      this.#giveUp = () => resolve(LATE);
      arrival.then(resolve, reject);
    });
  }

  note(sizeBytes: number): void {
    this.#bytes += sizeBytes;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #endWindow(): void {
    if (this.#bytes < WINDOW_BYTES_MIN || ++this.#windows >= WINDOWS_MAX) this.#giveUp?.();
    this.#bytes = 0;
  }
}
