/** Builds the parts of the room once and introduces them: who claims, runs, sweeps, rings. */
import type { Kv } from "../kv/kv.ts";
import type { TaskRecord } from "../kv/task_record.ts";
import type { Log } from "../log.ts";
import { systemTimers, type Timers } from "../resilience/timers.ts";
import { type Clock, SECOND } from "../time.ts";
import type { Audit } from "./change_task.ts";
import { createDeadLetters } from "./dead_letters.ts";
import type { Task } from "./define.ts";
import { createEnqueue } from "./enqueue.ts";
import { type Categorize, categorizePlainly } from "./judge.ts";
import { createPoller } from "./poller.ts";
import { createQueueBell } from "./queue_bell.ts";
import { createRecover } from "./recover.ts";
import type { RunEnd } from "./run.ts";
import { runSchedules, type Schedule } from "./schedules.ts";
import { createSweep } from "./sweep.ts";
import { createTakeDue } from "./take_due.ts";
import { createUpkeep } from "./upkeep.ts";
import { createWakeCaller } from "./wake.ts";
import { createWorker } from "./worker.ts";

/** What is counted; the catalog of metrics fits. */
export interface TaskMetrics {
  readonly taskOutcomes: { add(outcome: string): void };
  watch(gauge: "tasksRunning", read: () => number): void;
}

export interface TasksOptions {
  readonly kv: Kv;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: TaskMetrics;
  readonly definitions: readonly Task<unknown>[];
  readonly schedules?: readonly Schedule[];
  readonly categorize?: Categorize;
  /** Writes down who changed a dead letter, in the change's own commit. */
  readonly audit?: Audit;
  /** Tasks at once in this isolate; 10 when absent. */
  readonly concurrency?: number;
  /** How long a task is left to an isolate that says nothing; 30 s when absent. */
  readonly leaseMs?: number;
  /** Pauses between looks while there is work and while there is none; 1 s and 15 s. */
  readonly poll?: { readonly minMs: number; readonly maxMs: number };
  /** Whether KV's own queue rings too; `auto` = where there is one. */
  readonly doorbell?: "auto" | "kvqueue" | "off";
  /** Another instance to wake when there is no room here, and the secret that both share. */
  readonly wake?: { readonly url?: string; readonly secret: string; readonly fetch: typeof fetch };
  readonly timers?: Timers;
  /** 0 (included) to 1 (excluded). */
  readonly random?: () => number;
  readonly newId?: () => string;
}

const CONCURRENCY = 10;
const LEASE_MS = 30 * SECOND;
const POLL = { minMs: SECOND, maxMs: 15 * SECOND };

/** What all parts need, with the defaults filled in. */
function withDefaults(options: TasksOptions) {
  const { timers = systemTimers, random = Math.random, leaseMs = LEASE_MS } = options;
  const { newId = () => crypto.randomUUID(), categorize = categorizePlainly } = options;
  const { audit = () => {}, concurrency = CONCURRENCY } = options;
  const { kv, clock, log } = options;
  const byName = new Map<string, Task<unknown>>();
  return {
    ...{ kv, clock, log, timers, random, leaseMs, newId, categorize, audit, concurrency, byName },
    workerId: newId(),
    taskOf: (name: string) => byName.get(name),
  };
}

export function createParts(options: TasksOptions) {
  const { metrics, doorbell = "auto", poll = POLL } = options;
  const common = withDefaults(options);
  const { kv, clock, log } = common;
  const note = createNotes(log, metrics);

  const worker = createWorker({
    ...common,
    onEnd(end, { held: { record } }) {
      note.ended(end, record);
      takeDue.ended(record.name);
      const isWaiting = record.status === "retrying" || record.status === "pending";
      if (isWaiting) onWaiting(record.at, record.id);
      poller.freed();
    },
  });
  const takeDue = createTakeDue({ ...common, worker });
  const bell = createQueueBell({ kv, clock, log, onRing: () => poller.ring() });
  const callOther = createCaller(options);
  const onWaiting = (at: number, id: string) => {
    poller.ringAt(at);
    if (doorbell !== "off") void bell.ring(id, at);
    if (at <= clock.now() && worker.permits.free === 0) void callOther();
  };
  const enqueue = createEnqueue({ ...common, worker, onWaiting });
  const deadLetters = createDeadLetters({ ...common, onWaiting });
  const upkeep = createUpkeep(common);
  for (const task of [...options.definitions, upkeep.task]) addTo(common.byName, task);
  const schedules = [...options.schedules ?? [], upkeep.schedule];
  const sweep = createSweep({
    clock,
    takeDue,
    recover: createRecover({ ...common, holds: worker.holds, onRecover: note.recovered }),
    runSchedules: () => runSchedules({ kv, clock, schedules, enqueue }),
    clearUnheard: () => doorbell === "off" ? Promise.resolve(0) : bell.clearUnheard(),
    onSuspects: (running) => void running.catch(note.suspectsLeft).finally(() => poller.ring()),
  });
  const poller = createPoller({ ...common, ...poll, sweep });
  metrics.watch("tasksRunning", () => worker.permits.taken);
  return { worker, poller, bell, enqueue, deadLetters };
}

/** What wakes the other instance, when there is one. */
function createCaller({ wake, clock, log }: TasksOptions): () => Promise<void> {
  if (!wake?.url) return () => Promise.resolve();
  return createWakeCaller({ ...wake, url: wake.url, clock, log });
}

/** What is counted and logged. */
function createNotes(log: Log, { taskOutcomes }: TaskMetrics) {
  return {
    ended(end: RunEnd, record: TaskRecord) {
      taskOutcomes.add(end);
      logEnd(log, end, record);
    },
    recovered(id: string, name: string, isDead: boolean) {
      taskOutcomes.add(isDead ? "poisoned" : "recovered");
      log.warn(isDead ? "task.poisoned" : "task.recovered", { id, task: name });
    },
    suspectsLeft: (cause: unknown) => log.warn("tasks.suspects_left", { cause }),
  };
}

/** Ends that need a person's eye are logged as such; a success is only counted. */
function logEnd(log: Log, end: RunEnd, record: TaskRecord): void {
  if (end === "succeeded") return;
  const { id, name: task, attempts, correlationId, history } = record;
  const { category, code, message } = end === "failed" || end === "dead"
    ? history.at(-1) ?? {}
    : {};
  const fields = { id, task, attempts, correlationId, category, code, message };
  if (end === "dead") log.error("task.dead", fields);
  else log.info(`task.${end}`, fields);
}

function addTo(byName: Map<string, Task<unknown>>, task: Task<unknown>): void {
  if (byName.has(task.name)) throw new RangeError(`Two tasks are called "${task.name}"`);
  byName.set(task.name, task);
}
