import { assertEquals } from "@std/assert";
import { createOperations } from "../../routes/operations.ts";
import { openIdentityApp } from "./_identity_app.ts";

Deno.test("createOperations() names declared endpoints, and nothing else", () => {
  const endpoint = (method: "GET" | "POST", path: string) => ({
    method,
    path,
    summary: "",
    access: "public" as const,
    answers: {},
  });
  const operationOf = createOperations([
    endpoint("GET", "/api/v1/security/events"),
    endpoint("GET", "/api/v1/security/events/{request_id}"),
    endpoint("POST", "/api/v1/auth/keys/{id}/revoke"),
    endpoint("GET", "/admin"),
  ]);
  const table: [method: string, path: string, name: string | undefined][] = [
    ["GET", "/api/v1/security/events", "GET security/events"],
    ["HEAD", "/api/v1/security/events", "GET security/events"],
    ["GET", "/api/v1/security/events/a7-2", "GET security/events/{request_id}"],
    ["GET", "/api/v1/security/events/B8-3", "GET security/events/{request_id}"],
    ["POST", "/api/v1/auth/keys/k/revoke", "POST auth/keys/{id}/revoke"],
    ["POST", "/api/v1/security/events", undefined],
    ["GET", "/api/v1/security/events/a/b", undefined],
    ["GET", "/api/v1/made-up", undefined],
    ["GET", "/admin", undefined],
  ];
  for (const [method, path, name] of table) assertEquals(operationOf(method, path), name, path);
});

Deno.test("the API's limits are apart by operation: lists of events leave the caller's own account", async () => {
  await using app = await openIdentityApp({ env: { LIMIT_API: "user:100/1m" } });
  const { token } = await app.person("admin");
  const statusOf = async (path: string) => (await app.get(path, { token })).status;
  for (let count = 0; count < 100; count++) {
    assertEquals(await statusOf("/api/v1/security/events"), 200);
  }
  assertEquals(await statusOf("/api/v1/security/events"), 429);
  assertEquals(await statusOf("/api/v1/security/events/"), 429);
  const others = ["/api/v1/auth/me", "/api/v1/security/threats", "/api/v1/auth/users"];
  for (const path of others) assertEquals(await statusOf(path), 200, path);
});

Deno.test("ids share their operation's count, and invented paths share one", async () => {
  await using app = await openIdentityApp({ env: { LIMIT_API: "user:3/1m" } });
  const { token } = await app.person("admin");
  const statuses = async (path: (at: number) => string) => {
    const found: number[] = [];
    for (let at = 0; at < 4; at++) found.push((await app.get(path(at), { token })).status);
    return found;
  };
  assertEquals(await statuses((at) => `/api/v1/security/events/r-${at}`), [404, 404, 404, 429]);
  assertEquals(await statuses((at) => `/api/v1/made-up-${at}`), [404, 404, 404, 429]);
});
