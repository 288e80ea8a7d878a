/** Traffic to simulate: who asks when. The three of notes/limits 3.2, and their parts for tests. */
import { exponential } from "./kernel.ts";

export interface Arrival {
  /** Milliseconds from the start. */
  readonly at: number;
  readonly client: number;
  /** 1 unless given. */
  readonly cost?: number;
}

export interface Workload {
  readonly name: string;
  readonly arrivals: readonly Arrival[];
}

type Random = () => number;

/** 500 clients, some much busier than others; 40 requests a second for 300 s. */
export function poisson(random: Random, seconds = 300): Workload {
  const weights = Array.from({ length: 500 }, (_, rank) => 1 / (rank + 1) ** 1.1);
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  const arrivals: Arrival[] = [];
  for (let at = 0; at < seconds * 1_000; at += 25 * exponential(random)) {
    let left = random() * whole;
    const client = weights.findIndex((weight) => (left -= weight) <= 0);
    arrivals.push({ at, client: Math.max(0, client) });
  }
  return { name: "poisson", arrivals };
}

/** 60 visitors; each loads a page of 10 to 39 requests within 400 ms every 12 s or more. */
export function burst(random: Random, seconds = 300): Workload {
  const arrivals: Arrival[] = [];
  for (let client = 0; client < 60; client++) {
    let at = 24_000 * random();
    while (at < seconds * 1_000) {
      const requests = 10 + Math.floor(30 * random());
      for (let n = 0; n < requests; n++) arrivals.push({ at: at + 400 * random(), client });
      at += 12_000 + 12_000 * exponential(random);
    }
  }
  return { name: "burst", arrivals: inOrder(arrivals) };
}

/** Honest clients near and far from their limit, among a flood, pulses and throw-away addresses. */
export function attack(random: Random): Workload {
  const arrivals: Arrival[] = [];
  const add = (client: number, from: number, to: number, gapMs: () => number) => {
    for (let at = from + gapMs() * random(); at < to; at += gapMs()) arrivals.push({ at, client });
  };
  for (let client = 0; client < 40; client++) {
    add(client, 0, 180_000, () => 4_000 * exponential(random));
  }
  add(40, 0, 180_000, () => 60_000 / 160);
  add(41, 0, 180_000, () => 60_000 / 180);
  add(42, 30_000, 150_000, () => 1_000 / 300);
  for (let client = 43; client < 48; client++) {
    for (const start of [59_600, 60_100, 119_000]) {
      for (let n = 0; n < 400; n++) arrivals.push({ at: start + 400 * random(), client });
    }
  }
  for (let client = 48; client < 548; client++) {
    for (let n = 0; n < 4; n++) arrivals.push({ at: 180_000 * random(), client });
  }
  return { name: "attack", arrivals: inOrder(arrivals) };
}

/** One client at an even pace. */
export function steady(requests: number, perMinute: number): Workload {
  const arrivals = Array.from({ length: requests }, (_, n) => ({
    at: n * 60_000 / perMinute,
    client: 0,
  }));
  return { name: `steady ${perMinute}/min`, arrivals };
}

function inOrder(arrivals: Arrival[]): Arrival[] {
  return arrivals.sort((one, other) => one.at - other.at);
}
