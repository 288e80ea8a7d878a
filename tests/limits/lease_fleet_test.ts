/** Fleets of isolates in virtual time: the bound, the honest client, the bill for KV. */
import { assert, assertEquals, assertGreater, assertLessOrEqual } from "@std/assert";
import fc from "fast-check";
import { type FleetOptions, runFleet } from "../../bench/simulate/fleet.ts";
import { seeded } from "../../bench/simulate/kernel.ts";
import { peak, score } from "../../bench/simulate/score.ts";
import {
  type Arrival,
  attack,
  burst,
  poisson,
  steady,
  type Workload,
} from "../../bench/simulate/workloads.ts";
import { MINUTE, SECOND } from "../../src/time.ts";

/** Shapes of traffic that hurt: even, random, around slot ends, in pulses a window apart. */
const arrivalTimes: Record<string, (random: () => number, n: number, windowMs: number) => number> =
  {
    even: (random, n, windowMs) => (n / 400) * 3 * windowMs + 10 * random(),
    random: (random, _, windowMs) => 3.5 * windowMs * random(),
    halves: (random, _, windowMs) =>
      Math.max(0, Math.floor(7 * random()) * windowMs / 2 + (random() - 0.5) * windowMs / 50),
    pulses: (random, _, windowMs) =>
      Math.floor(4 * random()) * windowMs * 0.99 + Math.min(500, windowMs / 4) * random(),
  };

function traffic(shape: string, seed: number, requests: number, windowMs: number, costMax: number) {
  const random = seeded(seed);
  const arrivals: Arrival[] = Array.from({ length: requests }, (_, n) => ({
    at: arrivalTimes[shape](random, n, windowMs),
    client: 0,
    cost: 1 + Math.floor(costMax * random()),
  }));
  return arrivals.sort((one, other) => one.at - other.at);
}

const fleets = fc.record({
  seed: fc.nat(),
  isolates: fc.integer({ min: 1, max: 8 }),
  rttMs: fc.integer({ min: 1, max: 300 }),
  quota: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 200 })),
  windowMs: fc.constantFrom(MINUTE, MINUTE, 10 * SECOND, 5 * MINUTE, SECOND),
  strict: fc.boolean(),
  sticky: fc.double({ min: 0, max: 1, noNaN: true }),
  shape: fc.constantFrom(...Object.keys(arrivalTimes)),
  crowd: fc.double({ min: 0.2, max: 4, noNaN: true }),
  costMax: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 5 })),
  skew: fc.boolean(),
  loss: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 0.15, noNaN: true })),
  lives: fc.oneof(fc.constant(undefined), fc.double({ min: 0.05, max: 1, noNaN: true })),
});

type Fleet = typeof fleets extends fc.Arbitrary<infer Value> ? Value : never;

async function admittedAtMost(fleet: Fleet) {
  const { quota, windowMs, seed, shape, crowd, costMax } = fleet;
  const requests = Math.min(700, Math.ceil(crowd * quota) + 20);
  const arrivals = traffic(shape, seed, requests, windowMs, Math.min(costMax, quota));
  const skewMs = fleet.skew ? Math.min(2_500, windowMs / 24) : 0;
  const options: FleetOptions = {
    ...fleet,
    skewMs,
    clockSkewMs: skewMs,
    lifeMs: fleet.lives === undefined ? undefined : fleet.lives * windowMs,
  };
  const run = await runFleet(arrivals, options);
  const admitted = run.decisions.filter(({ allowed }) => allowed);
  const most = peak(admitted.map(({ decidedAt, cost }) => [decidedAt, cost]), windowMs);
  const credit = fleet.strict ? 0 : Math.floor(0.1 * quota / fleet.isolates);
  return { ...run, most, bound: quota + credit * run.isolates };
}

Deno.test("LeaseLimiter admits at most quota + credit × isolates in any window, in 1,500 schedules", async () => {
  let atQuota = 0;
  let failures = 0;
  await fc.assert(
    fc.asyncProperty(fleets, async (fleet) => {
      const { most, bound, failures: failed } = await admittedAtMost(fleet);
      assertLessOrEqual(most, bound);
      if (fleet.loss === 0) assertEquals(failed, 0, "without losses every request is decided");
      if (most >= fleet.quota) atQuota++;
      failures += failed;
    }),
    { numRuns: 1_500 },
  );
  assertGreater(atQuota, 400, "the schedules press on the limit");
  // Drawn anew each time: mostly some 1,500 losses, 863 in the poorest run seen.
  assertGreater(failures, 300, "and losses happen");
});

