/**
 * The room of background work, put together: what a room enqueues is run here or by another
 * isolate, at least once, and its result is accepted exactly once. docs/tasks.md tells how.
 */
import { AppError } from "../errors/app_error.ts";
import type { Atomic } from "../kv/kv.ts";
import { sleep, systemTimers } from "../resilience/timers.ts";
import { SECOND } from "../time.ts";
import { countTasks, type TaskCounts } from "./count_tasks.ts";
import type { DeadLetters } from "./dead_letters.ts";
import type { Task } from "./define.ts";
import type { EnqueueOptions, TaskDraft } from "./draft.ts";
import { drain } from "./drain.ts";
import type { createEnqueue, Enqueued, Refused } from "./enqueue.ts";
import { createParts, type TasksOptions } from "./parts.ts";
import { readSeries, type TaskMinute } from "./series.ts";
import { verifyWake } from "./wake.ts";

export interface Tasks {
  /** In a commit of its own. Throws `VALIDATION_FAILED`, `PAYLOAD_TOO_LARGE`, or that KV is out. */
  enqueue<Input>(task: Task<Input>, payload: Input, options?: EnqueueOptions): Promise<Enqueued>;
  /**
   * Your mutations and the task in one commit. `{ ok: false }` when a check of yours failed;
   * `duplicate` when there is a task of the same key, and then your mutations are not written.
   */
  enqueueWith<Input>(
    task: Task<Input>,
    payload: Input,
    build: (atomic: Atomic) => void,
    options?: EnqueueOptions,
  ): Promise<Enqueued | Refused>;
  /** A checked task that is not in KV yet, for `addTo`. */
  draft<Input>(task: Task<Input>, payload: Input, options?: EnqueueOptions): TaskDraft;
  /** Adds a draft to your own commit (2 of its 10 checks with a key, else 1); then `ring()`. */
  addTo(atomic: Atomic, draft: TaskDraft): void;
  /** Any doorbell: looks for work as soon as it can. */
  ring(): void;
  /** The entry of the cron: works until nothing is due, at most `budgetMs` (45 s). */
  tick(budgetMs?: number): Promise<{ readonly moved: number }>;
  start(): void;
  /** Waits `graceMs` (20 s) for what runs, then gives the rest back. */
  stop(graceMs?: number): Promise<void>;
  /** Rings when the wake-up call is signed by another instance of ours. */
  acceptWake(headers: Pick<Headers, "get">): Promise<boolean>;
  readonly deadLetters: DeadLetters;
  counts(): Promise<TaskCounts>;
  /** What happened in the last minutes, oldest first; they are kept for 48 h. */
  series(minutes: number): Promise<TaskMinute[]>;
  /** Tasks that run in this isolate. */
  readonly running: number;
}

const TICK_BUDGET_MS = 45 * SECOND;
/** While a suspect is being claimed, or waits for nobody any more. */
const LOOK_AGAIN_MS = 100;
const STOP_GRACE_MS = 20 * SECOND;

export function createTasks(options: TasksOptions): Tasks {
  const { kv, clock, doorbell = "auto", wake, timers = systemTimers } = options;
  const { worker, poller, bell, enqueue, deadLetters } = createParts(options);
  const isIdle = () => worker.permits.taken === 0 && worker.isOpen;
  const ended = () =>
    worker.permits.taken > 0 ? worker.permits.returned() : sleep(timers, LOOK_AGAIN_MS);

  return {
    ...createEntrances(enqueue),
    deadLetters,
    ring: poller.ring,
    async tick(budgetMs = TICK_BUDGET_MS) {
      return { moved: await drain({ poller, clock, timers, budgetMs, isIdle, ended }) };
    },
    start() {
      if (doorbell !== "off") bell.listen();
      poller.start();
    },
    async stop(graceMs = STOP_GRACE_MS) {
      await poller.stop();
      await worker.stop(graceMs);
    },
    async acceptWake(headers) {
      const isOurs = wake !== undefined && await verifyWake(wake.secret, headers, clock.now());
      if (isOurs) poller.ring();
      return isOurs;
    },
    counts: () => countTasks(kv, clock.now()),
    series: (minutes) => readSeries(kv, clock.now(), minutes),
    get running() {
      return worker.permits.taken;
    },
  };
}

type Entrances = Pick<Tasks, "enqueue" | "enqueueWith" | "draft" | "addTo">;

function createEntrances({ draft, addTo, enqueue }: ReturnType<typeof createEnqueue>): Entrances {
  return {
    draft,
    addTo,
    async enqueue(task, payload, options) {
      const one = draft(task, payload, options);
      const enqueued = await enqueue(one);
      if (enqueued.ok) return enqueued;
      // Two raced for a key whose time was over: the second look finds the winner's task.
      const again = await enqueue(one);
      if (again.ok) return again;
      throw new AppError("CONFLICT");
    },
    enqueueWith: (task, payload, build, options) => enqueue(draft(task, payload, options), build),
  };
}
