/** Tasks that are tried again for a time: how often, until when, and what they leave in KV. */
import { assert, assertEquals } from "@std/assert";
import { ProviderError } from "../../src/errors/provider_error.ts";
import { categorize } from "../../src/errors/categorize.ts";
import { valueSizeBytes } from "../../src/kv/size.ts";
import { PermanentError, RetryAfterError } from "../../src/tasks/verdicts.ts";
import type { Tasks } from "../../src/tasks/tasks.ts";
import { DAY, HOUR, MINUTE, SECOND } from "../../src/time.ts";
import { ACTOR, type Bed, createBed, gate, recordedTask, settle, until } from "./_bed.ts";

const OUT = () => new ProviderError({ provider: "mail_api", status: 503 });

/** Goes from one due time to the next, so that a day takes no time, until it is over or so. */
async function live(bed: Bed, tasks: Tasks, id: string, untilMs = 2 * DAY): Promise<number> {
  const startedAt = bed.clock.now();
  for (let attempts = 1;; attempts++) {
    await until(async () => (await bed.record(id)).status !== "running");
    const { status, at } = await bed.record(id);
    if (status !== "retrying" || at - startedAt > untilMs) return attempts;
    bed.clock.turn(Math.max(0, at - bed.clock.now()));
    await tasks.tick(1);
  }
}

Deno.test("a task whose server is out goes on for its time, and then is dead with the reason", async () => {
  for (const hours of [1, 24, 48]) {
    await using bed = await createBed();
    const { task } = recordedTask(() => Promise.reject(OUT()), { retry: { forMs: hours * HOUR } });
    const tasks = bed.isolate([task], { categorize });
    const { id } = await tasks.enqueue(task, { n: 1 });
    const attempts = await live(bed, tasks, id, 3 * DAY);
    const record = await bed.record(id);
    const livedMs = (record.deadAt ?? 0) - record.createdAt;
    assertEquals([record.status, record.history.at(-1)?.code], ["dead", "PROVIDER_FAILED"]);
    assert(livedMs >= hours * HOUR && livedMs <= hours * HOUR + 10 * MINUTE, `${livedMs}`);
    assert(attempts > 4 * hours && attempts <= task.retry.attempts, `${attempts} attempts`);
    assertEquals([record.attempts, record.attemptsMax], [attempts, task.retry.attempts]);
  }
});

Deno.test("what cannot pass is dead at the first attempt, whatever the time", async () => {
  const refusals: readonly (readonly [error: Error, code: string])[] = [
    [new ProviderError({ provider: "mail_api", status: 422 }), "PROVIDER_REFUSED"],
    [new PermanentError("no"), "PERMANENT"],
    [new TypeError("Cannot read properties of undefined"), "BUG"],
    [
      Object.assign(new Error("550 nobody"), { code: "EENVELOPE", responseCode: 550 }),
      "PROVIDER_REFUSED",
    ],
  ];
  await using bed = await createBed();
  for (const [error, code] of refusals) {
    const { task } = recordedTask(() => Promise.reject(error), {
      name: code.toLowerCase(),
      retry: { forMs: DAY },
    });
    const tasks = bed.isolate([task], { categorize });
    const { id } = await tasks.enqueue(task, { n: 1 });
    await until(async () => (await bed.record(id)).status === "dead");
    const { attempts, history } = await bed.record(id);
    assertEquals([attempts, history[0].code], [1, code]);
  }
});

Deno.test("a day of failures leaves a record of bounded size that still knows the first one", async () => {
  await using bed = await createBed();
  let failures = 0;
  const { task } = recordedTask(() => {
    throw new Error(`${++failures} ${"\u{4e00}".repeat(5_000)} timed out`);
  }, { retry: { forMs: DAY } });
  const tasks = bed.isolate([task], { categorize });
  const { id } = await tasks.enqueue(task, { n: 1 });
  await live(bed, tasks, id);
  const record = await bed.record(id);
  assert(failures > 100 && valueSizeBytes(record) < 30_000, `${valueSizeBytes(record)} bytes`);
  assertEquals(record.history.length, 20);
  assert(record.history[0].message?.startsWith("1 "));
  assert(record.history[19].message?.startsWith(`${failures} `));
  const shown = await tasks.deadLetters.show(id);
  assertEquals(shown.first_failed_at, shown.created_at);
});

