/**
 * Runs traffic through a fleet of isolates in virtual time. Each isolate has its own limiter, its
 * own clock and its own line to one KV. The limiter is the real one unless another is given.
 */
import { createLeaseLimiter } from "../../src/limits/lease_limiter.ts";
import type { LeaseLimit } from "../../src/limits/lease_limiter.ts";
import type { LeaseStore } from "../../src/limits/lease_store.ts";
import type { Clock } from "../../src/time.ts";
import { seeded, VirtualTime } from "./kernel.ts";
import type { Decision } from "./score.ts";
import { type Line, type Traffic, VirtualKv } from "./virtual_kv.ts";
import type { Arrival } from "./workloads.ts";

export interface FleetOptions {
  readonly seed: number;
  readonly isolates: number;
  readonly rttMs: number;
  readonly quota: number;
  readonly windowMs: number;
  readonly strict: boolean;
  /** Share of requests that go to the client's home isolate; the others go anywhere. */
  readonly sticky: number;
  /** How far clocks are off, either way, and how far the limiter is told they may be. */
  readonly skewMs?: number;
  readonly clockSkewMs?: number;
  /** Share of KV calls without a reply. */
  readonly loss?: number;
  /** How often an isolate dies and another takes its place, in milliseconds; never without. */
  readonly lifeMs?: number;
  readonly createTaker?: (isolate: IsolateParts) => Taker;
}

/** What a limiter in an isolate is made of. */
export interface IsolateParts {
  readonly store: LeaseStore;
  readonly clock: Clock;
  readonly isolates: () => number;
  readonly random: () => number;
  readonly clockSkewMs?: number;
  readonly limit: LeaseLimit;
}

/** Decides whether a client's request may pass. */
export type Taker = (client: number, cost: number) => boolean | Promise<boolean>;

export interface FleetRun {
  readonly decisions: readonly Decision[];
  readonly traffic: Traffic;
  readonly trips: number;
  /** Isolates that ever were. */
  readonly isolates: number;
  /** Requests that could not be decided because KV did not answer. */
  readonly failures: number;
}

interface Isolate {
  readonly take: Taker;
  readonly line: Line;
  dead: boolean;
}

export async function runFleet(
  arrivals: readonly Arrival[],
  options: FleetOptions,
): Promise<FleetRun> {
  const random = seeded(options.seed);
  const time = new VirtualTime();
  const kv = new VirtualKv(time, random);
  const decisions: Decision[] = [];
  let failures = 0;
  let born = 0;

  const bear = () => {
    born++;
    return createIsolate(time, kv, random, options);
  };
  const fleet = Array.from({ length: options.isolates }, bear);

  const arrive = ({ client, cost = 1 }: Arrival) => {
    const isolate = fleet[route(client, options, random)];
    const askedAt = time.nowMs;
    const decide = (allowed: boolean) => {
      if (!isolate.dead) decisions.push({ client, askedAt, decidedAt: time.nowMs, allowed, cost });
    };
    const verdict = isolate.take(client, cost);
    if (typeof verdict === "boolean") return decide(verdict);
    verdict.then(decide, () => {
      failures++;
      decide(false);
    });
  };
  for (const arrival of arrivals) time.after(arrival.at, () => arrive(arrival));

  const { lifeMs = Infinity } = options;
  const endMs = arrivals.at(-1)?.at ?? 0;
  for (let at = lifeMs; at < endMs; at += lifeMs) {
    time.after(at, () => {
      const index = Math.floor(random() * fleet.length);
      fleet[index].dead = true;
      fleet[index].line.cut();
      fleet[index] = bear();
    });
  }
  await time.run();
  return { decisions, traffic: kv.traffic, trips: kv.trips, isolates: born, failures };
}

function createIsolate(
  time: VirtualTime,
  kv: VirtualKv,
  random: () => number,
  options: FleetOptions,
): Isolate {
  const line = kv.line({ rttMs: options.rttMs, loss: options.loss });
  const skewMs = (2 * random() - 1) * (options.skewMs ?? 0);
  const { isolates, quota, windowMs, strict, clockSkewMs, createTaker = leaseTaker } = options;
  const take = createTaker({
    store: line,
    clock: time.clock(skewMs),
    isolates: () => isolates,
    random,
    clockSkewMs,
    limit: { name: "ip", quota, windowMs, strict },
  });
  return { take, line, dead: false };
}

function leaseTaker({ limit, ...parts }: IsolateParts): Taker {
  const limiter = createLeaseLimiter(parts);
  return (client, cost) => {
    const verdict = limiter.take([{ limit, subject: `c${client}` }], cost);
    return verdict instanceof Promise ? verdict.then(({ allowed }) => allowed) : verdict.allowed;
  };
}

function route(client: number, options: FleetOptions, random: () => number): number {
  return random() < options.sticky
    ? (Math.imul(client, 2654435761) >>> 0) % options.isolates
    : Math.floor(random() * options.isolates);
}
