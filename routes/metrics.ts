/** `/metrics`: the numbers of this isolate as Prometheus text, for whoever has the scrape token. */
import { Hono } from "hono";
import type { GateEnv } from "../src/context.ts";
import { AppError } from "../src/errors/app_error.ts";
import type { Services } from "../src/services.ts";
import { timingSafeEqual } from "node:crypto";

export function metricsRoutes({ config, metrics }: Services): Hono<GateEnv> {
  const app = new Hono<GateEnv>();

  app.get("/metrics", async (c) => {
    // Whoever may not scrape is not told that there is anything to scrape.
    if (!holdsToken(c.req.header("authorization"), config.METRICS_TOKEN)) {
      throw new AppError("NOT_FOUND");
    }
    return c.body(await metrics.registry.metrics(), 200, {
      "content-type": metrics.registry.contentType,
      "cache-control": "no-store",
    });
  });

  return app;
}

function holdsToken(authorization: string | undefined, token: string | undefined): boolean {
  if (!token || !authorization) return false;
  const given = new TextEncoder().encode(authorization);
  const wanted = new TextEncoder().encode(`Bearer ${token}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}
