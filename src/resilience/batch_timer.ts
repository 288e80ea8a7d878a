/**
 * Work that is gathered and done in batches beside the requests: asked for any number of times, it
 * runs once per interval, never twice at a time, and a last time at the stop.
 */

export interface BatchTimerOptions {
  /** Milliseconds between being asked and doing it. */
  readonly everyMs: number;
  /** Does what has gathered. Asks again when it leaves some of it. */
  readonly work: () => Promise<void>;
  /** Told when the work failed; what is left of it is the work's own affair. */
  readonly onError?: (error: unknown) => void;
}

export interface BatchTimer {
  /** There is work: it is done at the end of this interval. */
  ask(): void;
  /** Does it now, after a run under way. Never rejects. */
  run(): Promise<void>;
  /** Does it a last time, for a second at most, and takes no more. */
  stop(): Promise<void>;
}

const STOP_MAX_MS = 1_000;

export function createBatchTimer(options: BatchTimerOptions): BatchTimer {
  const { everyMs, work, onError = () => {} } = options;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running: Promise<void> = Promise.resolve();
  let stopped = false;

  const run = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    running = running.then(work).catch(onError);
    return running;
  };

  return {
    run,
    ask() {
      if (timer !== undefined || stopped) return;
      timer = setTimeout(run, everyMs);
    },
    async stop() {
      stopped = true;
      let patience: ReturnType<typeof setTimeout> | undefined;
      const enough = new Promise<void>((resolve) => patience = setTimeout(resolve, STOP_MAX_MS));
      await Promise.race([run(), enough]);
      clearTimeout(patience);
    },
  };
}