Deno.test("sent out again, a task has the whole time again", async () => {
  await using bed = await createBed();
  const { task } = recordedTask(() => Promise.reject(OUT()), { retry: { forMs: HOUR } });
  const tasks = bed.isolate([task], { categorize });
  const { id } = await tasks.enqueue(task, { n: 1 });
  await live(bed, tasks, id);
  bed.clock.turn(DAY);
  const againAt = bed.clock.now();
  await tasks.deadLetters.retry(id, {}, ACTOR);
  await tasks.tick(1);
  await live(bed, tasks, id);
  const { status, deadAt = 0 } = await bed.record(id);
  assertEquals(status, "dead");
  assert(deadAt - againAt >= HOUR);
});

Deno.test("tasks enqueued under another policy get the time of today's code", async () => {
  await using bed = await createBed();
  const before = recordedTask(() => Promise.reject(OUT()), { retry: { attempts: 2 } });
  const { id } = await bed.isolate([before.task]).enqueue(before.task, { n: 1 }, { delayMs: 1 });
  const after = recordedTask(() => Promise.reject(OUT()), { retry: { forMs: DAY } });
  const tasks = bed.isolate([after.task], { categorize });
  bed.clock.turn(SECOND);
  await tasks.tick(1);
  await live(bed, tasks, id);
  const { attempts, attemptsMax } = await bed.record(id);
  assert(attempts > 100 && attempts <= attemptsMax);
});

Deno.test("a wait that the other side asked for is kept to, and one of none is no hammering", async () => {
  const rows: readonly (readonly [askedMs: number, leastMs: number, mostMs: number])[] = [
    [0, SECOND / 2, 2 * SECOND],
    [90 * SECOND, 90 * SECOND, 91 * SECOND],
    [2 * HOUR, 2 * HOUR, 2 * HOUR + SECOND],
    [30 * DAY, DAY, DAY + SECOND],
  ];
  for (const [askedMs, leastMs, mostMs] of rows) {
    await using bed = await createBed();
    const { task } = recordedTask(() => Promise.reject(new RetryAfterError(askedMs)), {
      retry: { forMs: DAY },
    });
    const tasks = bed.isolate([task], { categorize });
    const { id } = await tasks.enqueue(task, { n: 1 });
    await until(async () => (await bed.record(id)).status === "retrying");
    const waitMs = (await bed.record(id)).at - bed.clock.now();
    assert(waitMs >= leastMs && waitMs <= mostMs, `${askedMs}: ${waitMs}`);
    const attempts = await live(bed, tasks, id);
    assert(attempts < 400, `${attempts} attempts`);
  }
});

interface Away {
  readonly bed: Bed;
  readonly tasks: Tasks;
  /** From now on an attempt does not end. */
  hang(): void;
}

/** How a day and more passes in which nobody tries: the machine is off, or its clock is put right. */
const AWAY: Readonly<Record<string, (away: Away) => Promise<void> | void>> = {
  "30 hours while it waits": ({ bed }) => bed.clock.turn(30 * HOUR),
  "a year while it waits": ({ bed }) => bed.clock.turn(365 * DAY),
  "20 hours, twice": async ({ bed, tasks }) => {
    bed.clock.turn(20 * HOUR);
    await tasks.tick(1);
    await settle();
    bed.clock.turn(20 * HOUR);
  },
  "30 hours in the middle of an attempt": async ({ bed, tasks, hang }) => {
    hang();
    bed.clock.turn(MINUTE);
    // It ends with the attempt.
    void tasks.tick(1);
    await settle();
    bed.clock.turn(30 * HOUR);
  },
};

for (const [name, pass] of Object.entries(AWAY)) {
  Deno.test(`the time in which nobody tries does not count: ${name}`, async () => {
    await using bed = await createBed();
    let hangs = false;
    const held = gate();
    const { task } = recordedTask(
      ({ signal }) => hangs ? held.wait(signal) : Promise.reject(OUT()),
      { retry: { forMs: DAY } },
    );
    const before = bed.isolate([task], { categorize });
    const { id } = await before.enqueue(task, { n: 1 });
    await until(async () => (await bed.record(id)).status === "retrying");
    await pass({ bed, tasks: before, hang: () => void (hangs = true) });
    bed.kill(before);
    hangs = false;
    const tasks = bed.isolate([task], { categorize });
    const { length } = (await bed.record(id)).history;
    tasks.start();
    await bed.turnUntil(2 * MINUTE, async () => {
      const { status, history } = await bed.record(id);
      return status !== "running" && history.at(-1)?.outcome === "failed" &&
        history.length > length;
    });
    const backAt = bed.clock.now();
    assertEquals((await bed.record(id)).status, "retrying");
    await live(bed, tasks, id, 3 * DAY);
    const { status, deadAt = 0 } = await bed.record(id);
    assertEquals(status, "dead");
    const hours = (deadAt - backAt) / HOUR;
    assert(hours > 23 && hours < 25, `${hours} h`);
    held.open();
  });
}
