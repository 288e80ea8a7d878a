import { assert, assertEquals } from "@std/assert";
import { createOwnRoutes } from "../../routes/app.ts";
import type { AnyEndpoint } from "../../routes/endpoint/definition.ts";
import { ROLES } from "../../src/auth/roles.ts";
import { SCOPES } from "../../src/auth/scopes.ts";
import { createTestApp } from "../_app.ts";

/** The path as Hono routes it. */
const routeOf = ({ method, path }: AnyEndpoint) =>
  `${method} ${path.replaceAll(/\{(\w+)\}/g, ":$1")}`;

Deno.test("every route of the app came from an endpoint, and every endpoint has its route", async () => {
  await using app = await createTestApp();
  const { app: routes, endpoints } = createOwnRoutes(app.services);
  const routed = new Set(routes.routes.map(({ method, path }) => `${method} ${path}`));
  assertEquals([...routed].sort(), endpoints.map(routeOf).sort());
  assert(endpoints.length > 25, `${endpoints.length} endpoints`);
});

Deno.test("no endpoint lacks an access, and each names a role and a scope that exist", async () => {
  await using app = await createTestApp();
  const words: readonly unknown[] = ["public", "scrape-token", "user"];
  for (const endpoint of createOwnRoutes(app.services).endpoints) {
    const { access } = endpoint;
    if (typeof access === "string") assert(words.includes(access), routeOf(endpoint));
    else {
      assert(ROLES.includes(access.role), routeOf(endpoint));
      assert(access.scope === undefined || access.scope in SCOPES, routeOf(endpoint));
    }
  }
});

Deno.test("no two endpoints share a method and a path", async () => {
  await using app = await createTestApp();
  const all = createOwnRoutes(app.services).endpoints.map(routeOf);
  assertEquals(new Set(all).size, all.length);
});

/** Whoever adds one that anybody may call has to say so here as well. */
const PUBLIC = [
  "GET /admin/login",
  "GET /admin/setup/:token",
  "GET /gatehouse.css",
  "GET /healthz",
  "GET /openapi.json",
  "GET /readyz",
  "POST /admin/login",
  "POST /admin/setup",
  "POST /api/v1/auth/login",
  "POST /api/v1/auth/logout",
  "POST /api/v1/auth/refresh",
  "POST /api/v1/auth/setup",
  "POST /api/v1/security/csp-reports",
  "POST /api/v1/tasks/wake",
];

Deno.test("only these endpoints are open to anybody", async () => {
  await using app = await createTestApp();
  const { endpoints } = createOwnRoutes(app.services);
  const open = endpoints.filter(({ access }) => access === "public").map(routeOf);
  assertEquals(open.sort(), PUBLIC);
});
