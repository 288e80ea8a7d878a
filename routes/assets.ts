/** What our own pages load: one stylesheet. */
import { Hono } from "hono";
import type { GateEnv } from "../src/context.ts";
import stylesheet from "../src/pages/gatehouse.css" with { type: "text" };

export function assetRoutes(): Hono<GateEnv> {
  const app = new Hono<GateEnv>();

  app.get("/gatehouse.css", (c) =>
    c.body(stylesheet, 200, {
      "content-type": "text/css; charset=utf-8",
      "cache-control": "public, max-age=3600",
    }));

  return app;
}
