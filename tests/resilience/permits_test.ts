import { assert, assertEquals } from "@std/assert";
import { backoffMs } from "../../src/resilience/backoff.ts";
import { createPermits } from "../../src/resilience/permits.ts";
import { systemTimers, waitAtMost } from "../../src/resilience/timers.ts";

Deno.test("take() gives as many permits as there are, and each comes back once", async () => {
  const permits = createPermits(2);
  const [first, second] = [permits.take(), permits.take()];
  assert(first && second);
  assertEquals([permits.take(), permits.free, permits.taken], [undefined, 0, 2]);
  const returned = permits.returned();
  first();
  first();
  await returned;
  assertEquals([permits.free, permits.taken], [1, 1]);
  second();
  await permits.returned();
});

Deno.test("backoffMs() doubles up to the cap, and takes 50 to 100 % of that", () => {
  const policy = { baseMs: 100, capMs: 1_000 };
  const longest = [1, 2, 3, 4, 5, 1_000].map((attempt) => backoffMs(policy, attempt, () => 1));
  assertEquals(longest, [100, 200, 400, 800, 1_000, 1_000]);
  assertEquals(backoffMs(policy, 3, () => 0), 200);
});

Deno.test("waitAtMost() ends with the promise or with the time, and leaves no timer", async () => {
  await waitAtMost(systemTimers, 60_000, Promise.resolve());
  await waitAtMost(systemTimers, 1, new Promise(() => {}));
});
