import { assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { createBatchTimer } from "../../src/resilience/batch_timer.ts";

Deno.test("batchTimer.ask() runs the work once per interval, however often it is asked", async () => {
  using time = new FakeTime();
  let runs = 0;
  const timer = createBatchTimer({ everyMs: 1_000, work: () => Promise.resolve(void runs++) });
  for (let i = 0; i < 50; i++) timer.ask();
  await time.tickAsync(999);
  assertEquals(runs, 0);
  await time.tickAsync(1);
  assertEquals(runs, 1);
  await time.tickAsync(5_000);
  assertEquals(runs, 1, "nobody asked again");
  timer.ask();
  await time.tickAsync(1_000);
  assertEquals(runs, 2);
});

Deno.test("batchTimer.run() waits for a run under way, so that two never overlap", async () => {
  let under = 0;
  let most = 0;
  const timer = createBatchTimer({
    everyMs: 1_000,
    async work() {
      most = Math.max(most, ++under);
      await Promise.resolve();
      under--;
    },
  });
  await Promise.all([timer.run(), timer.run(), timer.run()]);
  assertEquals(most, 1);
});

Deno.test("batchTimer tells of failed work, and works the next time", async () => {
  const errors: unknown[] = [];
  let broken = true;
  let done = 0;
  const timer = createBatchTimer({
    everyMs: 1_000,
    work: () => broken ? Promise.reject("out") : Promise.resolve(void done++),
    onError: (error) => errors.push(error),
  });
  await timer.run();
  broken = false;
  await timer.run();
  assertEquals([errors, done], [["out"], 1]);
});

Deno.test("batchTimer.stop() works a last time, gives up after a second and takes no more", async () => {
  using time = new FakeTime();
  let runs = 0;
  const hung = createBatchTimer({
    everyMs: 1_000,
    work: () => {
      runs++;
      return new Promise(() => {});
    },
  });
  hung.ask();
  let stopped = false;
  const stop = hung.stop().then(() => stopped = true);
  await time.tickAsync(999);
  assertEquals([runs, stopped], [1, false]);
  await time.tickAsync(1);
  await stop;
  hung.ask();
  await time.tickAsync(5_000);
  assertEquals(runs, 1);
});
