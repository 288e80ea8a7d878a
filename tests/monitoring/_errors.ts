/** Isolates that keep error journals in one KV, and errors to note in them. */
import {
  createErrorJournal,
  type ErrorJournalOptions,
} from "../../src/monitoring/error_journal.ts";
import { openKv } from "../../src/kv/open.ts";
import { createLog, silentLog } from "../../src/log.ts";
import type { ErrorPattern } from "../../src/monitoring/error_report.ts";
import { createTestClock } from "../_clock.ts";
import { createFaultKv } from "../_fault_kv.ts";

export interface Told {
  readonly type: string;
  readonly pattern: ErrorPattern;
}

/** One KV and one clock for any number of journals. */
export async function openBed() {
  const over = await Deno.openKv(":memory:");
  const clock = createTestClock();
  const stops: (() => Promise<void> | void)[] = [];
  const isolate = async (options: Partial<ErrorJournalOptions> = {}) => {
    const raw = await createFaultKv({ over });
    const kv = await openKv({ path: ":memory:", raw, clock, log: silentLog, deadlineMs: 5_000 });
    const lines: Record<string, unknown>[] = [];
    const told: Told[] = [];
    const noted: string[] = [];
    const journal = createErrorJournal({
      kv,
      clock,
      log: createLog({ level: "info", clock, write: (line) => lines.push(JSON.parse(line)) }),
      metrics: { errors: { add: (category) => noted.push(category) } },
      retentionDays: 30,
      onPattern: (event) => told.push(event),
      random: () => 0.1,
      ...options,
    });
    const stop = async () => {
      raw.heal();
      await journal.stop();
      kv.close();
    };
    stops.push(stop);
    return { journal, raw, kv, lines, told, noted };
  };
  return {
    clock,
    over,
    isolate,
    async [Symbol.asyncDispose]() {
      for (const stop of stops) await stop();
      over.close();
    },
  };
}

/** All from one place, so that their text alone tells them apart. */
export const failure = (text: string) => new Error(text);

/** Texts that normalising leaves apart: letters only. */
export function word(at: number): string {
  const digits = at.toString(26).padStart(3, "0");
  return Array.from(digits, (digit) => String.fromCharCode(97 + parseInt(digit, 26))).join("");
}
