/**
 * What went wrong, counted by cause. Noting an error is synchronous and touches memory alone; every
 * ten seconds what is new goes to KV, where the counts of all isolates meet. KV being out costs
 * nothing but the others' counts. What an error means is decided in `src/errors`, what a pattern
 * means in `error_patterns.ts`, and who is told of it by whoever listens.
 */
import { categorize, type Categorized } from "../errors/categorize.ts";
import { fingerprintOf, ownFrame, patternOf } from "../errors/fingerprint.ts";
import { risenSeverity } from "../errors/severity.ts";
import { readStack, readThrown } from "../errors/thrown.ts";
import type { ErrorPatternRecord } from "../kv/error_records.ts";
import type { Atomic, Kv } from "../kv/kv.ts";
import { type Log, type LogFields, redact } from "../log.ts";
import { type Clock, DAY } from "../time.ts";
import { createErrorFlush } from "./error_flush.ts";
import { createErrorLines } from "./error_lines.ts";
import { createErrorMemory } from "./error_memory.ts";
import { hourOf, minuteOf, type PatternEvent, recentCount } from "./error_patterns.ts";
import {
  type ErrorPattern,
  type ErrorRange,
  type ErrorReport,
  reportErrors,
  viewPattern,
} from "./error_report.ts";
import { createErrorStore } from "./error_store.ts";

export interface ErrorJournalOptions {
  readonly kv: Kv;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: { readonly errors: { add(category: string): void } };
  /** Days a pattern is kept after it was last seen. */
  readonly retentionDays: number;
  /** Adds an administrator's act to the audit log, in the same commit. */
  readonly record?: (atomic: Atomic, entry: ErrorAct, by: Author) => void;
  /** Told once, by one isolate, of what somebody should look at. */
  readonly onPattern?: (event: { type: PatternEvent; pattern: ErrorPattern }) => void;
  /** 0 (included) to 1 (excluded). */
  readonly random?: () => number;
}

/** Who did it, as the audit log wants to know. */
export interface Author {
  readonly id: string;
  readonly requestId: string;
}

export interface ErrorAct {
  readonly action: "error.resolve";
  readonly target: string;
}

/** An error's kind, with its fingerprint and the severity that repetition gave it. */
export interface NotedError extends Categorized {
  readonly fingerprint: string;
}

export interface ErrorJournal {
  /** Counts an error and logs it, in some 50 µs. Never throws. `event` names the log line. */
  note(thrown: unknown, event?: string, fields?: LogFields): NotedError;
  report(range?: ErrorRange): Promise<ErrorReport>;
  /** An admin calls it fixed; when it comes again that is a regression. @throws NOT_FOUND */
  resolve(fingerprint: string, by: Author): Promise<ErrorPattern>;
  /** Deletes what is over age or over number; answers how many. */
  tidy(signal?: AbortSignal): Promise<number>;
  /** Brings what is new to KV. Never rejects. */
  flush(): Promise<void>;
  /** A last flush, for a second at most; before KV is closed. */
  stop(): Promise<void>;
}

export function createErrorJournal(options: ErrorJournalOptions): ErrorJournal {
  const { clock, log, metrics, record = () => {}, onPattern = () => {}, random = Math.random } =
    options;
  const store = createErrorStore({ ...options, retentionMs: options.retentionDays * DAY, random });
  const memory = createErrorMemory();
  const writeLine = createErrorLines(options);

  const onEvent = (type: PatternEvent, record: ErrorPatternRecord) => {
    try {
      onPattern({ type, pattern: viewPattern(record, clock.now()) });
    } catch (error) {
      log.error("errors.listener_failed", { error });
    }
  };
  const flush = createErrorFlush({ memory, store, clock, log, onEvent });

  return {
    note(thrown, event = "error.noted", fields = {}) {
      const kind = categorize(thrown);
      const { category, code } = kind;
      metrics.errors.add(category);
      const { record, lines } = memory.add(describe(thrown, kind, clock.now()));
      const { fingerprint, message } = record;
      const severity = risenSeverity(kind, recentCount(record));
      const known = { ...fields, fingerprint, category, code, severity };
      try {
        writeLine(lines, severity, event, { ...known, error: thrown });
      } catch {
        // It cannot even be looked at.
        writeLine(lines, severity, event, { ...known, error: message });
      }
      flush.ask();
      return { ...kind, severity, fingerprint };
    },
    async report(range = {}) {
      await flush.run();
      const now = clock.now();
      return await store.all().then(
        (records) => reportErrors(records, range, now, true),
        () => reportErrors(memory.records(), range, now, false),
      );
    },
    async resolve(fingerprint, by) {
      await flush.run();
      const act = { action: "error.resolve", target: fingerprint } as const;
      const resolved = await store.resolve(
        fingerprint,
        clock.now(),
        (atomic) => record(atomic, act, by),
      );
      memory.replace(resolved);
      return viewPattern(resolved, clock.now());
    },
    tidy: (signal) => store.tidy(clock.now(), signal),
    flush: flush.run,
    stop: flush.stop,
  };
}

/** The record of a single error. */
function describe(thrown: unknown, kind: Categorized, nowMs: number): ErrorPatternRecord {
  const { category, severity, code } = kind;
  const message = patternOf(redact(readThrown(thrown).message));
  const frame = ownFrame(readStack(thrown));
  return {
    fingerprint: fingerprintOf(kind, message, frame),
    category,
    severity,
    code,
    message,
    frame,
    firstSeenAt: nowMs,
    lastSeenAt: nowMs,
    total: 1,
    minutes: [minuteOf(nowMs), 1],
    hours: [hourOf(nowMs), 1],
  };
}
