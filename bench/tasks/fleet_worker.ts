/**
 * One process of a fleet: opens the file, runs what is due, and writes every start and end of a
 * handler to a file of its own before it goes on, so that the log outlives a kill.
 */
import { openKv } from "../../src/kv/open.ts";
import { createLog } from "../../src/log.ts";
import { defineTask, type Task } from "../../src/tasks/define.ts";
import { createTasks } from "../../src/tasks/tasks.ts";
import { PermanentError } from "../../src/tasks/verdicts.ts";
import { systemClock } from "../../src/time.ts";
import { createFaultKv, type Faults, seededRandom } from "../../tests/_fault_kv.ts";
import { fleetPayload } from "./plan.ts";

export interface WorkerSettings {
  readonly path: string;
  readonly logPath: string;
  readonly leaseMs: number;
  readonly concurrency: number;
  readonly faults?: Faults;
  /** A KV outage: from so long after the start, for so long. */
  readonly outage?: { readonly afterMs: number; readonly forMs: number };
  readonly skewMs?: number;
  /** A cron of this period, each of whose ticks may be late by half. */
  readonly cronMs?: number;
  /** Whether nothing rings but the cron. */
  readonly cronOnly?: boolean;
  readonly remote?: boolean;
  /** Names that this version of the code does not know. */
  readonly unknown?: readonly string[];
  readonly seed: number;
}

export const FLEET_RETRY = { attempts: 5, baseMs: 100, capMs: 1_000 };

/** The definitions, also for who only enqueues: then `run` is never called. */
export function fleetTasks(
  write: (line: string) => void,
  child: (id: string) => Promise<unknown>,
): { plain: Task<unknown>; newer: Task<unknown> } {
  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  const define = (name: string) =>
    defineTask({
      name,
      schema: fleetPayload,
      retry: FLEET_RETRY,
      async run({ kind, ms }, { id, attempt }) {
        write(`S ${id} ${name}`);
        await pause(ms);
        if (kind === "poison") Deno.kill(Deno.pid, "SIGKILL");
        if (kind === "failing" || kind === "flaky" && attempt < 3) throw new Error("as planned");
        if (kind === "permanent") throw new PermanentError("as planned");
        if (kind === "parent") await child(id);
        write(`E ${id} ${name}`);
      },
    });
  return { plain: define("fleet.plain"), newer: define("fleet.newer") };
}

if (import.meta.main) await work(JSON.parse(Deno.args[0]));

async function work(settings: WorkerSettings): Promise<void> {
  const { path, logPath, leaseMs, concurrency, faults, outage, skewMs = 0, seed } = settings;
  const raw = await createFaultKv({
    over: await Deno.openKv(path),
    seed,
    remote: settings.remote,
  });
  const clock = { ...systemClock, now: () => Date.now() + skewMs };
  const log = createLog({ level: "warn", clock });
  const kv = await openKv({ path, raw, clock, log, deadlineMs: 5_000 });
  const file = await Deno.open(logPath, { append: true, create: true });
  const encoder = new TextEncoder();
  const write = (line: string) => void file.writeSync(encoder.encode(`${line}\n`));
  const { plain, newer } = fleetTasks(
    write,
    (id) => tasks.enqueue(plain, { kind: "plain", ms: 5 }, { key: `child of ${id}` }),
  );
  const tasks = createTasks({
    kv,
    clock,
    log,
    leaseMs,
    concurrency,
    random: seededRandom(seed),
    metrics: {
      taskOutcomes: {
        add(outcome) {
          if (outcome === "fenced") write("X");
          if (outcome === "released") write("L");
        },
      },
      watch() {},
    },
    poll: { minMs: 250, maxMs: 1_000 },
    definitions: [plain, newer].filter(({ name }) => !settings.unknown?.includes(name)),
    doorbell: settings.cronOnly ? "off" : "auto",
  });
  if (faults) raw.inject(faults);
  if (outage) {
    setTimeout(() => raw.inject({ error: 1 }), outage.afterMs);
    setTimeout(() => raw.inject(faults ?? {}), outage.afterMs + outage.forMs);
  }
  Deno.addSignalListener("SIGTERM", async () => {
    await tasks.stop(2_000);
    Deno.exit(0);
  });
  if (!settings.cronOnly) tasks.start();
  const { cronMs } = settings;
  while (cronMs !== undefined) {
    await tasks.tick(cronMs * 0.75);
    await new Promise((resolve) => setTimeout(resolve, cronMs * (0.5 + Math.random())));
  }
}
