/**
 * What our tests use of `jsr:@std/testing/time`, on `@sinonjs/fake-timers`, for machines that
 * reach npm alone. It replaces the global timers and `Date` until it is restored. As with the
 * published one, `tickAsync` lets the event loop turn once, before the clock and not between
 * timers, so that no test can lean on more.
 */
import { type Clock, install } from "@sinonjs/fake-timers";

const realSetTimeout = globalThis.setTimeout;

export class FakeTime implements Disposable {
  readonly #clock: Clock;
  #restored = false;

  constructor(start: number | string | Date = new Date(), _options: { advanceRate?: number } = {}) {
    this.#clock = install({
      now: new Date(start),
      toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date"],
    });
  }

  get now(): number {
    return this.#clock.now;
  }

  tick(ms = 0): void {
    this.#clock.tick(ms);
  }

  async tickAsync(ms = 0): Promise<void> {
    await this.runMicrotasks();
    this.tick(ms);
  }

  async runMicrotasks(): Promise<void> {
    await new Promise((resolve) => realSetTimeout(resolve, 0));
  }

  restore(): void {
    if (this.#restored) throw new Error("Cannot restore time: time is already restored");
    this.#restored = true;
    this.#clock.uninstall();
  }

  [Symbol.dispose](): void {
    this.restore();
  }
}