Deno.test("LeaseLimiter can go over the quota by credit, so the schedules would show a leak", async () => {
  let over = 0;
  const pressing = fleets.map((fleet): Fleet => ({
    ...fleet,
    strict: false,
    quota: 100,
    isolates: 5,
    sticky: 0,
    shape: "pulses",
    crowd: 4,
    costMax: 1,
  }));
  for (const fleet of fc.sample(pressing, { numRuns: 30, seed: 1 })) {
    const { most } = await admittedAtMost(fleet);
    if (most > 100) over++;
  }
  assertGreater(over, 5);
});

Deno.test("LeaseLimiter needs the clock guard, and with it clocks 2.5 s off change nothing", async () => {
  const base: FleetOptions = {
    seed: 1,
    isolates: 6,
    rttMs: 20,
    quota: 100,
    windowMs: MINUTE,
    strict: true,
    sticky: 0,
    skewMs: 2_500,
  };
  const most = async (clockSkewMs: number, seed: number) => {
    const arrivals = traffic("pulses", seed, 900, MINUTE, 1)
      .map(({ at, ...rest }) => ({ ...rest, at: at * 1.005 + 4_800 }));
    const { decisions } = await runFleet(arrivals, { ...base, seed, clockSkewMs });
    const admitted = decisions.filter(({ allowed }) => allowed);
    return peak(admitted.map(({ decidedAt, cost }) => [decidedAt, cost]), MINUTE);
  };
  let leaks = 0;
  for (let seed = 0; seed < 40; seed++) {
    assertLessOrEqual(await most(2_500, seed), 100);
    if (await most(0, seed) > 100) leaks++;
  }
  assertGreater(leaks, 0, "the test would see a guard that does nothing");
});

const BASE: FleetOptions = {
  seed: 7,
  isolates: 4,
  rttMs: 20,
  quota: 200,
  windowMs: MINUTE,
  strict: false,
  sticky: 0,
};

for (const quota of [200, 60, 20]) {
  for (const strict of [false, true]) {
    const name = `${strict ? "strict " : ""}${quota} a minute`;
    Deno.test(`LeaseLimiter never refuses a client at 90 % of ${name} in 10,000 sprayed requests`, async () => {
      for (const isolates of [2, 4, 8]) {
        for (const rttMs of [20, 80]) {
          const { arrivals } = steady(10_000 / 6, 0.9 * quota);
          const options = { ...BASE, seed: isolates + rttMs, isolates, rttMs, quota, strict };
          const { decisions } = await runFleet(arrivals, options);
          const refused = decisions.filter(({ allowed }) => !allowed).length;
          assertEquals(refused, 0, `${isolates} isolates, ${rttMs} ms`);
        }
      }
    });
  }
}

const random = seeded(42);
const workloads = [poisson(random), burst(random), attack(random)];

async function bill(workload: Workload, options: Partial<FleetOptions>) {
  const run = await runFleet(workload.arrivals, { ...BASE, ...options });
  const result = score(run.decisions, 200, MINUTE);
  return { ...result, trips: run.trips / result.requests };
}

/** KV trips a request: the figures of bench/results/simulate.txt and 20 % more. */
const BUDGETS: readonly [string, Partial<FleetOptions>, readonly number[]][] = [
  ["4 isolates", {}, [0.33, 0.29, 0.044]],
  ["4 isolates, strict", { strict: true }, [1.16, 0.57, 0.165]],
  ["2 isolates, 90 % at home", { isolates: 2, sticky: 0.9 }, [0.07, 0.045, 0.009]],
  ["1 isolate", { isolates: 1 }, [0.03, 0.027, 0.005]],
];

for (const [name, options, budgets] of BUDGETS) {
  Deno.test(`LeaseLimiter keeps to its budget of KV trips: ${name}`, async () => {
    for (const [index, workload] of workloads.entries()) {
      const { trips, over, falselyRefused, waitP99Ms } = await bill(workload, options);
      assertLessOrEqual(trips, budgets[index], workload.name);
      assertEquals(falselyRefused, 0, workload.name);
      assertLessOrEqual(over, options.strict || options.isolates === 1 ? 0 : 0.1, workload.name);
      if (!options.strict) assertLessOrEqual(waitP99Ms, 40, "two round trips");
    }
  });
}

Deno.test("LeaseLimiter asks KV less than once for 100 refused requests of a flood", async () => {
  const arrivals = Array.from({ length: 36_000 }, (_, n) => ({ at: n * 1_000 / 300, client: 0 }));
  const run = await runFleet(arrivals, BASE);
  const refused = run.decisions.filter(({ allowed }) => !allowed).length;
  assert(refused > 35_000);
  assertLessOrEqual(run.trips, refused / 100);
});
