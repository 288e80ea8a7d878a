/**
 * Brings what one isolate has noted to KV, in batches and beside the requests, and tells what that
 * means for each cause. Each `new`, `spike` and `regression` is told once, by the isolate whose
 * write made it so.
 */
import type { ErrorPatternRecord } from "../kv/error_records.ts";
import type { Log } from "../log.ts";
import { type BatchTimer, createBatchTimer } from "../resilience/batch_timer.ts";
import { type Clock, MINUTE, SECOND } from "../time.ts";
import type { ErrorMemory, Taken } from "./error_memory.ts";
import type { PatternEvent } from "./error_patterns.ts";
import { BATCH_MAX, type ErrorStore } from "./error_store.ts";

export interface ErrorFlushOptions {
  readonly memory: ErrorMemory;
  readonly store: ErrorStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly onEvent: (event: PatternEvent, record: ErrorPatternRecord) => void;
}

const FLUSH_MS = 10 * SECOND;
const TIDY_MS = MINUTE;

export function createErrorFlush(options: ErrorFlushOptions): BatchTimer {
  const { memory, store, clock, log, onEvent } = options;
  let nextTidyAt = -Infinity;

  /** Answers whether there is a cause in it that KV did not know. */
  const write = async (batch: Taken): Promise<boolean> => {
    const judged = await store.merge(batch.fresh, clock.now());
    batch.done(judged.map(({ record }) => record));
    for (const { event, record } of judged) {
      if (event) onEvent(event, record);
    }
    return judged.some(({ event }) => event === "new");
  };

  const work = async () => {
    const batches = memory.take(BATCH_MAX);
    let grown = false;
    for (const [at, batch] of batches.entries()) {
      try {
        grown = await write(batch) || grown;
      } catch (error) {
        batches.slice(at).forEach((rest) => rest.failed());
        throw error;
      }
    }
    if (grown && clock.monotonic() >= nextTidyAt) {
      nextTidyAt = clock.monotonic() + TIDY_MS;
      await store.tidy(clock.now());
    }
  };

  const timer = createBatchTimer({
    everyMs: FLUSH_MS,
    work,
    onError(error) {
      log.debug("errors.flush_failed", { error });
      timer.ask();
    },
  });
  return timer;
}
