/**
 * The task that deletes what was kept long enough. Each room knows how to clean up its own; this one
 * only sees to it that all of them get their turn, and that one that fails does not stop the others.
 */
import { z } from "zod";
import type { Log } from "../log.ts";
import { MINUTE } from "../time.ts";

export interface RetentionSweep {
  /** What is swept, such as `error_patterns`. */
  readonly name: string;
  /** Answers how many it deleted. */
  readonly run: (signal: AbortSignal) => Promise<number>;
}

/** For `defineTask`. */
export function retentionTask(
  { sweeps, log }: { readonly sweeps: readonly RetentionSweep[]; readonly log: Log },
) {
  return {
    name: "retention.sweep",
    schema: z.object({}),
    priority: "low" as const,
    timeoutMs: 10 * MINUTE,
    concurrency: 1,
    async run(_payload: object, { signal }: { readonly signal: AbortSignal }): Promise<void> {
      const failures: unknown[] = [];
      for (const { name, run } of sweeps) {
        signal.throwIfAborted();
        try {
          log.info("retention.swept", { name, deleted: await run(signal) });
        } catch (error) {
          failures.push(error);
        }
      }
      if (failures.length > 0) throw new AggregateError(failures, "Not everything was swept");
    },
  };
}
