import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { AppError } from "../../src/errors/app_error.ts";
import { defineTask } from "../../src/tasks/define.ts";
import { categorizePlainly, judge } from "../../src/tasks/judge.ts";
import { mask } from "../../src/tasks/mask.ts";
import { encodePayload, readPayload } from "../../src/tasks/payload.ts";
import { PermanentError } from "../../src/tasks/verdicts.ts";
import { numbered } from "./_bed.ts";
import type { TaskRecord } from "../../src/kv/task_record.ts";

const options = { schema: numbered, run() {} };

Deno.test("defineTask() refuses names and numbers that cannot be", () => {
  const wrong = [
    { name: "Mail" },
    { name: "" },
    { name: "x".repeat(61) },
    { name: "a", retry: { attempts: 0 } },
    { name: "a", retry: { baseMs: 10, capMs: 5 } },
    { name: "a", timeoutMs: 0 },
    { name: "a", concurrency: 51 },
    { name: "a", concurrency: 1.5 },
    { name: "a", rate: { count: 0, perMs: 1 } },
  ];
  for (const more of wrong) assertThrows(() => defineTask({ ...options, ...more }), RangeError);
});

Deno.test("encode() tells every field that does not fit", () => {
  const task = defineTask({ ...options, name: "mail" });
  const error = assertThrows(() => task.encode({ n: "1" }), AppError);
  assert(error instanceof AppError);
  assertEquals([error.code, task.encode({ n: 1 }), task.accepts({})], [
    "VALIDATION_FAILED",
    '{"n":1}',
    false,
  ]);
  assertEquals((error.options.extensions?.errors as { pointer: string }[])[0].pointer, "/n");
});

Deno.test("encodePayload() keeps 8 KiB in the record, and cuts the rest into chunks", () => {
  const json = (length: number) => JSON.stringify("x".repeat(length - 2));
  assertEquals(encodePayload(json(8_192)).chunks.length, 0);
  assertEquals(encodePayload(json(8_193)).chunks.length, 1);
  for (const chunk of encodePayload(json(700 * 1_024)).chunks) assert(chunk.length <= 60_000);
  const error = assertThrows(() => encodePayload(json(700 * 1_024 + 1)), AppError);
  assert(error instanceof AppError && error.code === "PAYLOAD_TOO_LARGE");
});

Deno.test("readPayload() says when a chunk is no longer there", async () => {
  const kv = { getMany: () => Promise.resolve([{ value: null, versionstamp: null }]) };
  const record = { id: "x", chunks: 1 } as TaskRecord;
  await assertRejects(() => readPayload(kv, record), PermanentError, "no longer there");
});

Deno.test("judge() keeps 300 characters of a message and the frames of the stack only", () => {
  const error = new Error(`${"long ".repeat(500)}\n    at a line`);
  const record: Partial<TaskRecord> = {
    status: "running",
    attempts: 1,
    attemptsMax: 1,
    history: [],
  };
  const transition = judge(error, { attempts: 1 }, {
    categorize: categorizePlainly,
    retry: { attempts: 1, baseMs: 1, capMs: 1 },
    random: () => 0,
  });
  const dead = transition(record as TaskRecord, { now: 1, write: "w" });
  assertEquals([dead.status, dead.history[0].message?.length], ["dead", 300]);
  assert(dead.stack?.startsWith("    at ") && dead.stack.length <= 2_000);
});

Deno.test("mask() hides what its name gives away, at any depth, and bounds what it shows", () => {
  const deep = { a: { password: "x", list: [{ card_number: 1, plain: "see ?q=secret" }] } };
  assertEquals(mask(deep), {
    a: { password: "[redacted]", list: [{ card_number: "[redacted]", plain: "see ?[query]" }] },
  });
  assertEquals((mask(Array(500).fill(1)) as number[]).length, 100);
});
