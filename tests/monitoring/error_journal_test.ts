import { assert, assertEquals, assertRejects } from "@std/assert";
import { AppError } from "../../src/errors/app_error.ts";
import { ERRORS } from "../../src/errors/codes.ts";
import { prefixes } from "../../src/kv/keys.ts";
import { DAY, HOUR, MINUTE, SECOND } from "../../src/time.ts";
import { NETWORK } from "../errors/_network.ts";
import { caught, PROVOKED } from "../errors/_provoked.ts";
import { failure, openBed, word } from "./_errors.ts";

Deno.test("note() answers the kind, the fingerprint and the severity, and counts the category", async () => {
  await using bed = await openBed();
  const { journal, noted } = await bed.isolate();
  const { fingerprint, ...kind } = journal.note(new TypeError("database is locked"));
  assertEquals(kind, {
    category: "DATABASE",
    severity: "LOW",
    code: "KV_LOCKED",
    retryable: true,
  });
  assertEquals(fingerprint.length, 16);
  assertEquals(noted, ["DATABASE"]);
});

Deno.test("report() adds up what all isolates have seen, as one pattern for each cause", async () => {
  await using bed = await openBed();
  const isolates = await Promise.all([bed.isolate(), bed.isolate(), bed.isolate()]);
  const causes = [() => failure("the printer is on fire"), () => new TypeError("fetch failed")];
  for (let at = 0; at < 300; at++) isolates[at % 3].journal.note(causes[at % 3 === 0 ? 0 : 1]());
  await Promise.all(isolates.map(({ journal }) => journal.flush()));
  const report = await isolates[0].journal.report();
  assertEquals(report.complete, true);
  assertEquals(report.total, 300);
  assertEquals(report.by_category, { NETWORK: 200, SYSTEM: 100 });
  const [first, second] = report.patterns;
  assertEquals([first.count, second.count], [200, 100]);
  assertEquals(second.message, "the printer is on fire");
  assertEquals(second.frame, "tests/monitoring/_errors.ts failure");
  assertEquals(first.hours, [{ hour: "2026-11-21T00:00:00.000Z", count: 200 }]);
});

Deno.test("a cause is told as new once, whichever isolates see it at the same time", async () => {
  await using bed = await openBed();
  const isolates = await Promise.all(Array.from({ length: 4 }, () => bed.isolate()));
  for (const { journal } of isolates) journal.note(failure("first seen by all"));
  await Promise.all(isolates.map(({ journal }) => journal.flush()));
  const told = isolates.flatMap((isolate) => isolate.told);
  assertEquals(told.map(({ type }) => type), ["new"]);
  assertEquals(told[0].pattern.state, "new");
});

Deno.test("a storm is one line and a count, and rises in severity", async () => {
  await using bed = await openBed();
  const { journal, lines } = await bed.isolate();
  for (let at = 0; at < 10_000; at++) journal.note(failure(`order ${at} failed`), "orders.failed");
  assertEquals(lines.length, 1);
  assertEquals([lines[0].event, lines[0].level], ["orders.failed", "warn"]);
  bed.clock.turn(10 * SECOND);
  journal.note(failure("order 10001 failed"), "orders.failed", { request_id: "r-9" });
  assertEquals(lines.length, 2);
  const { suppressed, request_id, severity, level } = lines[1];
  assertEquals([suppressed, request_id, severity, level], [9_999, "r-9", "CRITICAL", "error"]);
  const { patterns } = await journal.report();
  assertEquals([patterns.length, patterns[0].count], [1, 10_001]);
});

Deno.test("a storm of ever new causes is a hundred lines a minute and 500 patterns", async () => {
  await using bed = await openBed();
  const { journal, lines } = await bed.isolate();
  for (let at = 0; at < 2_000; at++) journal.note(failure(`cause ${word(at)}`));
  assertEquals(lines.length, 100);
  bed.clock.turn(MINUTE);
  journal.note(failure("one more"));
  assertEquals(lines[100].event, "errors.suppressed");
  assertEquals(lines[100].suppressed, 1_900);
  const { patterns, total } = await journal.report({ limit: 100 });
  assertEquals([patterns.length, total], [100, 500]);
});

Deno.test("KV holds at most 500 causes; those unseen for longest go", async () => {
  await using bed = await openBed();
  const { journal, kv } = await bed.isolate();
  for (let round = 0; round < 3; round++) {
    for (let at = 0; at < 300; at++) journal.note(failure(`cause ${word(round * 300 + at)}`));
    bed.clock.turn(2 * MINUTE);
    await journal.flush();
  }
  const { total, patterns } = await journal.report({ limit: 1 });
  assertEquals([total, patterns.length], [500, 1]);
  const { items } = await kv.page(prefixes.errorPatterns(), { limit: 200 });
  assert(items.every(({ value }) => value.message !== `cause ${word(0)}`));
});

const BY = { id: "acc_1", requestId: "request-1" };

Deno.test("a regression is told when a resolved cause is back, or one that was silent for a week", async () => {
  await using bed = await openBed();
  const { journal, told } = await bed.isolate();
  const { fingerprint } = journal.note(failure("it leaks"));
  const resolved = await journal.resolve(fingerprint, BY);
  assertEquals(resolved.state, "resolved");
  assertEquals(resolved.resolved_at, "2026-11-21T00:00:00.000Z");
  bed.clock.turn(HOUR);
  journal.note(failure("it leaks"));
  await journal.flush();
  assertEquals((await journal.report()).patterns[0].state, "regressed");
  bed.clock.turn(2 * DAY);
  journal.note(failure("it leaks"));
  await journal.flush();
  bed.clock.turn(8 * DAY);
  journal.note(failure("it leaks"));
  await journal.flush();
  assertEquals(told.map(({ type }) => type), ["new", "regression", "regression"]);
  assertEquals(told[2].pattern.total_count, 4);
});

