/** The yardstick: Hono and nothing else. */
import { Hono } from "hono";

const app = new Hono();
app.get("/us/products", (c) => c.text("hello"));

Deno.serve({ hostname: "127.0.0.1", port: Number(Deno.args[0]), onListen() {} }, app.fetch);
