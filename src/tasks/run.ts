/**
 * One attempt, from the handler's first line to the settlement: heartbeat, time limit, abort,
 * verdict. Decides nothing about which task runs or how many.
 */
import { KvUnavailableError } from "../kv/failure.ts";
import type { Kv } from "../kv/kv.ts";
import type { Log } from "../log.ts";
import type { Timers } from "../resilience/timers.ts";
import { SECOND } from "../time.ts";
import type { Task, TaskContext } from "./define.ts";
import type { Held } from "./held.ts";
import { type Categorize, judge } from "./judge.ts";
import { readPayload } from "./payload.ts";
import { advance, extend, release, succeed, touch, type Transition } from "./transitions.ts";
import { FencedError, StoppedError } from "./verdicts.ts";

export interface RunOptions {
  readonly kv: Kv;
  readonly log: Log;
  readonly timers: Timers;
  readonly random: () => number;
  readonly leaseMs: number;
  readonly categorize: Categorize;
}

/** How an attempt ended, for metrics and the log. */
export type RunEnd =
  | "succeeded"
  | "failed"
  | "dead"
  | "snoozed"
  | "released"
  | "fenced"
  | "unsettled";

export interface Run {
  readonly held: Held;
  /**
   * Resolves when the record says how it ended; never rejects. A handler that ignores its abort
   * may still be at work then: it can harm no record, and must not keep others from their turn.
   */
  readonly settled: Promise<RunEnd>;
  /** Asks the handler to end; what it has not done is released. */
  stop(): void;
}

/** How long a handler whose signal was aborted may take to notice. */
const ABORT_GRACE_MS = 5 * SECOND;
/** The same at a stop, where the whole process has but a few seconds. */
const STOP_GRACE_MS = SECOND / 2;
const CURSOR_CHARACTERS_MAX = 4 * 1_024;

type Outcome = { readonly ok: true } | { readonly ok: false; readonly error: unknown };

export function startRun(held: Held, task: Task<unknown>, options: RunOptions): Run {
  const { timers } = options;
  const controller = new AbortController();
  const { signal } = controller;
  const cancels: (() => void)[] = [];
  const ignored = Promise.withResolvers<Outcome>();
  /** A handler that has not ended so long after its abort is not waited for. */
  const giveUpAfter = (ms: number) => {
    const giveUp = () => ignored.resolve({ ok: false, error: signal.reason });
    cancels.push(timers.after(ms, giveUp));
  };
  signal.addEventListener("abort", () => giveUpAfter(ABORT_GRACE_MS), { once: true });
  cancels.push(
    timers.after(task.timeoutMs, () => {
      const message = `The task took longer than ${task.timeoutMs} ms`;
      controller.abort(new DOMException(message, "TimeoutError"));
    }),
    startHeartbeat(held, options, () => controller.abort(new FencedError("Fenced"))),
  );
  const outcome = Promise.race([perform(held, task, signal, options.kv), ignored.promise]);
  return {
    held,
    settled: outcome
      .then((end) => settle(held, task, adjust(end, signal), options))
      .finally(() => cancels.forEach((cancel) => cancel())),
    stop() {
      controller.abort(new StoppedError("This process stops"));
      giveUpAfter(STOP_GRACE_MS);
    },
  };
}

async function perform(
  held: Held,
  task: Task<unknown>,
  signal: AbortSignal,
  kv: Kv,
): Promise<Outcome> {
  try {
    const payload = await readPayload(kv, held.record);
    await task.perform(payload, contextOf(held, signal));
    return { ok: true };
  } catch (error) {
    return { ok: false, error };
  }
}

function contextOf(held: Held, signal: AbortSignal): TaskContext {
  const { id, name, attempts, correlationId, traceparent, cursor } = held.record;
  return {
    id,
    name,
    attempt: attempts,
    correlationId,
    traceparent,
    signal,
    cursor: cursor === undefined ? undefined : JSON.parse(cursor),
    stillMine: async () => !signal.aborted && await held.change(touch),
    async progress(percent, next) {
      const text = next === undefined ? undefined : JSON.stringify(next);
      if ((text?.length ?? 0) > CURSOR_CHARACTERS_MAX) {
        throw new RangeError(`A cursor can hold at most ${CURSOR_CHARACTERS_MAX} characters`);
      }
      const share = Math.min(Math.max(percent, 0), 100);
      if (!await held.change(advance(share, text))) throw new FencedError("Fenced");
    },
  };
}

/** What fails after we aborted it failed for our reason, whatever it threw. */
const adjust = (outcome: Outcome, { aborted, reason }: AbortSignal): Outcome =>
  !outcome.ok && aborted ? { ok: false, error: reason } : outcome;

async function settle(
  held: Held,
  task: Task<unknown>,
  outcome: Outcome,
  { categorize, random, log }: RunOptions,
): Promise<RunEnd> {
  const error = outcome.ok ? undefined : outcome.error;
  if (error instanceof FencedError) return "fenced";
  const { retry } = task;
  let transition: Transition;
  if (outcome.ok) transition = succeed;
  else if (error instanceof StoppedError) transition = release;
  else transition = judge(error, held.record, { categorize, retry, random });
  const { token } = held.record;
  try {
    if (!await held.settle(transition)) return "fenced";
  } catch (cause) {
    log.error("task.unsettled", { id: held.record.id, task: task.name, cause });
    return "unsettled";
  }
  const { status, history } = held.record;
  if (outcome.ok) return "succeeded";
  if (transition === release) return "released";
  if (status === "dead") return "dead";
  return history.at(-1)?.token === token ? "failed" : "snoozed";
}

/** Extends the lease every third of it until told to end, or until the task is lost. */
function startHeartbeat(
  held: Held,
  { timers, leaseMs, log }: RunOptions,
  lost: () => void,
): () => void {
  let cancel = () => {};
  let isOver = false;
  const beat = async () => {
    try {
      const isOurs = await held.change(extend(leaseMs));
      if (isOver) return;
      if (!isOurs) return lost();
    } catch (cause) {
      // KV is out: the handler goes on, and whether it was too late the fence will say.
      if (!(cause instanceof KvUnavailableError)) log.error("task.heartbeat_failed", { cause });
    }
    if (!isOver) cancel = timers.after(leaseMs / 3, beat);
  };
  cancel = timers.after(leaseMs / 3, beat);
  return () => {
    isOver = true;
    cancel();
  };
}
