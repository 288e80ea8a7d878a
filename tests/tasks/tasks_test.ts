import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { AppError } from "../../src/errors/app_error.ts";
import { PermanentError, RetryAfterError, SnoozeError } from "../../src/tasks/verdicts.ts";
import { createBed, gate, numbered, recordedTask, until } from "./_bed.ts";
import { defineTask } from "../../src/tasks/define.ts";

Deno.test("enqueue() runs the task at once, keeps its success, and counts it", async () => {
  await using bed = await createBed();
  const { task, calls } = recordedTask();
  const tasks = bed.isolate([task]);
  const { id, duplicate } = await tasks.enqueue(task, { n: 1 }, { correlationId: "req_7" });
  await until(async () => (await bed.record(id)).status === "succeeded");
  assertEquals([duplicate, calls.length, calls[0].id, calls[0].attempt], [false, 1, id, 1]);
  assertEquals(calls[0].correlationId, "req_7");
  const { succeeded, pending, running, dead } = await tasks.counts();
  assertEquals([succeeded, pending, running, dead], [1, 0, 0, 0]);
  assertEquals((await tasks.series(5)).at(-1)?.succeeded, 1);
});

Deno.test("a task that is born leased costs 2 commits, 6 mutations and no read", async () => {
  await using bed = await createBed();
  const { task } = recordedTask();
  const tasks = bed.isolate([task]);
  await tasks.enqueue(task, { n: 1 });
  await until(() => bed.outcomes.length === 1);
  const { commits, writes, reads, lists } = bed.raw.counts;
  assertEquals([commits, writes, reads, lists], [2, 6, 0, 0]);
});

Deno.test("enqueue() refuses a payload that does not fit, and writes nothing", async () => {
  await using bed = await createBed();
  const { task, calls } = recordedTask();
  const tasks = bed.isolate([task]);
  const error = await assertRejects(() => tasks.enqueue(task, { n: "x" } as never), AppError);
  assert(error instanceof AppError);
  assertEquals(error.code, "VALIDATION_FAILED");
  assertEquals(bed.raw.counts.commits + calls.length, 0);
});

Deno.test("a task that fails is tried again after 2 s doubling, and is dead after its attempts", async () => {
  await using bed = await createBed();
  const { task, calls } = recordedTask(() => Promise.reject(new Error("no luck")), {
    retry: { attempts: 3 },
  });
  const tasks = bed.isolate([task], { random: () => 0.999 });
  tasks.start();
  const { id } = await tasks.enqueue(task, { n: 1 });
  await until(async () => (await bed.record(id)).status === "retrying");
  const delays: number[] = [];
  for (let attempt = 2; attempt <= 3; attempt++) {
    delays.push((await bed.record(id)).at - bed.clock.now());
    await bed.turn(2_000 * (attempt - 1) + 600);
    await until(async () =>
      calls.length === attempt && (await bed.record(id)).status !== "running"
    );
  }
  assert(delays[0] > 1_900 && delays[0] <= 2_000 && delays[1] < 4_000, String(delays));
  const { status, history, attempts } = await bed.record(id);
  assertEquals([status, attempts, history.map(({ message }) => message)], [
    "dead",
    3,
    ["no luck", "no luck", "no luck"],
  ]);
  assertStringIncludes(bed.lines.join("\n"), '"task.dead"');
});

Deno.test("a handler says by what it throws: never again, after so long, or not now", async () => {
  await using bed = await createBed();
  const errors = [new SnoozeError(60_000), new RetryAfterError(90_000), new PermanentError("no")];
  const { task, calls } = recordedTask(() => Promise.reject(errors.shift()));
  const tasks = bed.isolate([task], { random: () => 0 });
  tasks.start();
  const { id } = await tasks.enqueue(task, { n: 1 });
  const rest = async (calledTimes: number) => {
    await until(async () =>
      calls.length === calledTimes && (await bed.record(id)).status !== "running"
    );
    const { status, attempts, at } = await bed.record(id);
    return [status, attempts, at - bed.clock.now()];
  };
  assertEquals(await rest(1), ["pending", 0, 60_000]);
  await bed.turn(61_000);
  assertEquals((await rest(2)).slice(0, 2), ["retrying", 1]);
  await bed.turn(91_000);
  assertEquals((await rest(3)).slice(0, 2), ["dead", 2]);
});

