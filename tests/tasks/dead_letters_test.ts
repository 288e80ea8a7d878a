import { assert, assertEquals, assertRejects } from "@std/assert";
import { AppError } from "../../src/errors/app_error.ts";
import { keys, prefixes } from "../../src/kv/keys.ts";
import { findDrift, walk } from "../../src/tasks/counts.ts";
import type { Tasks } from "../../src/tasks/tasks.ts";
import { PermanentError } from "../../src/tasks/verdicts.ts";
import { DAY, HOUR } from "../../src/time.ts";
import { ACTOR, type Bed, createBed, recordedTask, until } from "./_bed.ts";

/** Two names whose handlers fail as long as `isBroken`. */
function breakable() {
  const state = { isBroken: true };
  const run = () => {
    if (state.isBroken) throw new Error("out of order");
  };
  const retry = { attempts: 1 };
  const mail = recordedTask(run, { name: "mail", retry });
  const hook = recordedTask(run, { name: "hook", retry });
  return { state, mail: mail.task, hook: hook.task };
}

async function die(bed: Bed, tasks: Tasks, task: ReturnType<typeof breakable>["mail"], n = 1) {
  const { id } = await tasks.enqueue(task, { n });
  await until(async () => (await bed.record(id)).status === "dead");
  return id;
}

async function codeOf(call: () => Promise<unknown>): Promise<string> {
  const error = await assertRejects(call, AppError);
  assert(error instanceof AppError);
  return error.code;
}

async function rowCount(bed: Bed): Promise<number> {
  let rows = 0;
  for (const parts of [["task"], ["task_dead"], ["task_key"], ["task_chunk"], ["task_due"]]) {
    for await (const _ of walk(bed.kv, { parts }, 10_000)) rows++;
  }
  return rows;
}

Deno.test("list() filters by name, status, category and time, newest first, page by page", async () => {
  await using bed = await createBed();
  const { mail, hook } = breakable();
  const tasks = bed.isolate([mail, hook]);
  const died: string[] = [];
  for (let n = 0; n < 7; n++) {
    died.push(await die(bed, tasks, n % 2 ? hook : mail, n));
    bed.clock.turn(HOUR);
  }
  const { list } = tasks.deadLetters;
  const ids = async (query: Parameters<typeof list>[0]) =>
    (await list(query)).items.map(({ id }) => died.indexOf(id));
  assertEquals(await ids({}), [6, 5, 4, 3, 2, 1, 0]);
  assertEquals(await ids({ name: "hook" }), [5, 3, 1]);
  assertEquals(await ids({ name: "hook", order: "oldest" }), [1, 3, 5]);
  assertEquals(await ids({ category: "SYSTEM", name: "mail" }), [6, 4, 2, 0]);
  assertEquals(await ids({ status: "abandoned" }), []);
  const start = bed.clock.now() - 7 * HOUR;
  assertEquals(await ids({ from: start + HOUR, to: start + 4 * HOUR - 1 }), [3, 2, 1]);
  const first = await list({ limit: 5 });
  const second = await list({ limit: 5, cursor: first.next_cursor ?? "" });
  assertEquals([first.items.length, second.items.length, second.next_cursor], [5, 2, null]);
  assertEquals(
    await codeOf(() => list({ name: "mail", cursor: first.next_cursor ?? "" })),
    "INVALID_CURSOR",
  );
});

Deno.test("show() tells every attempt and masks what may be secret in the payload", async () => {
  await using bed = await createBed();
  const { task } = recordedTask(() => {
    throw new PermanentError("refused");
  });
  const tasks = bed.isolate([task]);
  const payload = { n: 1, api_key: "hunter2", note: "see https://x.test/?k=hunter2" };
  const { id } = await tasks.enqueue(task, payload as { n: number });
  await until(async () => (await bed.record(id)).status === "dead");
  const shown = await tasks.deadLetters.show(id);
  assertEquals(shown.payload, { n: 1, api_key: "[redacted]", note: "see https://x.test/?[query]" });
  assertEquals([shown.history.length, shown.history[0].category, shown.can_retry], [
    1,
    "VALIDATION",
    false,
  ]);
  assertEquals(await codeOf(() => tasks.deadLetters.show("nobody")), "NOT_FOUND");
  const alive = await tasks.enqueue(task, { n: 2 }, { delayMs: HOUR });
  assertEquals(await codeOf(() => tasks.deadLetters.show(alive.id)), "NOT_FOUND");
});

