/** How much work there is, for a dashboard: counters, and the ends of the two indexes. */
import { prefixes } from "../kv/keys.ts";
import type { Kv } from "../kv/kv.ts";
import { SECOND } from "../time.ts";
import { readCounts, total, walk } from "./counts.ts";
import { BANDS, SUSPECT_BAND } from "./rows.ts";

export interface TaskCounts {
  readonly pending: number;
  readonly retrying: number;
  /** At most 1000 are counted. */
  readonly running: number;
  /** Since the beginning. */
  readonly succeeded: number;
  readonly dead: number;
  readonly abandoned: number;
  /** How long the task that has waited longest has been due. */
  readonly oldest_due_age_seconds: number;
}

const RUNNING_MAX = 1_000;

export async function countTasks(kv: Kv, now: number): Promise<TaskCounts> {
  const counted = ["pending", "retrying", "succeeded", "dead", "abandoned"];
  const [pending, retrying, succeeded, dead, abandoned] = await Promise.all(
    counted.map(async (kind) => total(await readCounts(kv, kind))),
  );
  let running = 0;
  for await (const _ of walk(kv, prefixes.taskLeases(), RUNNING_MAX)) running++;
  const bands = [...Object.values(BANDS), SUSPECT_BAND];
  const heads = await Promise.all(bands.map(async (band) => {
    const { items } = await kv.page(prefixes.tasksDue(band), { limit: 1, until: [now] });
    return items.map(({ key }) => Number(key[2]));
  }));
  const oldest = Math.min(now, ...heads.flat());
  const lateSeconds = Math.floor((now - oldest) / SECOND);
  return {
    pending,
    retrying,
    running,
    succeeded,
    dead,
    abandoned,
    oldest_due_age_seconds: lateSeconds,
  };
}
