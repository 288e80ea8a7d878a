/**
 * The limiter and what others do, on the same simulated traffic: notes/limits.md 3.3, made anew.
 *
 *     deno run -A bench/simulate.ts            # prints the tables
 *     deno run -A bench/simulate.ts --save     # and keeps them in bench/results/simulate.txt
 */
import { createCommand, readWords } from "../ops/command_line.ts";
import { leasedTwoBuckets, strictTwoBuckets } from "./simulate/baselines.ts";
import { type FleetOptions, runFleet } from "./simulate/fleet.ts";
import { seeded } from "./simulate/kernel.ts";
import { score } from "./simulate/score.ts";
import { attack, burst, poisson, steady, type Workload } from "./simulate/workloads.ts";

const BASE: FleetOptions = {
  seed: 7,
  isolates: 4,
  rttMs: 20,
  quota: 200,
  windowMs: 60_000,
  strict: false,
  sticky: 0,
};

/** Isolates, RTT, and share of requests that go to the client's home isolate. */
const FLEETS = [
  [1, 20, 0],
  [2, 20, 0],
  [8, 20, 0],
  [2, 20, 0.9],
  [2, 80, 0.9],
  [4, 80, 0],
  [8, 80, 0],
] as const;

const lines: string[] = [];
const print = (line = "") => {
  lines.push(line);
  console.log(line);
};

async function measure(workload: Workload, options: FleetOptions) {
  const run = await runFleet(workload.arrivals, options);
  const result = score(run.decisions, options.quota, options.windowMs);
  const { commits, conflicts, writes } = run.traffic;
  return {
    ...result,
    trips: run.trips / result.requests,
    writes: writes / Math.max(1, result.admitted),
    conflicts: conflicts / Math.max(1, commits),
  };
}

const percent = (share: number, digits = 1) => `${(100 * share).toFixed(digits)}%`;
const ms = (value: number) => `${value.toFixed(0)} ms`;

async function compare(name: string, options: FleetOptions, workloads: readonly Workload[]) {
  const cells: string[] = [];
  for (const workload of workloads) {
    const { trips, waitP99Ms, instant, falselyRefused, over } = await measure(workload, options);
    cells.push(
      `${trips.toFixed(3)}, ${ms(waitP99Ms)}, ${percent(instant)}, ${
        percent(falselyRefused, 2)
      }, ` +
        percent(over),
    );
  }
  print(`| ${name} | ${cells.join(" | ")} |`);
}

function header(title: string, columns: readonly string[]) {
  print();
  print(`## ${title}`);
  print(`| | ${columns.join(" | ")} |`);
  print(`|---|${columns.map(() => "---|").join("")}`);
}

async function main() {
  const random = seeded(42);
  const workloads = [poisson(random), burst(random), attack(random)];
  const names = workloads.map(({ name }) => name);
  const { cpus, model } = { cpus: navigator.hardwareConcurrency, model: Deno.build.target };
  const date = new Date(Date.now()).toISOString().slice(0, 10);
  print(`# Simulated rate limiting, ${date}, Deno ${Deno.version.deno}, ${model}, ${cpus} cores`);
  print("Limit 200 a minute. Each cell: KV trips a request, p99 wait of honest requests, share");
  print("of them decided without waiting, share falsely refused, most over the limit in any 60 s.");

  header("Algorithms, 4 isolates, RTT 20 ms, each request to any isolate", names);
  await compare("two buckets, get + CAS", { ...BASE, createTaker: strictTwoBuckets }, workloads);
  await compare("two buckets, leased", { ...BASE, createTaker: leasedTwoBuckets }, workloads);
  await compare("ring lease, strict (G0)", { ...BASE, strict: true }, workloads);
  await compare("ring lease (Go)", BASE, workloads);

  header("Ring lease on other fleets", names);
  for (const [isolates, rttMs, sticky] of FLEETS) {
    const name = `${isolates} isolates, ${rttMs} ms${sticky ? ", 90% to the home isolate" : ""}`;
    await compare(name, { ...BASE, isolates, rttMs, sticky }, workloads);
  }
  await nearTheLimit();
  if (isKept) {
    await Deno.writeTextFile(
      new URL("results/simulate.txt", import.meta.url),
      lines.join("\n") + "\n",
    );
  }
}

/** A client that always stays below its limit must never be refused. */
async function nearTheLimit() {
  print();
  print("## A steady client at 90 % of its limit: refused of 10,000 requests, KV trips a request");
  print("| limit a minute | 1 isolate | 2 | 4 | 8 | 8, RTT 80 ms |");
  print("|---|---|---|---|---|---|");
  for (const strict of [false, true]) {
    for (const quota of [200, 60]) {
      const cells: string[] = [];
      for (const [isolates, rttMs] of [[1, 20], [2, 20], [4, 20], [8, 20], [8, 80]]) {
        const options = { ...BASE, quota, strict, isolates, rttMs };
        const { falselyRefused, trips } = await measure(steady(10_000, 0.9 * quota), options);
        cells.push(`${Math.round(falselyRefused * 10_000)}, ${trips.toFixed(2)}`);
      }
      print(`| ${quota}${strict ? " strict" : ""} | ${cells.join(" | ")} |`);
    }
  }
}

const command = createCommand("deno task bench:simulate", "The rate limiter's simulator.")
  .option("--save", "keep its table in bench/results");
const isKept: boolean = readWords(command).opts().save ?? false;
await main();