Deno.test("retry() sends a dead task out again, audited, and its success leaves the list", async () => {
  await using bed = await createBed();
  const { mail, state } = breakable();
  const tasks = bed.isolate([mail]);
  tasks.start();
  const id = await die(bed, tasks, mail);
  state.isBroken = false;
  const { status } = await tasks.deadLetters.retry(id, { delayMs: 5_000 }, ACTOR);
  assertEquals([status, (await tasks.deadLetters.list()).items[0].status], [
    "retrying",
    "retrying",
  ]);
  assertEquals(bed.audited[0], {
    entry: { action: "task.retry", target: id, details: { force: false } },
    actor: ACTOR,
  });
  assertEquals(await codeOf(() => tasks.deadLetters.retry(id, {}, ACTOR)), "TASK_RUNNING");
  assertEquals(await codeOf(() => tasks.deadLetters.delete(id, ACTOR)), "TASK_RUNNING");
  await bed.turnUntil(60_000, async () => (await bed.record(id)).status === "succeeded");
  const stats = await tasks.deadLetters.stats();
  assertEquals([stats.retry_success_rate, stats.total_failed_tasks], [1, 0]);
  assertEquals((await tasks.deadLetters.list()).items, []);
  assertEquals((await bed.record(id)).history.length, 2);
});

Deno.test("retry() takes force for what was given up, sent out 3 times, or cannot succeed", async () => {
  await using bed = await createBed();
  const { mail } = breakable();
  const hopeless = recordedTask(() => {
    throw new PermanentError("no");
  });
  const tasks = bed.isolate([mail, hopeless.task]);
  tasks.start();
  const id = await die(bed, tasks, mail);
  for (let round = 0; round < 3; round++) {
    await tasks.deadLetters.retry(id, {}, ACTOR);
    await bed.turnUntil(60_000, async () => (await bed.record(id)).status === "dead");
  }
  const wrong = await die(bed, tasks, hopeless.task);
  const given = await die(bed, tasks, mail, 2);
  await tasks.deadLetters.abandon(given, ACTOR);
  for (const one of [id, wrong, given]) {
    assertEquals(await codeOf(() => tasks.deadLetters.retry(one, {}, ACTOR)), "TASK_NOT_RETRYABLE");
    assertEquals((await tasks.deadLetters.retry(one, { force: true }, ACTOR)).status, "retrying");
  }
});

Deno.test("retry() refuses a payload that today's schema does not take, force or not", async () => {
  await using bed = await createBed();
  const { mail } = breakable();
  const id = await die(bed, bed.isolate([mail]), mail);
  const without = bed.isolate([]);
  assertEquals(
    await codeOf(() => without.deadLetters.retry(id, { force: true }, ACTOR)),
    "TASK_PAYLOAD_OUTDATED",
  );
});

Deno.test("a task that dies again comes back with the new time and one entry", async () => {
  await using bed = await createBed();
  const { mail } = breakable();
  const tasks = bed.isolate([mail]);
  tasks.start();
  const id = await die(bed, tasks, mail);
  bed.clock.turn(DAY);
  await tasks.deadLetters.retry(id, {}, ACTOR);
  await bed.turnUntil(60_000, async () => (await bed.record(id)).status === "dead");
  const { items } = await tasks.deadLetters.list();
  assertEquals(items.map((item) => [item.id, item.retries]), [[id, 1]]);
  assert(items[0].age_seconds < 60);
  const { retry_success_rate, by_age } = await tasks.deadLetters.stats();
  assertEquals([retry_success_rate, by_age.under_1_hour], [0, 1]);
});

Deno.test("abandon() gives up what waits or is dead; delete() leaves nothing of it", async () => {
  await using bed = await createBed();
  const { mail } = breakable();
  const tasks = bed.isolate([mail]);
  const { id } = await tasks.enqueue(mail, { n: 1 }, { delayMs: DAY, key: "later" });
  await tasks.deadLetters.abandon(id, ACTOR);
  assertEquals((await tasks.counts()).abandoned, 1);
  await tasks.deadLetters.delete(id, ACTOR);
  assertEquals(await rowCount(bed), 0);
  assertEquals(await codeOf(() => tasks.deadLetters.delete(id, ACTOR)), "NOT_FOUND");
  assertEquals(bed.audited.map(({ entry }) => entry.action), ["task.abandon", "task.delete"]);
});

