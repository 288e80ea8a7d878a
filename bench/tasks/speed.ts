/** One process: tasks a second by the index and born-leased, time to the first line, enqueue cost. */
import { z } from "zod";
import type { Key } from "../../src/kv/keys.ts";
import type { Kv } from "../../src/kv/kv.ts";
import { openKv } from "../../src/kv/open.ts";
import { silentLog } from "../../src/log.ts";
import { defineTask } from "../../src/tasks/define.ts";
import type { TasksOptions } from "../../src/tasks/parts.ts";
import { createTasks, type Tasks } from "../../src/tasks/tasks.ts";
import { systemClock } from "../../src/time.ts";

/** What services.ts hands over where KV is a file. */
export const LOCAL_POLL = { minMs: 500, maxMs: 1_300 };

const METRICS = { taskOutcomes: { add() {} }, watch() {} };

export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

interface Bed {
  readonly kv: Kv;
  readonly tasks: Tasks;
  readonly noop: ReturnType<typeof noopTask>;
  /** Resolves when so many have run. */
  ran(count: number): Promise<void>;
  /** When each began, by id. */
  readonly startedAt: Map<string, number>;
}

const noopTask = (run: (id: string) => void) =>
  defineTask({
    name: "bench.noop",
    schema: z.object({ n: z.number() }),
    run: (_, { id }) => run(id),
  });

export async function withBed<Result>(
  more: Partial<TasksOptions>,
  work: (bed: Bed) => Promise<Result>,
): Promise<Result> {
  const folder = await Deno.makeTempDir({ prefix: "gatehouse-tasks-" });
  const options = { clock: systemClock, log: silentLog };
  const kv = await openKv({ path: `${folder}/kv.sqlite3`, deadlineMs: 10_000, ...options });
  const startedAt = new Map<string, number>();
  const waiters = new Set<{ readonly count: number; readonly resolve: () => void }>();
  const noop = noopTask((id) => {
    startedAt.set(id, performance.now());
    for (const waiter of waiters) {
      if (startedAt.size < waiter.count) continue;
      waiters.delete(waiter);
      waiter.resolve();
    }
  });
  const definitions = [noop];
  const tasks = createTasks({ kv, ...options, metrics: METRICS, definitions, ...more });
  const ran = (count: number) =>
    new Promise<void>((resolve) => {
      if (startedAt.size >= count) resolve();
      else waiters.add({ count, resolve });
    });
  try {
    return await work({ kv, tasks, noop, ran, startedAt });
  } finally {
    await tasks.stop(1_000);
    kv.close();
    await Deno.remove(folder, { recursive: true });
  }
}

/** Tasks a second that wait in the index, from the first sweep to the last settlement. */
export function measureIndex(count: number): Promise<number> {
  return withBed({ concurrency: 32, doorbell: "off", poll: LOCAL_POLL }, async (bed) => {
    const { kv, tasks, noop } = bed;
    for (let from = 0; from < count; from += 9) {
      await kv.commit((atomic) => {
        for (let n = from; n < Math.min(from + 9, count); n++) {
          tasks.addTo(atomic, tasks.draft(noop, { n }));
        }
      });
    }
    const startedAt = performance.now();
    tasks.start();
    await bed.ran(count);
    await settled(tasks);
    return count / ((performance.now() - startedAt) / 1_000);
  });
}

/** Tasks a second from the enqueue to the settlement, 16 callers at once. */
export function measureBorn(count: number): Promise<number> {
  return withBed({ concurrency: 64, doorbell: "off" }, async ({ tasks, noop, ran }) => {
    const startedAt = performance.now();
    let n = 0;
    const caller = async () => {
      while (n < count) await tasks.enqueue(noop, { n: n++ });
    };
    await Promise.all(Array.from({ length: 16 }, caller));
    await ran(count);
    await settled(tasks);
    return count / ((performance.now() - startedAt) / 1_000);
  });
}

async function settled(tasks: Tasks): Promise<void> {
  while (tasks.running > 0) await new Promise((resolve) => setTimeout(resolve, 1));
}

/** From the call of enqueue to the handler's first line, one task at a time, in milliseconds. */
export function measureBornLatency(count: number): Promise<number[]> {
  return withBed({ doorbell: "off" }, async ({ tasks, noop, ran, startedAt }) => {
    const times: number[] = [];
    for (let n = 1; n <= count; n++) {
      const calledAt = performance.now();
      const { id } = await tasks.enqueue(noop, { n });
      await ran(n);
      times.push(startedAt.get(id)! - calledAt);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    return times;
  });
}

/** From a commit that rings nobody to the first line, by the poller of an idle isolate. */
export function measurePollerLatency(count: number): Promise<number[]> {
  return withBed({ doorbell: "off", poll: LOCAL_POLL }, async (bed) => {
    const { kv, tasks, noop, ran, startedAt } = bed;
    tasks.start();
    const times: number[] = [];
    for (let n = 1; n <= count; n++) {
      await new Promise((resolve) => setTimeout(resolve, 300 * Math.random()));
      const draft = tasks.draft(noop, { n });
      await kv.commit((atomic) => tasks.addTo(atomic, draft));
      const committedAt = performance.now();
      await ran(n);
      times.push(startedAt.get(draft.id)! - committedAt);
    }
    return times;
  });
}

export interface EnqueueCost {
  readonly aloneMs: number;
  readonly withTaskMs: number;
}

/** A caller's own commit, without and with a task in it, by turns; medians. */
export function measureEnqueue(count: number): Promise<EnqueueCost> {
  return withBed({ doorbell: "off" }, async ({ kv, tasks, noop }) => {
    const alone: number[] = [];
    const withTask: number[] = [];
    for (let n = 0; n < count; n++) {
      const key: Key<number> = { parts: ["bench", n] };
      let startedAt = performance.now();
      await kv.commit((atomic) => atomic.set(key, n));
      alone.push(performance.now() - startedAt);
      startedAt = performance.now();
      await tasks.enqueueWith(noop, { n }, (atomic) => atomic.set(key, n));
      withTask.push(performance.now() - startedAt);
    }
    return { aloneMs: quantile(alone, 0.5), withTaskMs: quantile(withTask, 0.5) };
  });
}
