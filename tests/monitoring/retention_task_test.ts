import { assertEquals, assertRejects } from "@std/assert";
import { createLog } from "../../src/log.ts";
import { retentionTask } from "../../src/monitoring/retention_task.ts";
import { createTestClock } from "../_clock.ts";

const signal = new AbortController().signal;

function bed() {
  const lines: string[] = [];
  const write = (line: string) => {
    const { name, deleted } = JSON.parse(line);
    lines.push(`${name} ${deleted}`);
  };
  return { lines, log: createLog({ level: "info", clock: createTestClock(), write }) };
}

Deno.test("the task gives everyone a turn, and says at the end that one of them failed", async () => {
  const { lines, log } = bed();
  const sweeps = [
    { name: "first", run: () => Promise.resolve(3) },
    { name: "broken", run: () => Promise.reject(new Error("KV is out")) },
    { name: "last", run: () => Promise.resolve(0) },
  ];
  const task = retentionTask({ sweeps, log });
  await assertRejects(() => task.run({}, { signal }), AggregateError, "Not everything");
  assertEquals(lines, ["first 3", "last 0"]);
});

Deno.test("the task begins no sweep after it was stopped", async () => {
  const { lines, log } = bed();
  const stop = new AbortController();
  const run = () => {
    stop.abort(new Error("stopped"));
    return Promise.resolve(1);
  };
  const task = retentionTask({ sweeps: [{ name: "first", run }, { name: "second", run }], log });
  await assertRejects(() => task.run({}, stop), Error, "stopped");
  assertEquals(lines, ["first 1"]);
});
