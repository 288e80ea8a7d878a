/**
 * What our tests use of `jsr:@std/testing/time`, on `@sinonjs/fake-timers`, for machines that
 * reach npm alone. It replaces the global timers and `Date` until it is restored.
 */
import { type Clock, install } from "@sinonjs/fake-timers";

export class FakeTime implements Disposable {
  readonly #clock: Clock;

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
    await this.#clock.tickAsync(ms);
  }

  async runMicrotasks(): Promise<void> {
    await this.#clock.tickAsync(0);
  }

  restore(): void {
    this.#clock.uninstall();
  }

  [Symbol.dispose](): void {
    this.restore();
  }
}
