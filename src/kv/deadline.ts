/**
 * How long a KV call may take. A remote KV never rejects while it is out (it retries for ever), so
 * every call races a deadline that follows what this KV usually needs.
 */
import { type Clock, SECOND } from "../time.ts";

/** Calls whose usual times differ, and are watched apart. */
export type KvOperation = "read" | "commit" | "page";

/** Thrown by `within` when the deadline passed; the call itself may still end, unheard. */
export class DeadlineError extends Error {
  override readonly name = "DeadlineError";
}

export interface Deadlines {
  /** The deadline of the next such call, in milliseconds. */
  of(operation: KvOperation): number;
  /** The call's result, or `DeadlineError`. `patient` gives it the longest deadline there is. */
  within<Result>(
    operation: KvOperation,
    call: () => Promise<Result>,
    patient?: boolean,
  ): Promise<Result>;
}

/** From notes/limits.md section 4: a sick KV answers late long before it stops answering. */
const P99_FACTOR = 4;
const START_MS = 400;
const LONGEST_MS = SECOND;
/** A local KV answers in 1 ms, but a busy machine may hold us up for this long at any time. */
const SHORTEST_MS = 250;

const SAMPLES = 128;
/** Sorting is the only cost worth naming, so it is done once in this many calls. */
const REFRESH_EVERY = 32;

/** The deadline that follows from the last 128 times; answers 400 until it knows 32. */
function createWindow() {
  const timesMs = new Float64Array(SAMPLES);
  let count = 0;
  let deadlineMs = START_MS;
  return {
    deadlineMs: () => deadlineMs,
    add(timeMs: number) {
      timesMs[count++ % SAMPLES] = timeMs;
      if (count % REFRESH_EVERY !== 0) return;
      const known = timesMs.slice(0, Math.min(count, SAMPLES)).sort();
      const p99 = known[Math.ceil(known.length * 0.99) - 1];
      deadlineMs = Math.min(Math.max(p99 * P99_FACTOR, SHORTEST_MS), LONGEST_MS);
    },
  };
}

/** `fixedMs` puts one deadline in place of the observed ones. */
export function createDeadlines(clock: Clock, fixedMs?: number): Deadlines {
  const windows = { read: createWindow(), commit: createWindow(), page: createWindow() };
  const of = (operation: KvOperation) => fixedMs ?? windows[operation].deadlineMs();
  return {
    of,
    within(operation, call, patient = false) {
      const startedAt = clock.monotonic();
      const limitMs = patient ? fixedMs ?? LONGEST_MS : of(operation);
      return race(call, limitMs, () => windows[operation].add(clock.monotonic() - startedAt));
    },
  };
}

/**
 * Late answers are heard for their time only: a KV that has become slower for good would otherwise
 * be cut off for ever at a deadline learned while it was fast.
 */
function race<Result>(
  call: () => Promise<Result>,
  limitMs: number,
  answered: () => void,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const expire = () => reject(new DeadlineError(`no answer within ${Math.round(limitMs)} ms`));
    // After a long computation of ours the timer is due before the answer, which may have been
    // there for long, is read: one more turn of the event loop lets it win.
    let timer = setTimeout(() => timer = setTimeout(expire, 0), limitMs);
    call().then((result) => {
      answered();
      resolve(result);
    }, reject).finally(() => clearTimeout(timer));
  });
}
