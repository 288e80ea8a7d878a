/**
 * Virtual time: events in a heap, one after the other, as fast as the machine goes. Promises that
 * an event settles run to their end before the next event, so code under test is ordinary code.
 */
import { setImmediate } from "node:timers";
import type { Clock } from "../../src/time.ts";

interface Event {
  readonly at: number;
  /** Keeps events of the same moment in the order they were planned. */
  readonly order: number;
  readonly run: () => void;
}

/** A Tuesday in 2026, so that slots are as large as they are in use. */
const START_MS = 1_780_000_000_000;

export class VirtualTime {
  nowMs = START_MS;
  readonly #heap: Event[] = [];
  #planned = 0;

  /** Runs `run` after `delayMs`. */
  after(delayMs: number, run: () => void): void {
    this.#push({ at: this.nowMs + delayMs, order: this.#planned++, run });
  }

  /** A clock that is `skewMs` ahead of the true time. */
  clock(skewMs = 0): Clock {
    return {
      now: () => Math.floor(this.nowMs + skewMs),
      monotonic: () => this.nowMs - START_MS,
    };
  }

  /** Resolves after `delayMs`, for scripts that run beside `run`. */
  sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.after(delayMs, resolve));
  }

  /** Runs all events, and what they plan. */
  async run(): Promise<void> {
    await settled();
    for (let event = this.#pop(); event; event = this.#pop()) {
      this.nowMs = event.at;
      event.run();
      await settled();
    }
  }

  #push(event: Event): void {
    const heap = this.#heap;
    let index = heap.push(event) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(event, heap[parent])) break;
      heap[index] = heap[parent];
      index = parent;
    }
    heap[index] = event;
  }

  #pop(): Event | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return first;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1], heap[child])) child++;
      if (!isBefore(heap[child], last)) break;
      heap[index] = heap[child];
      index = child;
    }
    heap[index] = last;
    return first;
  }
}

/** Resolves when every promise that can go on has gone on. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function isBefore(one: Event, other: Event): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}

/** mulberry32: the same seed gives the same run. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Exponentially distributed with mean 1. */
export function exponential(random: () => number): number {
  return -Math.log(1 - random());
}
