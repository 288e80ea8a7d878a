/** Starts one of each child process the tests have, and waits to be killed (child_test.ts). */
import { runFleet } from "../bench/tasks/fleet.ts";
import { launchBrowser } from "./_browser.ts";
import { spawnChild } from "./_child.ts";
import { startOrigin, startRawOrigin } from "./gateway/_process.ts";
import { startGateway } from "./journeys/_processes.ts";
import { findDenokv, startDenokv } from "./kv/_denokv.ts";

Deno.test("everything runs until this process is killed", async () => {
  const [origin] = await Promise.all([
    startOrigin(),
    startRawOrigin(),
    launchBrowser().then((browser) => browser.newPage()),
    findDenokv().then((binary) => binary ? startDenokv() : undefined),
  ]);
  await startGateway({ ORIGIN_URL: origin.url });
  // One that ends at no signal but SIGKILL, one that is frozen, and one with a child of its own.
  spawnChild("sh", { args: ["-c", "trap '' TERM HUP INT; while :; do sleep 1; done"] });
  const frozen = spawnChild("sh", { args: ["-c", "echo; exec sleep 600"], stdout: "piped" });
  await frozen.stdout.getReader().read();
  frozen.kill("SIGSTOP");
  spawnChild("sh", { args: ["-c", "sleep 600; true"] });
  await new Promise<void>((resolve) => {
    const disturb = () => (resolve(), new Promise<void>(() => {}));
    void runFleet({ tasks: 10, processes: 2, limitMs: 600_000, disturb });
  });
  console.log("EVERYTHING RUNS");
  await new Promise((resolve) => setTimeout(resolve, 600_000));
});
