/**
 * Map 5: every path that is ours, mounted in the order a request meets them, inside the gate that
 * all requests pass (routes/gate.ts). What matches nothing here is 404 and never reaches the
 * origin.
 */
import { Hono } from "hono";
import { AppError } from "../src/errors/app_error.ts";
import type { Services } from "../src/services.ts";
import { apiKeyRoutes } from "./api_keys.ts";
import { assetRoutes } from "./assets.ts";
import { auditRoutes } from "./audit.ts";
import { authRoutes } from "./auth.ts";
import { blockRoutes } from "./blocks.ts";
import { consoleRoutes } from "./console/pages.ts";
import { deadLetterRoutes } from "./dead_letters.ts";
import { documentRoutes } from "./document.ts";
import type { AnyEndpoint } from "./endpoint/definition.ts";
import { createEndpoints, type EndpointEnv, type Routes } from "./endpoint/register.ts";
import { errorRoutes } from "./errors.ts";
import { createFailures } from "./failure.ts";
import { createGate, type Gate, type Handler } from "./gate.ts";
import { healthRoutes } from "./health.ts";
import { allowedMethods } from "./methods.ts";
import { metricsRoutes } from "./metrics.ts";
import { createOperations } from "./operations.ts";
import { ownAccountRoutes } from "./own_account.ts";
import { ownSecondFactorRoutes } from "./own_second_factor.ts";
import { securityRoutes } from "./security.ts";
import { securityReportRoutes } from "./security_report.ts";
import { threatRuleRoutes } from "./threat_rules.ts";
import { taskRoutes } from "./tasks.ts";
import { threatRoutes } from "./threats.ts";
import { userRoutes } from "./users.ts";

export function createApp(services: Services): Gate {
  const failures = createFailures(services);
  const { app, endpoints } = createOwnRoutes(services);

  app.notFound((c) => {
    const allow = allowedMethods(app, c.req.path);
    if (allow.length === 0) throw new AppError("NOT_FOUND");
    throw new AppError("METHOD_NOT_ALLOWED", { headers: { allow: allow.join(", ") } });
  });
  app.onError((error, c) => failures.answer(error, c.req.raw, c.env));

  const handle: Handler = (request, gate) => app.fetch(request, gate);
  return createGate(services, failures, handle, createOperations(endpoints));
}

export interface OwnRoutes {
  readonly app: Routes;
  readonly endpoints: readonly AnyEndpoint[];
}

export function createOwnRoutes(services: Services): OwnRoutes {
  const app = new Hono<EndpointEnv>({
    // The gate read the path already, without BASE_PATH and trailing slash: both forms are one.
    getPath: (_request, options) => options?.env?.path ?? "/",
  });
  const endpoints = createEndpoints(services, app);

  healthRoutes(endpoints, services); // load balancers ask first and often
  metricsRoutes(endpoints, services); // scraped with a token of its own
  assetRoutes(endpoints); // what our own pages load
  securityRoutes(endpoints, services); // reports that browsers send about our headers
  authRoutes(endpoints, services); // setting up, signing in and out
  ownAccountRoutes(endpoints, services); // what one may do about oneself
  ownSecondFactorRoutes(endpoints, services); // the same for codes
  userRoutes(endpoints, services); // others' accounts
  apiKeyRoutes(endpoints, services); // keys for machines
  auditRoutes(endpoints, services); // who changed what
  threatRoutes(endpoints, services); // what was refused, and why
  blockRoutes(endpoints, services); // who may not come in
  threatRuleRoutes(endpoints, services); // where threats are only watched, or not looked for
  securityReportRoutes(endpoints, services); // the same in numbers
  deadLetterRoutes(endpoints, services); // tasks that failed for good
  taskRoutes(endpoints, services); // a doorbell for other instances
  errorRoutes(endpoints, services); // errors by cause
  consoleRoutes(endpoints, services); // the pages an operator sees
  documentRoutes(endpoints, services); // last, as it describes all of the above
  return { app, endpoints: endpoints.all };
}
