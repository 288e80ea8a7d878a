/** Isolates of a test on one KV in memory, with a clock and timers that are turned by hand. */
import { z } from "zod";
import { type Key, keys } from "../../src/kv/keys.ts";
import type { Kv } from "../../src/kv/kv.ts";
import { openKv } from "../../src/kv/open.ts";
import type { TaskRecord } from "../../src/kv/task_record.ts";
import { createLog } from "../../src/log.ts";
import type { Timers } from "../../src/resilience/timers.ts";
import type { Actor, AuditEntry } from "../../src/tasks/change_task.ts";
import { defineTask, type Task, type TaskContext } from "../../src/tasks/define.ts";
import type { TasksOptions } from "../../src/tasks/parts.ts";
import { createTasks, type Tasks } from "../../src/tasks/tasks.ts";
import { type Clock, systemClock } from "../../src/time.ts";
import { createTestClock, type TestClock } from "../_clock.ts";
import { createFaultKv, type FaultKv } from "../_fault_kv.ts";

export const ACTOR: Actor = { id: "acc_admin", requestId: "req_1" };
export const LEASE_MS = 30_000;

export interface Bed extends AsyncDisposable {
  readonly kv: Kv;
  readonly raw: FaultKv;
  readonly clock: TestClock;
  readonly lines: string[];
  /** Outcomes that were counted, of all isolates. */
  readonly outcomes: string[];
  readonly audited: { readonly entry: AuditEntry; readonly actor: Actor }[];
  /** Another isolate; nothing rings in it unless it is started or ticked. */
  isolate(definitions: readonly Task<unknown>[], options?: Partial<TasksOptions>): Tasks;
  /** The same, whose clock is ahead. */
  isolateAhead(ms: number, definitions: readonly Task<unknown>[]): Tasks;
  /** From now on its heart does not beat, and no handler of it that waits goes on. */
  kill(tasks: Tasks): void;
  /** Turns the clock in steps of a second at most, and lets what is due happen. */
  turn(ms: number): Promise<void>;
  /** Turns the clock second by second until it is so; throws after `withinMs` of its time. */
  turnUntil(withinMs: number, isSo: () => boolean | Promise<boolean>): Promise<void>;
  record(id: string): Promise<TaskRecord>;
}

/** Waits for what real KV calls lead to; throws after 5 s. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 5_000;
  while (!await isSo()) {
    if (performance.now() > deadline) throw new Error(`This never came true: ${isSo}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** Lets KV calls that are under way, and what follows from them, come to an end. */
export async function settle(): Promise<void> {
  for (let round = 0; round < 6; round++) await new Promise((resolve) => setTimeout(resolve, 0));
}

interface Waiting {
  readonly at: number;
  readonly run: () => void;
}

/** The longest step of the clock: shorter than any timer of the room but retries. */
const STEP_MS = 1_000;

export async function createBed(faults: { readonly remote?: boolean } = {}): Promise<Bed> {
  const raw = await createFaultKv(faults);
  const lines: string[] = [];
  const clock = createTestClock();
  const log = createLog({ level: "info", clock, write: (line) => lines.push(line) });
  const kv = await openKv({ path: ":memory:", raw, clock: systemClock, log, deadlineMs: 2_000 });
  const waiting = new Set<Waiting>();
  const dead = new Set<Tasks>();
  /** What one isolate plans happens only while it lives. */
  const timersOf = (tasks: () => Tasks): Timers => ({
    after(ms, run) {
      const at = clock.monotonic() + ms;
      const one = { at, run: () => dead.has(tasks()) || run() };
      waiting.add(one);
      return () => void waiting.delete(one);
    },
  });
  const outcomes: string[] = [];
  const audited: { entry: AuditEntry; actor: Actor }[] = [];
  const isolates: Tasks[] = [];
  const isolateOf = (
    definitions: readonly Task<unknown>[],
    options: Partial<TasksOptions>,
    own: Clock,
  ) => {
    const tasks: Tasks = createTasks({
      kv,
      clock: own,
      log,
      timers: timersOf(() => tasks),
      poll: { minMs: 500, maxMs: 1_300 },
      metrics: { taskOutcomes: { add: (outcome) => outcomes.push(outcome) }, watch() {} },
      definitions,
      leaseMs: LEASE_MS,
      doorbell: "off",
      audit(atomic, entry, actor) {
        const key: Key<AuditEntry> = { parts: ["audit", audited.length] };
        atomic.set(key, entry);
        audited.push({ entry, actor });
      },
      ...options,
    });
    isolates.push(tasks);
    return tasks;
  };

  const living = () => isolates.filter((tasks) => !dead.has(tasks));

  const fire = async () => {
    const due = [...waiting].filter(({ at }) => at <= clock.monotonic());
    for (const one of due) {
      waiting.delete(one);
      one.run();
    }
    await settle();
  };

  const turn = async (ms: number) => {
    await settle();
    for (let left = ms; left > 0; left -= STEP_MS) {
      clock.turn(Math.min(left, STEP_MS));
      await fire();
    }
  };

  return {
    kv,
    raw,
    clock,
    lines,
    outcomes,
    audited,
    isolate: (definitions, options = {}) => isolateOf(definitions, options, clock),
    isolateAhead: (ms, definitions) =>
      isolateOf(definitions, {}, { ...clock, now: () => clock.now() + ms }),
    kill: (tasks) => void dead.add(tasks),
    turn,
    async turnUntil(withinMs, isSo) {
      for (let leftMs = withinMs; !await isSo(); leftMs -= STEP_MS) {
        if (leftMs <= 0) throw new Error(`This did not come true in ${withinMs} ms: ${isSo}`);
        await turn(STEP_MS);
      }
    },
    async record(id) {
      const { value } = await kv.get(keys.task(id));
      if (!value) throw new Error(`There is no task ${id}`);
      return value;
    },
    async [Symbol.asyncDispose]() {
      raw.heal();
      let isStopped = false;
      Promise.all(living().map((tasks) => tasks.stop(0))).finally(() => isStopped = true);
      while (!isStopped) {
        clock.turn(STEP_MS);
        await fire();
      }
      kv.close();
    },
  };
}

export const numbered = z.object({ n: z.number() });
export type Numbered = z.infer<typeof numbered>;

/** A task whose handler is the test's own, with what it was called with. */
export function recordedTask(
  run: (context: TaskContext, payload: Numbered) => Promise<void> | void = () => {},
  more: Partial<Parameters<typeof defineTask>[0]> = {},
) {
  const calls: TaskContext[] = [];
  const task = defineTask({
    name: "test.task",
    ...more,
    schema: numbered,
    run(payload, context) {
      calls.push(context);
      return run(context, payload);
    },
  });
  return { task, calls };
}

/** A handler that works until it is told to end, or is aborted. */
export function gate() {
  const opened = Promise.withResolvers<void>();
  return {
    open: () => opened.resolve(),
    wait: (signal: AbortSignal) =>
      Promise.race([
        opened.promise,
        new Promise<void>((_, reject) =>
          signal.addEventListener("abort", () => reject(signal.reason))
        ),
      ]),
  };
}
