/** `/healthz` and `/readyz`: public, and therefore brief. */
import { Hono } from "hono";
import type { GateEnv } from "../src/context.ts";
import type { Services } from "../src/services.ts";

export function healthRoutes({ isReady }: Services): Hono<GateEnv> {
  const app = new Hono<GateEnv>();

  // The process serves. KV is left out on purpose: its outage must not restart every isolate.
  app.get("/healthz", (c) => c.json({ status: "pass" }));

  app.get("/readyz", async (c) => {
    const ready = await isReady();
    return c.json({ status: ready ? "pass" : "fail" }, ready ? 200 : 503);
  });

  return app;
}