Deno.test("clear() without confirm deletes nothing and says how many", async () => {
  await using bed = await createBed();
  const { mail, hook } = breakable();
  const tasks = bed.isolate([mail, hook]);
  for (let n = 0; n < 4; n++) await die(bed, tasks, n === 0 ? hook : mail, n);
  const { clear, list } = tasks.deadLetters;
  assertEquals((await clear({ name: "mail" }, ACTOR)).would_delete, 3);
  assertEquals((await clear({ status: "abandoned" }, ACTOR)).would_delete, 0);
  assertEquals((await clear({ older_than_hours: 1 }, ACTOR)).would_delete, 0);
  assertEquals((await clear({ name: "" }, ACTOR)).would_delete, 0);
  assertEquals((await list()).items.length, 4);
  assertEquals(bed.audited, []);
  const wrong = { confirm: true, expected_count: 10 };
  assertEquals(await codeOf(() => clear(wrong, ACTOR)), "TASK_COUNT_CHANGED");
  const done = await clear({ name: "mail", confirm: true }, ACTOR);
  assertEquals(done, { confirmed: true, would_delete: 3, deleted: 3, complete: true });
  assertEquals((await list()).items.map(({ name }) => name), ["hook"]);
  assertEquals(await findDrift(bed.kv), []);
});

Deno.test("clear() beside retries never deletes a task that was sent out again", async () => {
  await using bed = await createBed();
  const { mail, state } = breakable();
  const tasks = bed.isolate([mail]);
  const ids: string[] = [];
  for (let n = 0; n < 30; n++) ids.push(await die(bed, tasks, mail, n));
  state.isBroken = false;
  const retries = ids.slice(0, 10).map((id) =>
    tasks.deadLetters.retry(id, {}, ACTOR).then(() => id, () => undefined)
  );
  const [done, ...retried] = await Promise.all([
    tasks.deadLetters.clear({ confirm: true }, ACTOR),
    ...retries,
  ]);
  const sentOut = retried.filter((id) => id !== undefined);
  assertEquals(done.deleted + sentOut.length, 30);
  for (const id of sentOut) assertEquals((await bed.record(id)).status, "retrying");
  assertEquals(await findDrift(bed.kv), []);
});

Deno.test("the clean-up gives up what is dead for 30 days, and deletes it 7 days later", async () => {
  await using bed = await createBed();
  const { mail } = breakable();
  const tasks = bed.isolate([mail]);
  const id = await die(bed, tasks, mail);
  await tasks.tick(1);
  const day = async () => {
    bed.clock.turn(DAY);
    await tasks.tick(1);
    await until(async () => {
      await tasks.tick(1);
      return tasks.running === 0;
    });
  };
  for (let days = 0; days < 30; days++) await day();
  assertEquals((await bed.record(id)).status, "dead");
  await day();
  await day();
  assertEquals((await bed.record(id)).status, "abandoned");
  for (let days = 0; days < 8; days++) await day();
  assertEquals((await bed.kv.get(keys.task(id))).value, null);
  for await (const { key } of walk(bed.kv, prefixes.taskMinutes(), 1_000)) {
    assert(Number(key[1]) > (bed.clock.now() - 3 * DAY) / 60_000);
  }
});

Deno.test("the clean-up puts right a counter that no scan agrees with", async () => {
  await using bed = await createBed();
  const { mail } = breakable();
  const tasks = bed.isolate([mail]);
  await die(bed, tasks, mail);
  await bed.kv.commit((atomic) => atomic.sum(keys.taskCount("dead", "mail"), -3n));
  assertEquals((await findDrift(bed.kv)).length, 1);
  await tasks.tick(1);
  bed.clock.turn(DAY);
  await tasks.tick(1);
  await until(async () => (await findDrift(bed.kv)).length === 0);
  assertEquals((await tasks.counts()).dead, 1);
});
