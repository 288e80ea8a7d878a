/**
 * The demo shop: what stands behind the gate when there is no origin. Every address answers a page,
 * or JSON to who asks for it; failures are thrown for the app around it to answer.
 */
import { type Context, Hono } from "hono";
import type { GateEnv } from "../../context.ts";
import { AppError } from "../../errors/app_error.ts";
import type { Kv } from "../../kv/kv.ts";
import type { Log } from "../../log.ts";
import type { Clock } from "../../time.ts";
import { answerJson, answerPage, countryOf, offerOnly } from "./answers.ts";
import { answerAsset } from "./assets.ts";
import { cartRoutes } from "./cart_routes.ts";
import { COUNTRIES, type Country, guessCountry } from "./countries.ts";
import { prefersJson } from "./negotiation.ts";
import { orderRoutes } from "./order_routes.ts";
import { createOrders, type OrderMailing } from "./orders.ts";
import { landingPage } from "./pages/landing_page.tsx";
import { hrefOf } from "./pages/visit.ts";
import { productRoutes } from "./product_routes.ts";
import { countryView } from "./views.ts";

export interface DemoShopOptions {
  readonly kv: Kv;
  readonly clock: Clock;
  readonly log: Log;
  /** Confirms orders by mail. */
  readonly mailing?: OrderMailing;
}

function listCountries(c: Context<GateEnv>, suggested: Country | undefined): Response {
  const items = COUNTRIES.map(countryView);
  const suggestion = suggested?.code ?? null;
  return answerJson(c, { items, next_cursor: null, suggestion }, "private, no-cache");
}

function showDoors(c: Context<GateEnv>, suggested: Country | undefined): Response {
  const country = suggested ?? COUNTRIES[0];
  const visit = { country, address: "/", cartCount: 0, nonce: c.env.nonce(), nowMs: 0 };
  return answerPage(c, landingPage(visit, suggested), country, "private, no-cache");
}

export function createDemoShop({ kv, clock, log, mailing }: DemoShopOptions): Hono<GateEnv> {
  const app = new Hono<GateEnv>({
    // The gate read the path already; with or without a slash at the end it is the same one.
    getPath: (_request, options) => (options?.env?.path ?? "/").replace(/(?<=.)\/$/, ""),
  });
  app.onError((error) => {
    throw error;
  });

  app.get("/", (c) => {
    const suggested = guessCountry(c.req.header("accept-language"));
    const response = prefersJson(c.req.raw) ? listCountries(c, suggested) : showDoors(c, suggested);
    response.headers.append("vary", "Accept-Language");
    return response;
  });
  app.all("/", offerOnly("GET, HEAD"));

  app.use("*", async (c, next) => {
    const asset = answerAsset(c.req.raw, c.req.path);
    if (!asset) return await next();
    return c.req.method === "GET" || c.req.method === "HEAD" ? asset : offerOnly("GET, HEAD")(c);
  });

  app.get("/:country", (c) => c.redirect(hrefOf(countryOf(c)), 302));
  app.all("/:country", offerOnly("GET, HEAD"));

  app.route("/", productRoutes({ clock }));
  app.route("/", cartRoutes({ clock }));
  app.route("/", orderRoutes({ orders: createOrders({ kv, clock, mailing }), clock, log }));

  app.notFound(() => {
    throw new AppError("NOT_FOUND");
  });

  return app;
}
