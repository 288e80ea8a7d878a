import { assert, assertEquals, assertRejects } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { AppError } from "../../src/errors/app_error.ts";
import { keys } from "../../src/kv/keys.ts";
import { openKv } from "../../src/kv/open.ts";
import { createLog } from "../../src/log.ts";
import { readPath } from "../../src/paths/request_path.ts";
import type { ThreatRule } from "../../src/threats/path_rules.ts";
import { createRuleBook, type RuleBook } from "../../src/threats/rule_book.ts";
import { RULES_MAX } from "../../src/threats/rule_check.ts";
import { MINUTE, SECOND } from "../../src/time.ts";
import { createTestClock } from "../_clock.ts";
import { pass } from "../_fake_time.ts";
import { createFaultKv } from "../_fault_kv.ts";

const ADMIN = { id: "acc_1", requestId: "r-1" };

const rule = (path: string, change: Partial<ThreatRule> = {}): ThreatRule => ({
  method: "*",
  path,
  mode: "monitor",
  exempt: [],
  ...change,
});

/** Isolates that share one KV and one clock, each with a book of its own. */
async function createBed(count = 1, configured: readonly ThreatRule[] = []) {
  const over = await Deno.openKv(":memory:");
  const clock = createTestClock();
  const logged: string[] = [];
  const log = createLog({ level: "warn", clock, write: (line) => logged.push(line) });
  const isolates = await Promise.all(Array.from({ length: count }, async (_, seed) => {
    const raw = await createFaultKv({ over, seed });
    const kv = await openKv({ path: ":memory:", raw, clock, log, deadlineMs: 2_000 });
    const book = createRuleBook({
      kv,
      clock,
      log,
      fallback: "enforce",
      configured,
      record: (atomic, { action, details }, by) =>
        void atomic.set(keys.accountOfEmail(`${action} v${details.version}`), by.id),
    });
    return { raw, book };
  }));
  return {
    clock,
    logged,
    isolates,
    /** Lets reads under way end: they take real time, whatever the fake one does. */
    async settle() {
      for (let i = 0; i < 5; i++) await over.get(["nothing"]);
    },
    /** Acts that were written to the log with what they did. */
    async acts() {
      const entries = await Array.fromAsync(over.list({ prefix: ["auth_email"] }));
      return entries.map(({ key, value }) => `${String(key[1])} by ${value}`);
    },
    async [Symbol.asyncDispose]() {
      for (const { book, raw } of isolates) {
        raw.heal();
        await book.stop();
        raw.close();
      }
      over.close();
    },
  };
}

const modeOf = (book: RuleBook, path = "/a") => book.match(["GET"], readPath(path)!).mode;

async function refusalOf(act: () => Promise<unknown>): Promise<AppError> {
  const error = await assertRejects(act);
  if (error instanceof AppError) return error;
  throw error;
}

async function pointersOf(book: RuleBook, rules: readonly ThreatRule[]): Promise<unknown[]> {
  const error = await refusalOf(() => book.put({ rules }, ADMIN));
  assertEquals(error.code, "VALIDATION_FAILED");
  const { errors } = error.options.extensions ?? {};
  assert(Array.isArray(errors));
  return errors.map(({ pointer }) => pointer);
}

Deno.test("ruleBook.put() holds here at once, before the configured rules, and is in the log", async () => {
  await using bed = await createBed(1, [rule("/a", { mode: "off" }), rule("/b")]);
  const [{ book }] = bed.isolates;
  assertEquals([modeOf(book), modeOf(book, "/b"), modeOf(book, "/c")], [
    "off",
    "monitor",
    "enforce",
  ]);
  const rules = [rule("/a")];
  assertEquals(await book.put({ rules }, ADMIN), { version: 1, rules });
  assertEquals([modeOf(book), modeOf(book, "/b"), modeOf(book, "/c")], [
    "monitor",
    "monitor",
    "enforce",
  ]);
  assertEquals(await book.get(), { version: 1, rules });
  assertEquals(await bed.acts(), ["threat_rules.replace v1 by acc_1"]);
});

Deno.test("ruleBook.match() follows another isolate within 5 s, at one read a poll and 0 a request", async () => {
  using time = new FakeTime();
  await using bed = await createBed(2);
  const [one, other] = bed.isolates;
  await other.book.catchUp();
  await one.book.put({ rules: [rule("/a")] }, ADMIN);
  other.raw.resetCounts();
  for (let i = 0; i < 1_000; i++) assertEquals(modeOf(other.book), "enforce");
  assertEquals(other.raw.counts.trips, 0);
  for (let second = 0; second < 60; second++) {
    modeOf(other.book);
    bed.clock.turn(SECOND);
    await time.tickAsync(SECOND);
    await bed.settle();
    if (second === 4) assertEquals(modeOf(other.book), "monitor");
  }
  const { reads } = other.raw.counts;
  assert(reads >= 18 && reads <= 20, `${reads} reads a minute`);
});

