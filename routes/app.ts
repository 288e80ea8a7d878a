/**
 * Map 5: every path that is ours, mounted in the order a request meets them, inside the gate that
 * all requests pass (routes/gate.ts). What matches nothing here is 404 and never reaches the
 * origin.
 */
import { Hono } from "hono";
import type { GateEnv } from "../src/context.ts";
import { AppError } from "../src/errors/app_error.ts";
import type { Services } from "../src/services.ts";
import { assetRoutes } from "./assets.ts";
import { createFailures } from "./failure.ts";
import { createGate, type Gate } from "./gate.ts";
import { healthRoutes } from "./health.ts";
import { allowedMethods } from "./methods.ts";
import { metricsRoutes } from "./metrics.ts";
import { securityRoutes } from "./security.ts";

export function createApp(services: Services): Gate {
  const failures = createFailures(services);
  const app = new Hono<GateEnv>({
    // The gate read the path already, without BASE_PATH and trailing slash: both forms are one.
    getPath: (_request, options) => options?.env?.path ?? "/",
  });

  app.route("/", healthRoutes(services)); // load balancers ask first and often
  app.route("/", metricsRoutes(services)); // scraped with a token of its own
  app.route("/", assetRoutes()); // what our own pages load
  app.route("/", securityRoutes(services)); // reports that browsers send about our headers

  app.notFound((c) => {
    const allow = allowedMethods(app, c.req.path);
    if (allow.length === 0) throw new AppError("NOT_FOUND");
    throw new AppError("METHOD_NOT_ALLOWED", { headers: { allow: allow.join(", ") } });
  });
  app.onError((error, c) => failures.answer(error, c.req.raw, c.env));

  return createGate(services, failures, (request, gate) => app.fetch(request, gate));
}
