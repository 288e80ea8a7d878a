/** The fault tests of notes/tasks.md section 2, each a fleet and what its figures must be. */
import type { Faults } from "../../tests/_fault_kv.ts";
import { faultsOf } from "./audit.ts";
import { type FleetControl, type FleetOptions, type FleetResult, runFleet } from "./fleet.ts";

/** 5 % of commits fail before, 3 % after they were applied, 3 % of reads fail. */
export const FAULTS_5_3_3: Faults = { error: 0.05, lostReply: 0.03, readError: 0.03 };
const FAULTS_10_5_5: Faults = { error: 0.1, lostReply: 0.05, readError: 0.05 };

const LEASE_MS = 6_000;
const LIMIT_MS = 300_000;
/** Tasks that run at once in a process of the fleet. */
const CONCURRENCY = 8;

export interface Scenario {
  readonly name: string;
  readonly options: FleetOptions;
  /** What must hold beyond what always must (audit.ts), as sentences of what did not. */
  readonly wrong?: (result: FleetResult) => (string | false)[];
}

const none = (what: "extraStarts" | "lapsedLeases") => (result: FleetResult) =>
  result[what] > 0 && `${what} ${result[what]}`;

/** A clock that is wrong by more than this share of a lease may lose tasks to others; see notes F5. */
const SKEW_BORNE = 2 / 3;

const notFenced = ({ extraStarts, fenced }: FleetResult) =>
  extraStarts > fenced && `${extraStarts - fenced} extra starts whose loser was not fenced`;

async function freezeOne({ pause, signal }: FleetControl): Promise<void> {
  await pause(3_000);
  signal(0, "SIGSTOP");
  await pause(LEASE_MS * 1.5);
  signal(0, "SIGCONT");
}

async function stopAll({ pause, signal }: FleetControl): Promise<void> {
  for (let round = 0; round < 3; round++) {
    await pause(2_500);
    for (let place = 0; place < 4; place++) signal(place, "SIGTERM");
  }
}

const base = { tasks: 1_000, processes: 4, leaseMs: LEASE_MS, limitMs: LIMIT_MS } as const;
const calm = { ...base, without: ["poison"] } as const;

export const SCENARIOS: readonly Scenario[] = [
  {
    name: "F2 KV faults 10/5/5 % alone",
    options: { ...calm, settingsOf: () => ({ faults: FAULTS_10_5_5 }) },
    wrong: (result) => [none("extraStarts")(result)],
  },
  {
    name: "F3 KV out for 10 s, lease 6 s",
    options: {
      ...calm,
      tasks: 3_000,
      settingsOf: () => ({ outage: { afterMs: 2_500, forMs: 10_000 } }),
    },
    wrong: ({ extraStarts, deaths }) => [
      extraStarts > 4 * CONCURRENCY && `extraStarts ${extraStarts}`,
      deaths > 0 && `${deaths} processes ended`,
    ],
  },
  {
    name: "F4 12 kills and KV faults 5/3/3 %",
    options: { ...base, kills: 12, settingsOf: () => ({ faults: FAULTS_5_3_3 }) },
  },
  ...[3_000, 5_400, 30_000].map((skewMs) => ({
    name: `F5 one clock ${skewMs / 1_000} s ahead, lease 6 s`,
    options: { ...calm, settingsOf: (place: number) => ({ skewMs: place === 0 ? skewMs : 0 }) },
    wrong: (result: FleetResult) => [
      skewMs < LEASE_MS * SKEW_BORNE ? none("extraStarts")(result) : notFenced(result),
    ],
  })),
  {
    name: "F6 one process frozen for 1.5 leases",
    options: { ...calm, tasks: 2_000, disturb: freezeOne },
    wrong: ({ extraStarts }) => [extraStarts > CONCURRENCY && `extraStarts ${extraStarts}`],
  },
  {
    name: "F7 pollers, queue and two crons at once",
    options: { ...calm, settingsOf: () => ({ cronMs: 100 }) },
    wrong: (result) => [none("extraStarts")(result)],
  },
  {
    name: "F8 poison among 8 healthy ones, 1 process",
    options: { ...base, tasks: 400, processes: 1 },
  },
  {
    name: "F9 SIGTERM to all, three times, under load",
    options: { ...calm, tasks: 3_000, disturb: stopAll },
    wrong: (result) => [none("lapsedLeases")(result)],
  },
  {
    name: "F10 half of the processes do not know a name",
    options: {
      ...calm,
      settingsOf: (place) => ({ unknown: place % 2 ? ["fleet.newer"] : [] }),
    },
    wrong: ({ namesByLog }) => [
      namesByLog.filter((names) => names.includes("fleet.newer")).length > 2 &&
      "an old process ran a new name",
    ],
  },
  {
    name: "S3 nothing rings but a cron, KV without queues, 6 kills",
    options: {
      ...base,
      kills: 6,
      settingsOf: () => ({ cronMs: 4_000, cronOnly: true, remote: true }),
    },
  },
];

/** Runs one; the row of the table and whether all figures are as they must be. */
export async function runScenario({ name, options, wrong }: Scenario) {
  const result = await runFleet(options);
  const problems = [
    ...faultsOf(result),
    ...(wrong?.(result) ?? []).filter((problem) => problem !== false),
    ...(result.timedOut ? ["did not end in time"] : []),
  ];
  const { tasks, lost, healthyDead, finishedTwice, deadLetters, deadLettersExpected } = result;
  const {
    extraStarts,
    lapsedLeases,
    unexplained,
    effectsTwice,
    fenced,
    released,
    deaths,
    seconds,
  } = result;
  const figures = [
    `${tasks} tasks`,
    `lost ${lost}`,
    `healthy dead ${healthyDead}`,
    `finished twice ${finishedTwice}`,
    `dead letters ${deadLetters} of ${deadLettersExpected}`,
    `extra starts ${extraStarts} (lapsed leases ${lapsedLeases}, unexplained ${unexplained})`,
    `effects twice ${effectsTwice}`,
    `fenced ${fenced}, released ${released}`,
    `process deaths ${deaths}`,
    `${seconds.toFixed(0)} s`,
  ];
  const verdict = problems.length === 0 ? "holds" : `DOES NOT HOLD: ${problems.join("; ")}`;
  return { row: `${name}: ${verdict}\n    ${figures.join(", ")}`, holds: problems.length === 0 };
}
