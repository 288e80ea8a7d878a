/**
 * `deno task bench:tasks`: what "never lost" comes to, in figures. Simulated fleets, real processes
 * that are killed, frozen and cut off, speed, and the dead letters. Prints, and keeps the last whole
 * result in bench/results/tasks.txt. With names as arguments (`simulation`, `speed`, `dead`,
 * `faults`, `show1`, and `mail`, which takes seven minutes and is run by name alone) it runs only
 * those and keeps nothing.
 */
import { createCommand, eachOf, readWords } from "../ops/command_line.ts";
import { measureDead } from "./tasks/dead.ts";
import { measureDiskFull } from "./tasks/disk_full.ts";
import { FAULTS_5_3_3, runScenario, SCENARIOS } from "./tasks/faults.ts";
import { measureMailOutage } from "./tasks/mail_outage.ts";
import { simulate } from "./tasks/simulation.ts";
import {
  measureBorn,
  measureBornLatency,
  measureEnqueue,
  measureIndex,
  measurePollerLatency,
  quantile,
} from "./tasks/speed.ts";

const SEEDS = 10_000;
const median = (values: readonly number[]) => quantile(values, 0.5);
const ms = (value: number) => `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ms`;

async function simulation(): Promise<string[]> {
  const startedAt = performance.now();
  const totals = { tasks: 0, starts: 0, lostLeases: 0, kills: 0, virtualSeconds: 0 };
  const failing: string[] = [];
  for (let seed = 0; seed < SEEDS; seed++) {
    const { violations, ...run } = await simulate(seed);
    for (const name of Object.keys(totals) as (keyof typeof totals)[]) totals[name] += run[name];
    if (violations.length > 0) failing.push(`seed ${seed}: ${violations.join("; ")}`);
  }
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(0);
  return [
    `F11 simulation: ${SEEDS} seeds, ${failing.length} with violations, in ${seconds} s`,
    `    ${totals.tasks} tasks, ${totals.starts} starts, ${totals.kills} kills, ` +
    `${totals.lostLeases} lost leases, ${(totals.virtualSeconds / 3_600).toFixed(0)} virtual hours`,
    ...failing.slice(0, 10),
  ];
}

async function speed(): Promise<string[]> {
  const rounds = async (measure: () => Promise<number>) => {
    const rates = [await measure(), await measure(), await measure()];
    return `${median(rates).toFixed(0)} tasks/s (${rates.map((rate) => rate.toFixed(0))})`;
  };
  const born: number[][] = [];
  for (let round = 0; round < 5; round++) born.push(await measureBornLatency(400));
  const bornP99 = median(born.map((times) => quantile(times, 0.99)));
  const poller = await measurePollerLatency(60);
  const { aloneMs, withTaskMs } = await measureEnqueue(500);
  return [
    `S4 one process, no-op handlers, medians of rounds`,
    `    by the index ${await rounds(() => measureIndex(3_000))}; bar 400`,
    `    born-leased ${await rounds(() => measureBorn(5_000))}; bar 1000`,
    `    start born-leased p50 ${ms(median(born.flat()))}, p99 ${ms(bornP99)}; bar 20 ms`,
    `    start by the poller p50 ${ms(median(poller))}, p99 ${ms(quantile(poller, 0.99))}; bar 2 s`,
    `    a commit ${ms(aloneMs)}, with a task in it ${ms(withTaskMs)}: adds ` +
    `${ms(withTaskMs - aloneMs)}; bar 3 ms`,
  ];
}

async function dead(): Promise<string[]> {
  const { pages, statsMs, dryRun, clear, drift } = await measureDead(20_000);
  return [
    `S5 20,000 dead letters, pages of 25, p99 the median of 5 rounds of 300; bar 10 ms`,
    ...pages.map(({ filter, p50, p99 }) => `    filter ${filter}: p50 ${ms(p50)}, p99 ${ms(p99)}`),
    `    stats ${ms(statsMs)}`,
    `    clear without confirm: would delete ${dryRun.wouldDelete}, deleted ${dryRun.deleted}, ` +
    `${ms(dryRun.ms)}`,
    `    clear: deleted ${clear.deleted} in ${ms(clear.ms)}, ${clear.left} left, ` +
    `${drift} counters differ from a scan; bar 5 s`,
  ];
}

async function faults(): Promise<string[]> {
  const rows: string[] = [];
  for (const scenario of SCENARIOS) {
    const { row } = await runScenario(scenario);
    console.error(row);
    rows.push(row);
  }
  const full = await measureDiskFull();
  rows.push(
    `F12 disk full: ${full.accepted} accepted, ${full.refused} refused (${full.otherErrors} not as ` +
      `503), records without their rows ${full.recordsWithoutRows}, accepted but missing ` +
      `${full.acceptedMissing}`,
  );
  return rows;
}

async function show1(): Promise<string[]> {
  const { row } = await runScenario({
    name: "S1 10,000 tasks, 4 processes, 50 kill -9, KV faults 5/3/3 %",
    options: {
      tasks: 10_000,
      processes: 4,
      leaseMs: 6_000,
      kills: 50,
      killEveryMs: 1_500,
      limitMs: 900_000,
      settingsOf: () => ({ faults: FAULTS_5_3_3 }),
    },
  });
  return [row];
}

async function mail(): Promise<string[]> {
  const { ordered, delivered, twice, putOff, halfSeconds, lastSeconds, dead } =
    await measureMailOutage();
  return [
    `Mail: three minutes without SMTP, then a minute of greylisting: ${delivered} of ${ordered} mails ` +
    `delivered, ${twice} of them twice`,
    `    half of them ${halfSeconds.toFixed(0)} s after the server's return, the last ` +
    `${lastSeconds.toFixed(0)} s; ${putOff} times 451`,
    `    dead letters: ${dead.length}`,
    ...dead.map((line) => `      ${line}`),
  ];
}

const parts: Readonly<Record<string, () => Promise<string[]>>> = {
  simulation,
  speed,
  dead,
  faults,
  show1,
};
/** Takes too long to be part of every run. */
const byNameAlone = { mail };
const known: typeof parts = { ...parts, ...byNameAlone };
const command = createCommand("deno task bench:tasks", 'What "never lost" comes to, in figures.')
  .argument("[parts...]", `some of ${Object.keys(known).join(", ")}`, eachOf(Object.keys(known)));
const named: readonly string[] = readWords(command).processedArgs[0] ?? [];
const chosen = named.length > 0 ? named : Object.keys(parts);
const cpu = Deno.readTextFileSync("/proc/cpuinfo").match(/model name\s*: (.*)/)?.[1] ?? "unknown";
const lines = [
  `gatehouse bench:tasks, ${new Date().toISOString().slice(0, 10)}, Deno ${Deno.version.deno}, ` +
  `${navigator.hardwareConcurrency} cores of ${cpu}, shared`,
];
for (const name of chosen) {
  const rows = await known[name]();
  console.log(rows.join("\n"));
  lines.push("", ...rows);
}
if (named.length === 0) {
  const results = new URL("results/tasks.txt", import.meta.url);
  Deno.writeTextFileSync(results, lines.join("\n") + "\n");
}
