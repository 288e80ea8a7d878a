/**
 * The gate, as main.ts builds it, in front of the same Hono handler as the yardstick. The quota is
 * changed so that the load is admitted (`refused` keeps the default); `limits` leaves out the threat
 * score, by its setting, which the peers have none of.
 */
import { Hono } from "hono";
import { createGate } from "../../routes/gate.ts";
import { createFailures } from "../../routes/failure.ts";
import { parseConfig } from "../../src/config.ts";
import { silentLog } from "../../src/log.ts";
import { createServices } from "../../src/services.ts";
import { systemClock } from "../../src/time.ts";

const [port, mode] = Deno.args;
const quota = mode === "refused" ? 200 : 9_000_000;
const services = await createServices({
  config: parseConfig({
    KV_PATH: ":memory:",
    LIMIT_STORE: `ip:${quota}/1m,user:${quota}/1m`,
    THREAT_RULES: mode === "limits" ? "/*=off" : "",
  }),
  clock: systemClock,
  log: silentLog,
  fetch,
});

const app = new Hono();
app.get("/us/products", (c) => c.text("hello"));
const site = { ...services.site, handle: (request: Request) => app.fetch(request) };
const gate = createGate({ ...services, site }, createFailures(services), () => new Response());

Deno.serve({ hostname: "127.0.0.1", port: Number(port), onListen() {} }, gate);
