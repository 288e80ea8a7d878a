/**
 * A fleet of real processes on one KV file: tasks are put in, processes run, are killed, frozen
 * and stopped, and at the end everything is held against what was promised.
 */
import { fileURLToPath } from "node:url";
import type { Kv } from "../../src/kv/kv.ts";
import { openKv } from "../../src/kv/open.ts";
import { silentLog } from "../../src/log.ts";
import { createTasks } from "../../src/tasks/tasks.ts";
import { systemClock } from "../../src/time.ts";
import { seededRandom } from "../../tests/_fault_kv.ts";
import { spawnChild } from "../../tests/_child.ts";
import { type Audit, audit, countRows } from "./audit.ts";
import { fleetTasks, type WorkerSettings } from "./fleet_worker.ts";
import { type FleetKind, planFleet } from "./plan.ts";

export interface FleetOptions {
  readonly tasks: number;
  readonly processes: number;
  readonly leaseMs?: number;
  readonly concurrency?: number;
  readonly without?: readonly FleetKind[];
  readonly seed?: number;
  /** Kill -9 at random moments. */
  readonly kills?: number;
  readonly killEveryMs?: number;
  /** Per process, by its place in the fleet. */
  readonly settingsOf?: (place: number) => Partial<WorkerSettings>;
  /** Runs beside the fleet; it may freeze or stop processes. */
  readonly disturb?: (fleet: FleetControl) => Promise<void>;
  readonly limitMs: number;
}

export interface FleetControl {
  readonly kv: Kv;
  pause(ms: number): Promise<void>;
  /** Sends a signal to the process at this place. */
  signal(place: number, signal: Deno.Signal): void;
}

export interface FleetResult extends Audit {
  readonly seconds: number;
  readonly kills: number;
  readonly deaths: number;
  readonly timedOut: boolean;
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Drafts that one commit can check. */
const DRAFTS = 9;

export async function runFleet(options: FleetOptions): Promise<FleetResult> {
  const folder = await Deno.makeTempDir({ prefix: "gatehouse-fleet-" });
  const path = `${folder}/kv.sqlite3`;
  const kv = await openKv({ path, clock: systemClock, log: silentLog, deadlineMs: 30_000 });
  try {
    const promised = await fill(kv, options);
    const fleet = new Processes(options, folder, path);
    const startedAt = performance.now();
    const disturbed = Promise.all([
      fleet.killAtRandom(),
      options.disturb?.({ kv, pause, signal: (place, signal) => fleet.signal(place, signal) }),
    ]);
    const isEmpty = await untilEmpty(kv, disturbed, startedAt + options.limitMs);
    await fleet.end();
    const { kills, deaths } = fleet;
    const seconds = (performance.now() - startedAt) / 1_000;
    const result = await audit(kv, folder, promised);
    return { ...result, seconds, kills, deaths, timedOut: !isEmpty };
  } finally {
    kv.close();
    await Deno.remove(folder, { recursive: true });
  }
}

/** Puts the tasks in by the outbox, as a caller would. */
async function fill(kv: Kv, options: FleetOptions) {
  const { tasks: count, leaseMs = 6_000, seed = 1, without } = options;
  const { plain, newer } = fleetTasks(() => {}, () => Promise.resolve());
  const tasks = createTasks({
    kv,
    clock: systemClock,
    log: silentLog,
    metrics: { taskOutcomes: { add() {} }, watch() {} },
    definitions: [plain, newer],
    doorbell: "off",
  });
  const random = seededRandom(seed);
  const drafts = planFleet(count, leaseMs, random, without).map((payload) =>
    tasks.draft(random() < 0.5 ? plain : newer, payload)
  );
  for (let from = 0; from < drafts.length; from += DRAFTS) {
    await kv.commit((atomic) => {
      for (const draft of drafts.slice(from, from + DRAFTS)) tasks.addTo(atomic, draft);
    });
  }
  await tasks.stop(0);
  return drafts.map(({ id }) => id);
}

async function untilEmpty(kv: Kv, disturbed: Promise<unknown>, deadline: number): Promise<boolean> {
  let isDisturbed = true;
  disturbed.then(() => isDisturbed = false);
  while (performance.now() < deadline) {
    if (!isDisturbed && await countRows(kv) === 0) return true;
    await pause(250);
  }
  return false;
}

class Processes {
  kills = 0;
  deaths = 0;
  readonly #options: FleetOptions;
  readonly #folder: string;
  readonly #path: string;
  readonly #children: Deno.ChildProcess[] = [];
  readonly #watched: Promise<void>[] = [];
  readonly #random: () => number;
  #spawned = 0;
  #isOver = false;

  constructor(options: FleetOptions, folder: string, path: string) {
    this.#options = options;
    this.#folder = folder;
    this.#path = path;
    this.#random = seededRandom((options.seed ?? 1) + 1);
    for (let place = 0; place < options.processes; place++) this.#launch(place);
  }

  /** Starts the process of a place, and another one when it is gone. */
  #launch(place: number): void {
    const number = ++this.#spawned;
    const { leaseMs = 6_000, concurrency = 8, seed = 1, settingsOf } = this.#options;
    const settings: WorkerSettings = {
      path: this.#path,
      logPath: `${this.#folder}/${number}.log`,
      leaseMs,
      concurrency,
      seed: seed * 1_000 + number,
      ...settingsOf?.(place),
    };
    const script = fileURLToPath(new URL("./fleet_worker.ts", import.meta.url));
    const args = ["run", "-A", "--quiet", "--no-check", script, JSON.stringify(settings)];
    const child = spawnChild(Deno.execPath(), {
      args,
      stdout: "null",
      stderr: Deno.env.get("FLEET_DEBUG") ? "inherit" : "null",
    });
    this.#children[place] = child;
    this.#watched.push(child.status.then(() => {
      if (this.#isOver) return;
      this.deaths++;
      this.#launch(place);
    }));
  }

  signal(place: number, signal: Deno.Signal): void {
    try {
      this.#children[place].kill(signal);
    } catch {
      // It is gone already, by a poison task; its successor is on the way.
    }
  }

  async killAtRandom(): Promise<void> {
    const { kills = 0, killEveryMs = 700, processes } = this.#options;
    while (this.kills < kills && !this.#isOver) {
      await pause(killEveryMs * (0.5 + this.#random()));
      this.signal(Math.floor(this.#random() * processes), "SIGKILL");
      this.kills++;
    }
  }

  async end(): Promise<void> {
    this.#isOver = true;
    for (let place = 0; place < this.#children.length; place++) this.signal(place, "SIGKILL");
    await Promise.all(this.#watched);
  }
}
