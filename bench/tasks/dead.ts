/** 20,000 dead letters: a page on each filter, the dry run, the clearing, also in two goes. */
import type { Kv } from "../../src/kv/kv.ts";
import type { TaskRecord } from "../../src/kv/task_record.ts";
import { findDrift } from "../../src/tasks/counts.ts";
import type { DeadLetters, DeadQuery } from "../../src/tasks/dead_letters.ts";
import type { Actor } from "../../src/tasks/change_task.ts";
import { writeChange } from "../../src/tasks/rows.ts";
import { quantile, withBed } from "./speed.ts";

const CATEGORIES = ["DATABASE", "NETWORK", "TIMEOUT", "EXTERNAL_SERVICE"] as const;
const ACTOR: Actor = { id: "bench", requestId: "" };

const FILTERS: Readonly<Record<string, DeadQuery>> = {
  none: {},
  status: { status: "abandoned" },
  name: { name: "bench.task3" },
  category: { category: "TIMEOUT" },
  time: { from: Date.now() - 3_000_000, to: Date.now() - 1_000_000 },
  "name + category": { name: "bench.task3", category: "EXTERNAL_SERVICE" },
  // Nothing fits, so each page looks at the 1000 rows it may.
  "name + category, no match": { name: "bench.task3", category: "TIMEOUT" },
};

function deadRecord(n: number): TaskRecord {
  const at = Date.now() - n * 200;
  const attempt = {
    startedAt: at - 50,
    durationMs: 50,
    worker: "w",
    token: "t",
    outcome: "failed",
    category: CATEGORIES[n % CATEGORIES.length],
    severity: "MEDIUM",
    code: "BENCH",
    message: "The other side did not answer in time",
  } as const;
  return {
    v: 1,
    id: crypto.randomUUID(),
    name: `bench.task${n % 10}`,
    version: 1,
    payload: JSON.stringify({ n, note: "x".repeat(200) }),
    status: n % 3 === 0 ? "abandoned" : "dead",
    priority: "normal",
    at,
    attempts: 5,
    attemptsMax: 5,
    crashes: 0,
    suspect: false,
    write: "w",
    createdAt: at - 60_000,
    endedAt: at,
    deadAt: at,
    history: Array(5).fill(attempt),
  };
}

async function fill(kv: Kv, count: number): Promise<void> {
  for (let from = 0; from < count; from += 10) {
    await kv.commit((atomic) => {
      for (let n = from; n < from + 10; n++) writeChange(atomic, null, deadRecord(n), Date.now());
    });
  }
}

export interface DeadFigures {
  readonly pages: readonly {
    readonly filter: string;
    readonly p50: number;
    readonly p99: number;
  }[];
  readonly statsMs: number;
  readonly dryRun: { readonly wouldDelete: number; readonly deleted: number; readonly ms: number };
  readonly clear: { readonly deleted: number; readonly ms: number; readonly left: number };
  readonly drift: number;
}

const ROUNDS = 5;
const PAGES = 300;

async function readPages(deadLetters: DeadLetters, query: DeadQuery): Promise<number[]> {
  const times: number[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < PAGES; page++) {
    const startedAt = performance.now();
    const { next_cursor } = await deadLetters.list({ ...query, cursor });
    times.push(performance.now() - startedAt);
    cursor = next_cursor ?? undefined;
  }
  return times;
}

export function measureDead(count: number): Promise<DeadFigures> {
  return withBed({ doorbell: "off" }, async ({ kv, tasks: { deadLetters } }) => {
    await fill(kv, count);
    await readPages(deadLetters, {});
    const pages: { filter: string; p50: number; p99: number }[] = [];
    for (const [filter, query] of Object.entries(FILTERS)) {
      const rounds: number[][] = [];
      for (let round = 0; round < ROUNDS; round++) rounds.push(await readPages(deadLetters, query));
      // The machine is shared: a round with a neighbour's burst in it must not decide.
      const p99 = quantile(rounds.map((times) => quantile(times, 0.99)), 0.5);
      pages.push({ filter, p50: quantile(rounds.flat(), 0.5), p99 });
    }
    let startedAt = performance.now();
    await deadLetters.stats();
    const statsMs = performance.now() - startedAt;

    startedAt = performance.now();
    const dry = await deadLetters.clear({}, ACTOR);
    const dryRun = { wouldDelete: dry.would_delete, deleted: dry.deleted, ms: elapsed(startedAt) };
    startedAt = performance.now();
    const { deleted } = await deadLetters.clear({ confirm: true }, ACTOR);
    const ms = elapsed(startedAt);
    const left = (await deadLetters.stats()).total_failed_tasks;
    const drift = (await findDrift(kv)).length;
    return { pages, statsMs, dryRun, clear: { deleted, ms, left }, drift };
  });
}

const elapsed = (startedAt: number) => performance.now() - startedAt;
