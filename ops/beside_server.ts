/**
 * The app's rooms in a process of their own beside the server, on the same settings and KV: they know
 * the app's tasks, and run none. What is sent out again, the server's next look finds.
 */
import { environment, parseConfig, runsOnDeploy } from "../src/config.ts";
import { createLog } from "../src/log.ts";
import { createServices, type Services } from "../src/services.ts";
import { systemClock } from "../src/time.ts";
import { demandUsed } from "./which_kv.ts";

export async function openBesideServer(): Promise<Services & AsyncDisposable> {
  const env = environment();
  const clock = systemClock;
  const config = parseConfig(env);
  const onDeploy = runsOnDeploy(env);
  if (!onDeploy) await demandUsed(config.KV_PATH);
  const services = await createServices({
    config: { ...config, TASKS_DOORBELL: "off" },
    clock,
    log: createLog({ level: "warn", clock }),
    fetch,
    onDeploy,
  });
  return {
    ...services,
    async [Symbol.asyncDispose]() {
      await services.site.close();
      await services.stop();
    },
  };
}
