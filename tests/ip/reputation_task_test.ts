import { assert, assertEquals } from "@std/assert";
import { reputationTask } from "../../src/ip/reputation_task.ts";

Deno.test("the task asks for what it was given and hands on its signal", async () => {
  const asked: unknown[] = [];
  const task = reputationTask({ lookUp: (...question) => Promise.resolve(asked.push(question)) });
  const payload = { ip: "203.0.113.9", subject: "203.0.113.9", payload: 0.4 };
  const { signal } = new AbortController();
  await task.run(task.schema.parse(payload), { signal });
  assertEquals(asked, [[payload, signal]]);
  assert(!task.schema.safeParse({ ...payload, payload: 2 }).success);
});