Deno.test("ruleBook.match() without requests reads for ten minutes more, then not", async () => {
  using time = new FakeTime();
  await using bed = await createBed();
  const [{ book, raw }] = bed.isolates;
  const readsOf = async (ms: number) => {
    raw.resetCounts();
    for (let passed = 0; passed < ms; passed += SECOND) {
      bed.clock.turn(SECOND);
      await time.tickAsync(SECOND);
      await bed.settle();
    }
    return raw.counts.reads;
  };
  await book.catchUp();
  assert(await readsOf(10 * MINUTE) > 150);
  await readsOf(MINUTE);
  assertEquals(await readsOf(10 * MINUTE), 0);
  modeOf(book);
  assert(await readsOf(10 * SECOND) > 0);
});

Deno.test("ruleBook.catchUp() lets all first requests wait for the rules, and later ones not", async () => {
  await using bed = await createBed(2);
  const [one, other] = bed.isolates;
  await one.book.put({ rules: [rule("/a")] }, ADMIN);
  const waits = [other.book.catchUp(), other.book.catchUp()];
  assert(waits.every((wait) => wait !== undefined));
  await Promise.all(waits);
  assertEquals(modeOf(other.book), "monitor");
  assertEquals(other.book.catchUp(), undefined);
  bed.clock.turn(5 * SECOND + 1);
  assert(other.book.catchUp() !== undefined);
});

Deno.test("ruleBook keeps what it knows while KV is out, and says so once", async () => {
  using time = new FakeTime();
  await using bed = await createBed(2);
  const [one, other] = bed.isolates;
  await one.book.put({ rules: [rule("/a")] }, ADMIN);
  await other.book.catchUp();
  other.raw.inject({ error: 1 });
  for (let i = 0; i < 10; i++) {
    bed.clock.turn(3 * SECOND);
    await time.tickAsync(3 * SECOND);
    assertEquals([modeOf(other.book), other.book.catchUp()], ["monitor", undefined]);
  }
  assertEquals(bed.logged.filter((line) => line.includes("threat_rules.stale")).length, 1);
  await assertRejects(() => other.book.put({ rules: [] }, ADMIN));
});

Deno.test("ruleBook.catchUp() waits 300 ms for a KV that hangs, once", async () => {
  using time = new FakeTime();
  await using bed = await createBed();
  const [{ book, raw }] = bed.isolates;
  raw.inject({ hang: 1 });
  let waited = false;
  book.catchUp()!.then(() => waited = true);
  await pass(time, 299);
  assertEquals(waited, false);
  await pass(time, 1);
  assertEquals([waited, book.catchUp()], [true, undefined]);
  raw.heal();
  await time.tickAsync(10 * SECOND);
});

Deno.test("ruleBook.put() made from an old version is a conflict; without one the last wins", async () => {
  await using bed = await createBed(2);
  const [one, other] = bed.isolates;
  await one.book.put({ rules: [rule("/a")], version: 0 }, ADMIN);
  const late = () => other.book.put({ rules: [], version: 0 }, ADMIN);
  assertEquals((await refusalOf(late)).code, "CONFLICT");
  const puts = bed.isolates.map(({ book }, at) => book.put({ rules: [rule(`/${at}`)] }, ADMIN));
  assertEquals((await Promise.all(puts)).map(({ version }) => version).sort(), [2, 3]);
  assertEquals((await one.book.get()).version, 3);
  assertEquals((await bed.acts()).length, 3, "each act with its change, none without");
});

Deno.test("ruleBook.put() names everything that is wrong, and writes nothing", async () => {
  await using bed = await createBed();
  const [{ book }] = bed.isolates;
  const wrong = [
    rule("/a", { method: "get" }),
    rule("no-slash"),
    rule("//host/path"),
    rule("/a?b=1"),
    rule("/files*"),
    rule("/b", { exempt: ["body html"] }),
    rule("/c", { exempt: new Array(21).fill("x") }),
    rule("/d"),
    rule("/d", { mode: "off" }),
  ];
  assertEquals(await pointersOf(book, wrong), [
    "/rules/0/method",
    "/rules/1/path",
    "/rules/2/path",
    "/rules/3/path",
    "/rules/4/path",
    "/rules/5/exempt",
    "/rules/6/exempt",
    "/rules/8/path",
  ]);
  assertEquals(await book.get(), { version: 0, rules: [] });
  assertEquals(await bed.acts(), []);
});

Deno.test("ruleBook.put() takes 200 rules and refuses the 201st, and more than KV can hold", async () => {
  await using bed = await createBed();
  const [{ book }] = bed.isolates;
  const many = (count: number, name = "x") =>
    Array.from({ length: count }, (_, at) => rule(`/${name}/${at}`));
  const { version } = await book.put({ rules: many(RULES_MAX) }, ADMIN);
  assertEquals(version, 1);
  assertEquals(await pointersOf(book, many(RULES_MAX + 1)), ["/rules"]);
  // Near the bound in characters, each of them two bytes.
  await book.put({ rules: many(140, "ж".repeat(100)) }, ADMIN);
  assertEquals(await pointersOf(book, many(140, "ж".repeat(120))), ["/rules"]);
});
