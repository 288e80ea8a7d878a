/**
 * Ends an exchange in which one side has been silent for too long. While a body is sent the turns
 * change with every piece, so a turn only moves a date and the timer looks at it when it rings.
 */
import type { Clock } from "../time.ts";

/**
 * A process that was stopped or starved rings late, and what it waited for lies there unread: this
 * long to read it before anybody is blamed.
 */
const LAST_CALL_MS = 20;

export type Silent = "client" | "origin";

export interface WatchdogOptions {
  readonly clock: Clock;
  /** How long each side may be silent. */
  readonly patienceMs: Readonly<Record<Silent, number>>;
  readonly onSilence: (who: Silent) => void;
}

export class Watchdog {
  readonly #options: WatchdogOptions;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #ringsAt = Infinity;
  #until = Infinity;
  #calledFor = Infinity;
  #turn: Silent = "origin";
  #stopped = false;

  constructor(options: WatchdogOptions) {
    this.#options = options;
  }

  /** From now on `whose` is waited for. */
  expect(whose: Silent): void {
    if (this.#stopped) return;
    const { clock, patienceMs } = this.#options;
    this.#turn = whose;
    this.#until = clock.monotonic() + patienceMs[whose];
    if (this.#until < this.#ringsAt) this.#set(this.#until, patienceMs[whose]);
  }

  /** Nobody is waited for until `expect` says so again. */
  rest(): void {
    this.#until = Infinity;
  }

  /** For good: whatever is expected later is waited for without end. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #set(at: number, delayMs: number): void {
    clearTimeout(this.#timer);
    this.#ringsAt = at;
    this.#timer = setTimeout(() => this.#ring(), delayMs);
  }

  #ring(): void {
    const leftMs = this.#until - this.#options.clock.monotonic();
    this.#ringsAt = Infinity;
    if (leftMs === Infinity) return;
    // Timers ring up to a millisecond early.
    if (leftMs > 1) return this.#set(this.#until, leftMs);
    if (this.#calledFor === this.#until) return this.#options.onSilence(this.#turn);
    this.#calledFor = this.#until;
    this.#set(this.#until, LAST_CALL_MS);
  }
}
