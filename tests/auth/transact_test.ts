import { assertEquals } from "@std/assert";
import { transact } from "../../src/auth/transact.ts";
import { keys } from "../../src/kv/keys.ts";
import { codeOf, openHouse } from "./_identity.ts";

Deno.test("transact() drafts 16 times while others are faster, and then says CONFLICT", async () => {
  using house = await openHouse();
  let drafts = 0;
  const outcome = transact(house.kv, async () => {
    drafts++;
    const { versionstamp } = await house.kv.get(keys.selfTest("x"));
    await house.kv.commit((atomic) => atomic.set(keys.selfTest("x"), `other ${drafts}`));
    const write = {
      build: (atomic: Parameters<Parameters<typeof house.kv.commit>[0]>[0]) =>
        void atomic.check(keys.selfTest("x"), versionstamp).set(keys.selfTest("x"), "ours"),
      landed: () => Promise.resolve(false),
    };
    return { result: undefined, write };
  });
  assertEquals(await codeOf(outcome), "CONFLICT");
  assertEquals(drafts, 16);
});

Deno.test("transact() answers a draft that has nothing to write without a commit", async () => {
  using house = await openHouse();
  assertEquals(await transact(house.kv, () => Promise.resolve({ result: "as it is" })), "as it is");
  assertEquals(house.raw.counts.commits, 0);
});