Deno.test("resolve() refuses what is not there", async () => {
  await using bed = await openBed();
  const { journal } = await bed.isolate();
  const { title } = ERRORS.NOT_FOUND;
  await assertRejects(() => journal.resolve("0000000000000000", BY), AppError, title);
});

Deno.test("KV being out costs nobody anything, and nothing that was counted", async () => {
  await using bed = await openBed();
  const { journal, raw, told } = await bed.isolate();
  raw.inject({ error: 1 });
  for (let at = 0; at < 50; at++) {
    journal.note(failure("during the outage"));
    if (at % 10 === 0) await journal.flush();
  }
  const during = await journal.report();
  assertEquals([during.complete, during.total, told.length], [false, 50, 0]);
  raw.heal();
  const after = await journal.report();
  assertEquals([after.complete, after.total], [true, 50]);
  assertEquals(told.map(({ type }) => type), ["new"]);
});

Deno.test("isolates that write over each other lose no count", async () => {
  await using bed = await openBed();
  const isolates = await Promise.all(
    Array.from({ length: 4 }, () => bed.isolate({ random: Math.random })),
  );
  for (const { raw } of isolates) raw.inject({ locked: 0.3 });
  for (let round = 0; round < 5; round++) {
    for (const { journal } of isolates) {
      for (let at = 0; at < 25; at++) journal.note(failure(`cause ${word(at)}`));
    }
    await Promise.all(isolates.map(({ journal }) => journal.flush()));
  }
  for (const { raw, journal } of isolates) {
    raw.heal();
    await journal.flush();
  }
  assertEquals((await isolates[0].journal.report()).total, 4 * 5 * 25);
});

Deno.test("tidy() deletes what nobody has seen for the days of its retention", async () => {
  await using bed = await openBed();
  const { journal } = await bed.isolate({ retentionDays: 7 });
  journal.note(failure("long ago"));
  await journal.flush();
  bed.clock.turn(6 * DAY);
  journal.note(failure("not long ago"));
  await journal.flush();
  assertEquals(await journal.tidy(), 0);
  bed.clock.turn(2 * DAY);
  assertEquals(await journal.tidy(), 1);
  const report = await journal.report({ from: 0 });
  assertEquals(report.patterns.map(({ message }) => message), ["not long ago"]);
  const aborted = AbortSignal.abort(new Error("stop"));
  bed.clock.turn(30 * DAY);
  await assertRejects(() => journal.tidy(aborted), Error, "stop");
});

Deno.test("nothing secret gets into a pattern or a line", async () => {
  await using bed = await openBed();
  const { journal, lines, kv } = await bed.isolate();
  const secrets = ["planted", "eyJhbGciOi", "ann@", "203.0.113.9", "sk-live"];
  const texts = [
    "token (eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2ln) expired",
    "error sending request for url (https://api.test/v1?key=planted-secret): refused",
    "https://bob:planted@db.test/x failed",
    "no mailbox for ann@shop.test at 203.0.113.9",
    "Authorization: Bearer planted-token-1234",
  ];
  for (const text of texts) journal.note(new Error("outer", { cause: failure(text) }));
  for (const text of texts) journal.note(failure(text), "x", { authorization: "sk-live-1" });
  await journal.flush();
  const { items } = await kv.page(prefixes.errorPatterns(), { limit: 200 });
  const kept = JSON.stringify([lines, items, await journal.report()]);
  assertEquals(secrets.filter((secret) => kept.includes(secret)), []);
});

Deno.test("sixty kinds of real errors leave nothing planted behind", async () => {
  await using bed = await openBed();
  const { journal, lines, kv } = await bed.isolate();
  for (const { provoke } of [...PROVOKED, ...NETWORK]) {
    const thrown = await caught(provoke);
    journal.note(thrown, "x", { token: "planted-secret", url: "https://a.test/?q=planted-secret" });
    bed.clock.turn(MINUTE);
  }
  const report = await journal.report({ limit: 100 });
  const { items } = await kv.page(prefixes.errorPatterns(), { limit: 200 });
  assert(lines.length > 60 && items.length > 60);
  assert(!JSON.stringify([lines, items, report]).match(/planted-secret|eyJ|token=/));
});

Deno.test("note() survives hostile values and a listener that throws", async () => {
  await using bed = await openBed();
  const { journal, lines } = await bed.isolate({
    onPattern: () => {
      throw new Error("listener");
    },
  });
  const angry = () => {
    throw new Error("do not look");
  };
  const getters = Object.defineProperties(new Error(), {
    message: { get: angry },
    stack: { get: angry },
  });
  const proxy = new Proxy({}, { get: angry, getPrototypeOf: angry, ownKeys: angry });
  for (const thrown of [getters, proxy, undefined, "text", Symbol("s")]) journal.note(thrown);
  await journal.flush();
  assert(lines.some(({ event }) => event === "errors.listener_failed"));
  assertEquals((await journal.report()).total, 5);
});

Deno.test("stop() writes what is left", async () => {
  await using bed = await openBed();
  const { journal } = await bed.isolate();
  journal.note(failure("the last word"));
  await journal.stop();
  const other = await bed.isolate();
  assertEquals((await other.journal.report()).total, 1);
});
