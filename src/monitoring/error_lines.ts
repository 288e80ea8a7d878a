/**
 * The log lines of errors: one for each cause in ten seconds, a hundred in all in a minute, and how
 * many were left out. A storm is one line and a number, not ten thousand lines.
 */
import type { Severity } from "../errors/codes.ts";
import type { Log, LogFields } from "../log.ts";
import { type Clock, MINUTE, SECOND } from "../time.ts";

const PAUSE_MS = 10 * SECOND;
const LINES_PER_MINUTE = 100;

/** What is remembered of one cause. */
export interface LineState {
  nextAt: number;
  suppressed: number;
}

export const newLineState = (): LineState => ({ nextAt: -Infinity, suppressed: 0 });

const LEVEL_OF: Readonly<Record<Severity, "error" | "warn" | "info">> = {
  CRITICAL: "error",
  HIGH: "error",
  MEDIUM: "warn",
  LOW: "info",
  INFO: "info",
};

/** Writes a line, or counts that it was left out. */
export type ErrorLines = (
  state: LineState,
  severity: Severity,
  event: string,
  fields: LogFields,
) => void;

export function createErrorLines({ log, clock }: { log: Log; clock: Clock }): ErrorLines {
  let minuteEndsAt = 0;
  let written = 0;
  let leftOut = 0;

  const hasRoom = (now: number): boolean => {
    if (now >= minuteEndsAt) {
      if (leftOut > 0) log.warn("errors.suppressed", { suppressed: leftOut });
      [minuteEndsAt, written, leftOut] = [now + MINUTE, 0, 0];
    }
    return written < LINES_PER_MINUTE;
  };

  return (state, severity, event, fields) => {
    const now = clock.monotonic();
    if (now < state.nextAt) {
      state.suppressed++;
      return;
    }
    if (!hasRoom(now)) {
      leftOut++;
      return;
    }
    written++;
    const { suppressed } = state;
    log[LEVEL_OF[severity]](event, suppressed > 0 ? { ...fields, suppressed } : fields);
    state.nextAt = now + PAUSE_MS;
    state.suppressed = 0;
  };
}
