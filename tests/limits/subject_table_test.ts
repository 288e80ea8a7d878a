import {
  assert,
  assertEquals,
  assertGreater,
  assertLessOrEqual,
  assertStrictEquals,
} from "@std/assert";
import { type SubjectBudget, SubjectTable } from "../../src/limits/subject_table.ts";

const GENERATION_MS = 65_000;

function tableOf(left: number, budget: SubjectBudget = { left }) {
  const created: string[] = [];
  const table = new SubjectTable({
    budget,
    generationMs: GENERATION_MS,
    create: (subject) => {
      created.push(subject);
      return { subject, useUntilMs: 0 };
    },
    isOfUse: ({ useUntilMs }, nowMs) => useUntilMs > nowMs,
    overflowOf: (subject) => subject.split(".").slice(0, 3).join("."),
  });
  return { table, created, budget };
}

Deno.test("SubjectTable.get() answers with the same value while a subject is asked for", () => {
  const { table, created } = tableOf(10);
  const first = table.get("a", 0);
  for (let nowMs = 0; nowMs < 10 * GENERATION_MS; nowMs += GENERATION_MS / 2) {
    assertStrictEquals(table.get("a", nowMs), first);
  }
  assertEquals(created, ["a"]);
});

Deno.test("SubjectTable.get() remembers for a generation at least, and for two at most", () => {
  for (const askedMs of [0, 1, GENERATION_MS / 2, GENERATION_MS - 1]) {
    const { table } = tableOf(10);
    // The first generation begins with the first question.
    table.get("other", 1e12);
    const value = table.get("a", 1e12 + askedMs);
    table.turn(1e12 + GENERATION_MS);
    table.turn(1e12 + 2 * GENERATION_MS - 1);
    assertStrictEquals(table.get("a", 1e12 + 2 * GENERATION_MS - 1), value);
    table.turn(1e12 + 2 * GENERATION_MS);
    table.turn(1e12 + 3 * GENERATION_MS);
    assert(table.get("a", 1e12 + 3 * GENERATION_MS) !== value);
  }
});

Deno.test("SubjectTable.get() forgets both generations after a long silence", () => {
  const { table, budget } = tableOf(10);
  for (const subject of ["a", "b", "c"]) table.get(subject, 0);
  assertEquals(budget.left, 7);
  table.get("d", 5 * GENERATION_MS);
  assertEquals(budget.left, 9);
  assertEquals(table.size, 1);
});

Deno.test("SubjectTable.turn() keeps what is still of use, however late it comes", () => {
  for (const pauses of [[1, 1, 1], [5], [1, 3], [2, 2]]) {
    const { table, budget } = tableOf(10);
    let nowMs = 1e12;
    const value = table.get("leased", nowMs);
    table.get("other", nowMs);
    value.useUntilMs = nowMs + 6 * GENERATION_MS;
    for (const pause of pauses) table.turn(nowMs += pause * GENERATION_MS);
    assertEquals(budget.left, 9);
    assertStrictEquals(table.get("leased", nowMs), value);
    table.turn(nowMs + 9 * GENERATION_MS);
    assertEquals([budget.left, table.size], [10, 0]);
  }
});

Deno.test("SubjectTable.get() gives newcomers beyond the bound their group's bucket", () => {
  const { table, created } = tableOf(3);
  table.get("10.0.0.1", 0);
  table.get("10.0.0.2", 0);
  const shared = table.get("10.0.0.3", 0);
  assertStrictEquals(table.get("10.0.0.4", 0), shared, "same /24");
  assert(table.get("10.9.0.4", 0) !== shared, "another /24");
  assertEquals(table.get("10.0.0.1", 0).subject, "10.0.0.1", "nobody is thrown out");
  assertEquals(table.size, 2);
  assertEquals(table.shared, 3);
  assert(created.slice(2).every((name) => name.startsWith("~overflow/")));
});

Deno.test("SubjectTable.get() takes newcomers in again when old ones are forgotten", () => {
  const { table } = tableOf(1);
  table.get("10.0.0.1", 0);
  assertEquals(table.get("10.0.0.2", 1).subject.slice(0, 9), "~overflow");
  assertEquals(table.get("10.0.0.2", 2 * GENERATION_MS).subject, "10.0.0.2");
});

Deno.test("SubjectTable.get() leaves room for other tables however many subjects come", () => {
  const budget = { left: 900 };
  const flooded = tableOf(0, budget).table;
  const other = tableOf(0, budget).table;
  for (let n = 0; n < 10_000; n++) flooded.get(`flood ${n}`, 0);
  assertEquals(flooded.size, 600);
  for (let n = 0; n < 200; n++) assertEquals(other.get(`user ${n}`, 0).subject, `user ${n}`);
  assertEquals(flooded.size + other.size + budget.left, 900);
});

Deno.test("SubjectTable.get() asks for room before it lets a newcomer share a bucket", () => {
  const budget = { left: 1 };
  const idle = tableOf(0, budget).table;
  idle.get("gone", 0);
  const calls: number[] = [];
  const busy = new SubjectTable({
    budget,
    generationMs: GENERATION_MS,
    create: (subject) => subject,
    isOfUse: () => false,
    overflowOf: (subject) => subject,
    makeRoom: (nowMs) => {
      calls.push(nowMs);
      idle.turn(nowMs);
    },
  });
  assertEquals(busy.get("a", 1).slice(0, 9), "~overflow");
  assertEquals(busy.get("a", 2 * GENERATION_MS), "a");
  assertEquals(calls, [1, 2 * GENERATION_MS]);
});

Deno.test("SubjectTable.turn() forgets nothing when the clock is set back, and goes on from there", () => {
  const { table, budget } = tableOf(5);
  const value = table.get("a", 1e12);
  table.turn(1e12 + 1);
  for (const backMs of [1, 5, 1e6, 1e11]) assertStrictEquals(table.get("a", 1e12 - backMs), value);
  assertEquals(budget.left, 4);
  table.turn(1e12 - 1e11 + 2 * GENERATION_MS);
  assertEquals(budget.left, 5);
});

Deno.test("SubjectTable.values() goes through both generations and the shared buckets", () => {
  const { table } = tableOf(3);
  table.get("10.0.0.1", 1e12);
  table.get("10.0.0.2", 1e12 + GENERATION_MS);
  table.get("10.0.0.3", 1e12 + GENERATION_MS);
  const subjects = [...table.values()].map(({ subject }) => subject);
  assertEquals(subjects.slice(0, 2).sort(), ["10.0.0.1", "10.0.0.2"]);
  assertEquals(subjects.length, 3);
});

Deno.test("SubjectTable.get() holds a bounded number for 1,000,000 subjects", () => {
  const { table, created } = tableOf(75_000);
  for (let n = 0; n < 1_000_000; n++) {
    const subject = `${n >> 24 & 255}.${n >> 16 & 255}.${n >> 8 & 255}.${n & 255}`;
    table.get(subject, n / 100);
  }
  assertEquals(table.size, 50_000);
  assertLessOrEqual(created.length, 50_000 + 1_024);
  assertGreater(created.length, 50_000 + 900, "the buckets are all used");
  assertEquals([...table.values()].length, created.length);
});
