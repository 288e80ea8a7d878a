/**
 * The limits of one name over all isolates: so many at once (places, each a key that a claim must
 * find empty) and so many in a time (one key with the moment when there is room again, GCRA). Both
 * are written in the claim's own commit.
 */
import { type Key, keys } from "../kv/keys.ts";
import type { Atomic, Kv } from "../kv/kv.ts";
import type { Clock } from "../time.ts";
import type { Task, TaskRate } from "./define.ts";

/** Leave to start one task of a name, if the commit it is added to lands. */
export interface Place {
  readonly slot?: number;
  addTo(atomic: Atomic): void;
}

/** No room now; worth asking again after `retryMs`. */
export interface Full {
  readonly retryMs: number;
}

/** How long a name whose places are taken is left alone, unless one of ours comes free. */
const FULL_RETRY_MS = 500;

export const isLimited = ({ concurrency, rate }: Task<unknown>) =>
  concurrency !== undefined || rate !== undefined;

const UNLIMITED: Place = { addTo() {} };

export interface PlacesOptions {
  readonly kv: Kv;
  readonly clock: Clock;
  /** 0 (included) to 1 (excluded). */
  readonly random: () => number;
}

export interface Places {
  /** Whether the name is worth asking for; one that was full is left alone for a while. */
  hasRoom(name: string): boolean;
  /** Undefined when the name has no room now. */
  find(task: Task<unknown>): Promise<Place | undefined>;
  /** How often a name was found full so far. */
  readonly timesFull: number;
  /** One of the name has ended here. */
  freed(name: string): void;
}

export function createPlaces({ kv, clock, random }: PlacesOptions): Places {
  /** Names without room, and when to ask again; at most one a task. */
  const full = new Map<string, number>();
  let timesFull = 0;
  return {
    hasRoom: (name) => (full.get(name) ?? 0) <= clock.now(),
    async find(task) {
      if (!isLimited(task)) return UNLIMITED;
      const place = await findPlace(kv, task, clock.now(), random);
      if (!("retryMs" in place)) return place;
      full.set(task.name, clock.now() + place.retryMs);
      timesFull++;
      return undefined;
    },
    get timesFull() {
      return timesFull;
    },
    freed: (name) => void full.delete(name),
  };
}

async function findPlace(
  kv: Kv,
  { name, concurrency, rate }: Task<unknown>,
  now: number,
  random: () => number,
): Promise<Place | Full> {
  let slot: number | undefined;
  if (concurrency !== undefined) {
    slot = await freeSlot(kv, name, concurrency, random);
    if (slot === undefined) return { retryMs: FULL_RETRY_MS };
  }
  const pace = rate && await nextStart(kv, name, rate, now);
  if (pace && "retryMs" in pace) return pace;
  return {
    slot,
    addTo(atomic) {
      if (slot !== undefined) atomic.check(keys.taskSlot(name, slot), null);
      if (pace) atomic.check(pace.key, pace.versionstamp).set(pace.key, pace.roomAt);
    },
  };
}

async function freeSlot(kv: Kv, name: string, count: number, random: () => number) {
  const slots = Array.from({ length: count }, (_, slot) => keys.taskSlot(name, slot));
  const entries = await kv.getMany(slots);
  const free = entries.flatMap(({ versionstamp }, slot) => versionstamp === null ? [slot] : []);
  return free.at(Math.floor(random() * free.length));
}

interface Pace {
  readonly key: Key<number>;
  readonly versionstamp: string | null;
  readonly roomAt: number;
}

/** A start takes `perMs / count` of time; up to `perMs` of it may be taken in advance. */
async function nextStart(
  kv: Kv,
  name: string,
  { count, perMs }: TaskRate,
  now: number,
): Promise<Pace | Full> {
  const key = keys.taskRate(name);
  const { value, versionstamp } = await kv.get(key);
  const roomAt = Math.max(value ?? 0, now) + perMs / count;
  return roomAt > now + perMs ? { retryMs: roomAt - now - perMs } : { key, versionstamp, roomAt };
}