Deno.test("a task that takes too long is aborted, and fails with TIMEOUT whatever it does", async () => {
  await using bed = await createBed();
  const reasons: unknown[] = [];
  const stubborn = recordedTask(({ signal }) => {
    signal.addEventListener("abort", () => reasons.push(signal.reason));
    return new Promise(() => {});
  }, { timeoutMs: 10_000, retry: { attempts: 1 } });
  const tasks = bed.isolate([stubborn.task]);
  const { id } = await tasks.enqueue(stubborn.task, { n: 1 });
  await bed.turn(11_000);
  assertEquals(reasons.length, 1);
  assertEquals((await bed.record(id)).status, "running");
  await bed.turnUntil(60_000, async () => (await bed.record(id)).status === "dead");
  const { history: [attempt] } = await bed.record(id);
  assertEquals([attempt.category, tasks.running], ["TIMEOUT", 0]);
});

Deno.test("progress() keeps how far a task is, and the next attempt goes on from there", async () => {
  await using bed = await createBed();
  const seen: unknown[] = [];
  const { task, calls } = recordedTask(async ({ attempt, cursor, progress }) => {
    seen.push(cursor);
    await progress(40 * attempt, { row: attempt });
    if (attempt === 1) throw new Error("once more");
    await assertRejects(() => progress(50, "x".repeat(5_000)), RangeError);
  });
  const tasks = bed.isolate([task]);
  tasks.start();
  const { id } = await tasks.enqueue(task, { n: 1 });
  await until(async () => (await bed.record(id)).status === "retrying");
  assertEquals((await bed.record(id)).progress, 40);
  await bed.turnUntil(60_000, async () => (await bed.record(id)).status === "succeeded");
  assertEquals([seen, calls.length], [[undefined, { row: 1 }], 2]);
});

Deno.test("a payload that no longer fits its schema is dead at once, with VALIDATION", async () => {
  await using bed = await createBed();
  const { task } = recordedTask();
  const stricter = defineTask({
    name: task.name,
    schema: numbered.extend({ more: numbered.shape.n }),
    run() {},
  });
  const { id } = await bed.isolate([]).enqueue(task, { n: 1 }, { delayMs: 1_000 });
  bed.isolate([stricter]).start();
  await bed.turnUntil(60_000, async () => (await bed.record(id)).status === "dead");
  const { history: [attempt] } = await bed.record(id);
  assertEquals(attempt.category, "VALIDATION");
  assertStringIncludes(attempt.message ?? "", "more");
});

Deno.test("what is written of an error holds no token, no query and no address", async () => {
  await using bed = await createBed();
  const secret = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abcdefghij";
  const { task } = recordedTask(() => {
    throw new Error(`token (${secret}) of ann@example.org at https://x.test/a?key=hunter2 failed`);
  }, { retry: { attempts: 1 } });
  const tasks = bed.isolate([task]);
  const { id } = await tasks.enqueue(task, { n: 1 });
  await until(async () => (await bed.record(id)).status === "dead");
  const kept = JSON.stringify([await bed.record(id), await tasks.deadLetters.show(id), bed.lines]);
  for (const planted of [secret, "hunter2", "ann@example.org"]) {
    assert(!kept.includes(planted), planted);
  }
});

Deno.test("stop() waits for what runs, and gives back what does not end, uncounted", async () => {
  await using bed = await createBed();
  const quick = gate();
  const { task } = recordedTask(({ signal }, { n }) =>
    n === 1 ? quick.wait(signal) : gate().wait(signal)
  );
  const tasks = bed.isolate([task]);
  const first = await tasks.enqueue(task, { n: 1 });
  const second = await tasks.enqueue(task, { n: 2 });
  const stopped = tasks.stop(5_000);
  quick.open();
  await bed.turn(6_000);
  await stopped;
  assertEquals((await bed.record(first.id)).status, "succeeded");
  const { status, attempts, at } = await bed.record(second.id);
  assertEquals([status, attempts, at <= bed.clock.now()], ["pending", 0, true]);
  const late = await tasks.enqueue(task, { n: 3 });
  assertEquals((await bed.record(late.id)).status, "pending");
});

Deno.test("createTasks() refuses two tasks of one name", async () => {
  await using bed = await createBed();
  const { task } = recordedTask();
  assertThrows(() => bed.isolate([task, task]), RangeError, "Two tasks");
});
