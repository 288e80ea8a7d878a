/**
 * Leases that have lapsed: their isolates are gone, frozen or cut off from KV. Each task goes back
 * to the waiting ones as a suspect, or, after its third crash, to the dead letters.
 *
 * Clocks differ, and KV tells no time. So a lease is believed to have lapsed only when its row has
 * also stood still for half a lease by our own monotonic clock: a living isolate would have moved
 * it. Rows are watched from the first late heartbeat on, so this delays nothing as a rule.
 */
import { keys, prefixes } from "../kv/keys.ts";
import type { Kv } from "../kv/kv.ts";
import type { Clock } from "../time.ts";
import { writeChange } from "./rows.ts";
import { recover } from "./transitions.ts";

export interface RecoverOptions {
  readonly kv: Kv;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly leaseMs: number;
  /** Whether this isolate runs the task itself: then its heartbeat is late, not its life over. */
  readonly holds: (id: string) => boolean;
  readonly onRecover: (id: string, name: string, isDead: boolean) => void;
}

export interface Recovery {
  readonly recovered: number;
  /** Leases that look lapsed and are still being watched. */
  readonly watched: number;
}

export interface Recover {
  lapsed(): Promise<Recovery>;
  /** KV was out, for the others too: what stood still meanwhile says nothing. */
  forget(): void;
}

const ROWS_MAX = 200;
/** So long after its end a lease is over by any clock. */
const SURE_LEASES = 4;

export function createRecover(options: RecoverOptions): Recover {
  const { kv, clock, leaseMs, holds } = options;
  /** When a late row was first seen, by id and end of lease; bounded by the page. */
  let seen = new Map<string, number>();

  return {
    async lapsed() {
      const now = clock.now();
      // Heartbeats come every third of a lease, so an earlier end than this is a late one.
      const until = [now + leaseMs * 2 / 3];
      const { items } = await kv.page(prefixes.taskLeases(), { limit: ROWS_MAX, until });
      const late = items.map(({ key }) => ({ id: String(key[2]), end: Number(key[1]) }))
        .filter(({ id }) => !holds(id));
      const watchedSince = new Map<string, number>();
      for (const { id, end } of late) {
        const row = `${end} ${id}`;
        watchedSince.set(row, seen.get(row) ?? clock.monotonic());
      }
      seen = watchedSince;
      const lapsed = late.filter(({ end }) => end < now);
      const sure = lapsed.filter(({ id, end }) => {
        const stillMs = clock.monotonic() - watchedSince.get(`${end} ${id}`)!;
        return stillMs >= leaseMs / 2 || now - end > leaseMs * SURE_LEASES;
      });
      const results = await Promise.all(sure.map((row) => recoverTask(options, row.id, row.end)));
      return {
        recovered: results.filter(Boolean).length,
        watched: lapsed.length - sure.length,
      };
    },
    forget: () => seen.clear(),
  };
}

async function recoverTask(options: RecoverOptions, id: string, end: number): Promise<boolean> {
  const { kv, clock, newId, onRecover } = options;
  const { value: record, versionstamp } = await kv.get(keys.task(id));
  if (record?.status !== "running" || record.at !== end) return false;
  const mark = { now: clock.now(), write: newId() };
  const after = recover(record, mark);
  const commit = await kv.commitSure(
    (atomic) => writeChange(atomic, { record, versionstamp }, after, mark.now),
    async () => (await kv.get(keys.task(id))).value?.write === mark.write,
  );
  if (commit.ok) onRecover(id, record.name, after.status === "dead");
  return commit.ok;
}
