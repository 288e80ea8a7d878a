/**
 * KV trips a request of two gates on one KV, under ordinary traffic: 500 clients by Zipf's law,
 * 40 requests a second for five minutes, page bursts among them, nine in ten to the home isolate.
 * The first half minute is counted apart: until it has been seen by the others, a new isolate takes
 * next to none of the optimistic share, and so asks KV more often.
 */
import { createTestClock } from "../tests/_clock.ts";
import { createFaultKv } from "../tests/_fault_kv.ts";
import { createBenchGate, from } from "./world.ts";

const CLIENTS = 500;
const PER_SECOND = 40;
const WARM_UP_SECONDS = 35;
const SECONDS = 300;
const HOME_SHARE = 0.9;

export async function measureTrips(): Promise<string[]> {
  const clock = createTestClock();
  const kv = await Deno.openKv(":memory:");
  // Each closes the KV it was given when it stops.
  const gates = [
    await createBenchGate(clock, await createFaultKv({ over: kv })),
    await createBenchGate(clock, await createFaultKv({ over: kv })),
  ];
  const random = mulberry32(7);
  const pick = zipf(CLIENTS, 1.1, random);
  let count = { requests: 0, waited: 0, refused: 0, trips: 0 };
  const tripsSoFar = () =>
    gates.map(({ services }) => sum(services.metrics.rateLimitTrips.counts)).reduce(add);

  const send = async (client: number) => {
    const home = client % 2;
    const { gate } = gates[random() < HOME_SHARE ? home : 1 - home];
    const answer = gate(
      new Request("http://shop/us/products"),
      from(`10.0.${client >> 8}.${client & 255}`),
    );
    if (answer instanceof Promise) count.waited++;
    if ((await answer).status === 429) count.refused++;
    count.requests++;
  };

  const run = async (seconds: number) => {
    const before = tripsSoFar();
    count = { requests: 0, waited: 0, refused: 0, trips: 0 };
    for (let second = 0; second < seconds; second++) await runSecond();
    return { ...count, trips: tripsSoFar() - before };
  };
  const runSecond = async () => {
    const burst = random() < 0.2;
    for (let i = 0; i < PER_SECOND; i++) {
      clock.turn(1_000 / PER_SECOND);
      await send(pick());
    }
    if (burst) {
      const client = pick();
      for (let i = 0; i < 10 + Math.floor(random() * 30); i++) await send(client);
    }
    // Lets background commits land, as they would between requests.
    await new Promise((resolve) => setTimeout(resolve, 0));
  };
  const started = await run(WARM_UP_SECONDS);
  const steady = await run(SECONDS);
  await Promise.all(gates.map(({ services }) => services.stop()));
  kv.close();
  const share = (part: number) => `${(100 * part / steady.requests).toFixed(1)} %`;
  return [
    `KV trips: ${steady.requests} requests of ${CLIENTS} clients (Zipf 1.1, page bursts), ` +
    "2 isolates, 90 % sticky",
    `  ${(steady.trips / steady.requests).toFixed(3)} trips a request; ${share(steady.waited)} ` +
    `of requests waited, ${share(steady.refused)} were refused (clients over 200 a minute)`,
    `  ${(started.trips / started.requests).toFixed(3)} in the first ${WARM_UP_SECONDS} s`,
  ];
}

const add = (a: number, b: number) => a + b;
const sum = (counts: ReadonlyMap<string, number>) => [...counts.values()].reduce(add, 0);

function mulberry32(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Draws 0 to n-1, the k-th in proportion to 1/(k+1)^exponent. */
function zipf(n: number, exponent: number, random: () => number): () => number {
  const weights = Array.from({ length: n }, (_, k) => 1 / (k + 1) ** exponent);
  const total = weights.reduce(add);
  return () => {
    let at = random() * total;
    const found = weights.findIndex((weight) => (at -= weight) < 0);
    return found === -1 ? n - 1 : found;
  };
}
