/** A short part of the simulation that `deno task bench:tasks` runs for 10,000 seeds. */
import { assert, assertEquals } from "@std/assert";
import { simulate } from "../../bench/tasks/simulation.ts";

Deno.test("300 seeds of a fleet under kills, freezes and a failing KV break no rule", async () => {
  let starts = 0;
  for (let seed = 50_000; seed < 50_300; seed++) {
    const result = await simulate(seed);
    starts += result.starts;
    assertEquals(result.violations, [], `seed ${seed}`);
  }
  assert(starts > 3_000);
});

Deno.test("a seed gives the same run each time", async () => {
  assertEquals(await simulate(7), await simulate(7));
});

Deno.test("the model notices a KV that lets two writers win", async () => {
  let noticed = 0;
  for (let seed = 0; seed < 20; seed++) {
    const { violations } = await simulate(seed, { ignoreChecks: true });
    if (violations.length > 0) noticed++;
  }
  assert(noticed >= 5, `${noticed} of 20`);
});

Deno.test("the model notices commits that lose a part of their mutations", async () => {
  const { violations } = await simulate(1, { loseEvery: 40 });
  assert(violations.length > 0);
});
