/** Settings, services, app, serve; and on a signal an orderly stop. Nothing else happens here. */
import { createApp } from "./routes/app.ts";
import { ConfigError, environment, parseConfig, runsOnDeploy } from "./src/config.ts";
import { checkPeerSource } from "./src/ip/peer_source.ts";
import { createLog } from "./src/log.ts";
import { createServices } from "./src/services.ts";
import { serve } from "./routes/serve.ts";
import { systemClock } from "./src/time.ts";

try {
  const env = environment();
  const config = parseConfig(env);
  checkPeerSource(env, config.HOST);
  const log = createLog({ level: config.LOG_LEVEL, clock: systemClock });
  const services = await createServices({
    config,
    clock: systemClock,
    log,
    fetch,
    onDeploy: runsOnDeploy(env),
  });
  // The one cron: it alone is enough for every task to run, and the platform wakes us for it.
  Deno.cron("gatehouse tasks", "* * * * *", { backoffSchedule: [] }, async () => {
    await services.tasks.tick();
  });
  serve(createApp(services), services);
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  createLog({ level: "error", clock: systemClock }).error("start.refused", {
    problem: error.message,
  });
  Deno.exit(1);
}
