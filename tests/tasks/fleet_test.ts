/** Real processes on one file, killed at random; the big runs are `deno task bench:tasks`. */
import { assertEquals } from "@std/assert";
import { faultsOf } from "../../bench/tasks/audit.ts";
import { FAULTS_5_3_3 } from "../../bench/tasks/faults.ts";
import { runFleet } from "../../bench/tasks/fleet.ts";

Deno.test("2 processes, 2 kills, KV faults 5/3/3 %: nothing is lost, wrongly dead or done twice", async () => {
  const result = await runFleet({
    tasks: 150,
    processes: 2,
    leaseMs: 1_500,
    kills: 2,
    killEveryMs: 800,
    without: ["poison"],
    limitMs: 60_000,
    settingsOf: () => ({ faults: FAULTS_5_3_3 }),
  });
  assertEquals([faultsOf(result), result.timedOut], [[], false]);
});
