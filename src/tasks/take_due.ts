/**
 * Finding work: which of the waiting tasks this isolate starts next. Reads the heads of the due
 * indexes, weighs the urgencies, passes over names that are unknown here or have no room, and
 * starts what it could claim.
 */
import type { Kv } from "../kv/kv.ts";
import type { DueRow } from "../kv/task_record.ts";
import type { Clock } from "../time.ts";
import { claimTask } from "./claim.ts";
import type { Task } from "./define.ts";
import { createDueIndex } from "./due_index.ts";
import { createPlaces, isLimited, type Place } from "./places.ts";
import { pick } from "./pick.ts";
import { type Stored, SUSPECT_BAND } from "./rows.ts";
import type { Worker } from "./worker.ts";

export interface TakeDueOptions {
  readonly kv: Kv;
  readonly clock: Clock;
  readonly random: () => number;
  readonly newId: () => string;
  readonly workerId: string;
  readonly leaseMs: number;
  readonly worker: Worker;
  readonly taskOf: (name: string) => Task<unknown> | undefined;
}

export interface Taken {
  /** Tasks started. */
  readonly started: number;
  /** Whether more may be due than were looked at. */
  readonly more: boolean;
}

export interface TakeDue {
  /** Starts as many as there are permits. */
  due(): Promise<Taken>;
  hasSuspects(): Promise<boolean>;
  /** Runs suspects, one after the other and alone, at most 8. */
  runSuspects(): Promise<void>;
  /** A task of this name has ended here, so its places may have room. */
  ended(name: string): void;
}

/** Looks of one sweep, when names without room stand at the head. */
const LOOKS_MAX = 4;
const SUSPECTS_IN_A_ROW = 8;
/** Of these one is drawn, so that isolates seldom want the same. */
const SUSPECTS_SEEN = 20;

export function createTakeDue(options: TakeDueOptions): TakeDue {
  const { kv, clock, random, worker, taskOf, leaseMs, workerId } = options;
  const places = createPlaces(options);

  /** What this code does not know, by name or by version, is left to the code that does. */
  const isWanted = ({ name, version }: DueRow) =>
    version <= (taskOf(name)?.version ?? 0) && places.hasRoom(name);

  const index = createDueIndex({ kv, clock, holds: worker.holds, isWanted });

  const claimWith = (stored: Stored, { slot, addTo }: Place) =>
    claimTask(options, stored, { worker: workerId, leaseMs, slot }, addTo);

  const start = async (stored: Stored, place: Place): Promise<boolean> => {
    const giveBack = worker.isOpen ? worker.permits.take() : undefined;
    if (!giveBack) return false;
    const claimed = await claimWith(stored, place).catch((error) => {
      giveBack();
      throw error;
    });
    if (claimed) worker.run(claimed, giveBack);
    else giveBack();
    return claimed !== undefined;
  };

  /** Tasks of a limited name are started one by one, as they share the keys of its limits. */
  const startAll = async (found: readonly Stored[]): Promise<number> => {
    const starts: Promise<boolean>[] = [];
    for (const stored of found) {
      const task = taskOf(stored.record.name);
      const place = task && places.hasRoom(task.name) ? await places.find(task) : undefined;
      if (!task || !place) continue;
      const started = start(stored, place);
      starts.push(started);
      if (isLimited(task)) await started;
    }
    return (await Promise.all(starts)).filter(Boolean).length;
  };

  return {
    async due() {
      let started = 0;
      for (let look = 1;; look++) {
        const wanted = worker.isOpen ? worker.permits.free : 0;
        if (wanted === 0) return { started, more: true };
        const { timesFull } = places;
        const heads = await index.heads(wanted);
        const more = heads.some((ids) => ids.length > 0);
        started += await startAll(await index.records(pick(heads, wanted, random)));
        // Names that turned out to be full stood in the way of others: these get another look.
        if (places.timesFull === timesFull || look === LOOKS_MAX) return { started, more };
      }
    },
    hasSuspects: async () => (await index.ids(SUSPECT_BAND, 1)).length > 0,
    async runSuspects() {
      const claimSuspect = async () => {
        const ids = await index.ids(SUSPECT_BAND, SUSPECTS_SEEN);
        const [stored] = await index.records(pick([ids], 1, random));
        const task = stored && taskOf(stored.record.name);
        const place = task && await places.find(task);
        return place && await claimWith(stored, place);
      };
      let ran = 0;
      while (ran < SUSPECTS_IN_A_ROW && await worker.runAlone(claimSuspect)) ran++;
    },
    ended: places.freed,
  };
}
