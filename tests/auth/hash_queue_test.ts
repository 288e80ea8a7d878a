import { assertEquals } from "@std/assert";
import { createHashQueue } from "../../src/auth/hash_queue.ts";
import { codeOf, refusalOf } from "./_identity.ts";

const settled = () => new Promise((resolve) => setTimeout(resolve));

Deno.test("run() hashes 2 at a time, keeps 20 waiting and turns the 23rd away", async () => {
  const queue = createHashQueue();
  const ends: (() => void)[] = [];
  let runningMax = 0;
  let running = 0;
  const hash = async () => {
    runningMax = Math.max(runningMax, ++running);
    await new Promise<void>((resolve) => ends.push(resolve));
    running--;
  };
  const runs = Array.from({ length: 22 }, () => queue.run(hash));
  const refusal = await refusalOf(queue.run(hash));
  assertEquals(refusal?.code, "TEMPORARILY_UNAVAILABLE");
  assertEquals(refusal?.options.headers, { "retry-after": "4" });
  for (let done = 0; done < 22; done++) {
    await settled();
    ends.shift()!();
  }
  await Promise.all(runs);
  assertEquals(runningMax, 2);
  assertEquals(await codeOf(queue.run(() => Promise.resolve())), undefined);
});

Deno.test("run() hands the turn on when a hash fails", async () => {
  const queue = createHashQueue();
  const fail = () => queue.run(() => Promise.reject(new Error("no memory")));
  await Promise.allSettled(Array.from({ length: 10 }, fail));
  assertEquals(await queue.run(() => Promise.resolve("done")), "done");
});
