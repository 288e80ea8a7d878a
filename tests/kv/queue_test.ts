import { assertEquals } from "@std/assert";
import { openFaulty, testKey } from "./_faulty.ts";

Deno.test("enqueue() reaches the listener, after its delay", async () => {
  using faulty = await openFaulty({ deadlineMs: 2_000 });
  const heard = Promise.withResolvers<unknown>();
  faulty.kv.listen(heard.resolve);
  assertEquals(await faulty.kv.enqueue({ task: "a" }, { delayMs: 20 }), true);
  assertEquals(await heard.promise, { task: "a" });
});

Deno.test("enqueue() answers false where KV has no queues, asks once, and blames nobody", async () => {
  using faulty = await openFaulty({ remote: true });
  const { kv, breaker, outcomes } = faulty;
  kv.listen(() => {});
  for (let n = 0; n < 10; n++) {
    assertEquals(await kv.enqueue("x", { ifUndelivered: testKey("unheard") }), false);
  }
  assertEquals([breaker.state, outcomes()], ["closed", ["commit ok"]]);
});
