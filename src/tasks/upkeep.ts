/**
 * What keeps the room tidy, as a task of its own on a virtual cron: dead letters are given up after
 * 30 days and deleted 7 days later, old minutes go, and counters are held against a scan.
 */
import { z } from "zod";
import { prefixes } from "../kv/keys.ts";
import type { Log } from "../log.ts";
import { DAY, HOUR, MINUTE } from "../time.ts";
import { type Actor, changeTask } from "./change_task.ts";
import { reconcile } from "./counts.ts";
import { defineTask, type Task } from "./define.ts";
import { deleteDead, type DeleteDeps } from "./delete_dead.ts";
import { defineSchedule, type Schedule } from "./schedules.ts";
import { dropOldMinutes } from "./series.ts";
import { abandon } from "./transitions.ts";

const DEAD_KEPT_MS = 30 * DAY;
const ABANDONED_KEPT_MS = 7 * DAY;
const PAGE_ROWS = 100;
const ABANDONED_A_RUN = 1_000;

const CLEAN_UP: Actor = { id: "clean-up", requestId: "" };

export interface UpkeepDeps extends DeleteDeps {
  readonly log: Log;
}

export interface Upkeep {
  readonly task: Task<unknown>;
  readonly schedule: Schedule;
}

export function createUpkeep(deps: UpkeepDeps): Upkeep {
  const { kv, clock, log } = deps;
  const task = defineTask({
    name: "tasks.upkeep",
    schema: z.object({}),
    priority: "low",
    concurrency: 1,
    timeoutMs: 10 * MINUTE,
    async run(_, { signal }) {
      const abandoned = await abandonOld(deps, signal);
      const chosen = { status: "abandoned", olderThanMs: ABANDONED_KEPT_MS } as const;
      const { deleted } = await deleteDead(deps, chosen, CLEAN_UP);
      await dropOldMinutes(kv, clock.now());
      const corrected = await reconcile(kv);
      if (corrected > 0) log.error("tasks.counters_corrected", { corrected });
      log.info("tasks.upkeep", { abandoned, deleted });
    },
  });
  const schedule = defineSchedule({
    name: "tasks.upkeep",
    task,
    payload: {},
    everyMs: DAY,
    offsetMs: 3 * HOUR + 17 * MINUTE,
  });
  return { task, schedule };
}

/** What has lain dead for 30 days is given up. */
async function abandonOld(deps: UpkeepDeps, signal: AbortSignal): Promise<number> {
  const { kv, clock } = deps;
  const prefix = prefixes.tasksDead("status:dead");
  const until = [clock.now() - DEAD_KEPT_MS];
  let count = 0;
  while (count < ABANDONED_A_RUN && !signal.aborted) {
    const { items } = await kv.page(prefix, { limit: PAGE_ROWS, until });
    if (items.length === 0) break;
    for (const { key } of items) {
      await changeTask(
        deps,
        String(key[3]),
        (record) => record.status === "dead" ? abandon : (same) => same,
      );
      count++;
    }
  }
  return count;
}
