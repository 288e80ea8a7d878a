/**
 * What one would assemble from the peers: metrics, security headers, and two rate limits, each as
 * its README shows it.
 */
import { prometheus } from "@hono/prometheus";
import { type Context, Hono } from "hono";
import { getConnInfo } from "hono/deno";
import { rateLimiter } from "hono-rate-limiter";
import { secureHeaders } from "hono/secure-headers";

const app = new Hono();
const { registerMetrics } = prometheus();
const limit = (keyGenerator: (c: Context) => string) =>
  rateLimiter({ windowMs: 60_000, limit: 1_000_000_000, standardHeaders: "draft-6", keyGenerator });

app.use("*", registerMetrics);
app.use("*", secureHeaders());
app.use("*", limit((c) => getConnInfo(c).remote.address ?? ""));
app.use("*", limit((c) => c.req.header("authorization") ?? ""));
app.get("/us/products", (c) => c.text("hello"));

Deno.serve({ hostname: "127.0.0.1", port: Number(Deno.args[0]), onListen() {} }, app.fetch);
