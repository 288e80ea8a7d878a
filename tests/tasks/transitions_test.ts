import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { valueSizeBytes } from "../../src/kv/size.ts";
import type { TaskRecord } from "../../src/kv/task_record.ts";
import { countsOf, rowsOf } from "../../src/tasks/rows.ts";
import * as life from "../../src/tasks/transitions.ts";

const NEW: TaskRecord = {
  v: 1,
  id: crypto.randomUUID(),
  name: "t".repeat(60),
  version: 1,
  payload: "{}",
  status: "pending",
  priority: "normal",
  at: 0,
  attempts: 0,
  attemptsMax: 5,
  crashes: 0,
  suspect: false,
  write: "w0",
  createdAt: 0,
  history: [],
};

const failure = (retryable: boolean) =>
  life.fail({
    category: "NETWORK",
    severity: "MEDIUM",
    code: "TEST",
    message: "m",
    retryable,
    delayMs: 10,
  });

/** Every transition, with the statuses it may be made from. */
const STEPS: readonly (readonly [string, readonly string[], life.Transition])[] = [
  ["claim", ["pending", "retrying"], life.claim({ worker: "w", leaseMs: 100 })],
  ["extend", ["running"], life.extend(100)],
  ["advance", ["running"], life.advance(50, "[1]")],
  ["succeed", ["running"], life.succeed],
  ["fail", ["running"], failure(true)],
  ["fail for good", ["running"], failure(false)],
  ["snooze", ["running"], life.snooze(10)],
  ["release", ["running"], life.release],
  ["recover", ["running"], life.recover],
  ["redrive", ["dead", "abandoned"], life.redrive("acc", false, 0)],
  ["abandon", ["pending", "retrying", "dead"], life.abandon],
];

Deno.test("whatever happens to a task, its record, rows and counters agree with one another", () => {
  const walks = fc.array(fc.nat(STEPS.length - 1), { maxLength: 200 });
  fc.assert(
    fc.property(walks, (steps) => {
      let record = NEW;
      let writes = 0;
      for (const step of steps) {
        const [, from, transition] = STEPS[step];
        if (!from.includes(record.status)) continue;
        record = transition(record, { now: ++writes, write: `w${writes}` });
        assertEquals(record.write, `w${writes}`);
        assert(record.attempts >= 0 && record.attempts <= record.attemptsMax);
        assert(record.history.length <= life.HISTORY_MAX && record.crashes <= life.CRASHES_MAX);
        assertEquals(record.token === undefined, record.status !== "running");
        const families = rowsOf(record).map(({ key }) => String(key.parts[0]));
        const isWaiting = record.status === "pending" || record.status === "retrying";
        assertEquals(families.includes("task_due"), isWaiting);
        assertEquals(families.includes("task_lease"), record.status === "running");
        if (record.status === "dead") assert(families.includes("task_dead"));
        assertEquals(
          countsOf(record).some(([kind]) => kind === record.status),
          record.status !== "running",
        );
      }
    }),
    { numRuns: 300 },
  );
});

Deno.test("recover() holds nothing against a suspect that was only waiting for its turn", () => {
  const mark = { now: 1, write: "w" };
  const suspect = { ...NEW, suspect: true, crashes: 1 };
  const claimed = life.claim({ worker: "w", leaseMs: 100 })(suspect, mark);
  assertEquals([claimed.began, life.recover(claimed, mark).crashes], [false, 1]);
  const begun = life.begin(100)(claimed, mark);
  assertEquals(life.recover(begun, mark).crashes, 2);
});

Deno.test("fail() clears a suspect's name, and redrive() keeps it", () => {
  const mark = { now: 1, write: "w" };
  const running = { ...NEW, status: "running", suspect: true, attempts: 1 } as const;
  assertEquals(failure(true)(running, mark).suspect, false);
  const dead = { ...NEW, status: "dead", suspect: true, crashes: 3 } as const;
  const again = life.redrive("acc", true, 0)(dead, mark);
  assertEquals([again.suspect, again.crashes, again.attempts], [true, 0, 0]);
});

Deno.test("a record with everything at its largest stays under 60,000 bytes", () => {
  const wide = (length: number) => "\u{4e00}".repeat(length);
  const attempt = {
    startedAt: 1e12,
    durationMs: 1e9,
    worker: crypto.randomUUID(),
    token: crypto.randomUUID(),
    outcome: "failed",
    category: "EXTERNAL_SERVICE",
    severity: "CRITICAL",
    code: wide(60),
    message: wide(300),
  } as const;
  const record: TaskRecord = {
    ...NEW,
    payload: wide(2_730),
    stack: wide(2_000),
    cursor: wide(4_096),
    key: wide(200),
    correlationId: wide(100),
    traceparent: wide(100),
    history: Array(life.HISTORY_MAX).fill(attempt).map((one) => ({ ...one })),
    redrives: Array(life.REDRIVES_MAX).fill(0).map(() => ({ at: 1e12, by: wide(60), force: true })),
  };
  assert(valueSizeBytes(record) < 60_000, String(valueSizeBytes(record)));
});
