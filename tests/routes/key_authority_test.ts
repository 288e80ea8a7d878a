/**
 * What an API key can do to people. One with every scope walks over every endpoint there is, with
 * every hostile body we can think of: no admin is made, changed, signed out or read out by it.
 */
import { assert, assertEquals } from "@std/assert";
import { createOwnRoutes } from "../../routes/app.ts";
import type { AnyEndpoint } from "../../routes/endpoint/definition.ts";
import { type Scope, SCOPES } from "../../src/auth/scopes.ts";
import { keys } from "../../src/kv/keys.ts";
import { codeOf, type IdentityApp, openIdentityApp, PASSWORD } from "./_identity_app.ts";
import { appCode } from "./_totp.ts";

const USERS = "/api/v1/auth/users";
const ALL = Object.keys(SCOPES) as Scope[];
const NEXT = "nine blue kettles in a row";
const NEW = { email: "mallory@shop.example", password: NEXT };

/** Bodies by which somebody could become, or weaken, an admin. */
const BODIES: readonly Readonly<Record<string, unknown>>[] = [
  {},
  { role: "admin" },
  { role: "user" },
  { role: "analyst" },
  { disabled: true },
  { disabled: false },
  { password: NEXT },
  { password: NEXT, role: "admin", disabled: false },
  { ...NEW, role: "admin" },
  { current_password: PASSWORD, new_password: NEXT },
  { password: PASSWORD, code: "123456" },
  { name: "more", scopes: ALL },
];

interface Admin {
  readonly id: string;
  readonly sessionId: string;
}

/** Everything that makes an admin one. */
async function stateOf({ services: { kv, identity } }: IdentityApp, { id, sessionId }: Admin) {
  const accounts = (await identity.accounts.list({ limit: 200 })).items;
  return {
    account: (await kv.get(keys.account(id))).value,
    session: (await kv.get(keys.session(sessionId))).value,
    admins: (await kv.get(keys.admins())).value,
    roles: accounts.filter(({ role }) => role === "admin").map(({ email }) => email),
    keys: (await identity.apiKeys.list({ limit: 200 })).items
      .map(({ id, scopes, revokedAt }) => ({ id, scopes, revokedAt })),
  };
}

/** An admin with a second factor, signed in, and one who was disabled. */
async function openWithAdmins() {
  const app = await openIdentityApp();
  const admin = await app.person("admin");
  const { secret } = (await app.post("/api/v1/auth/me/second-factor", { token: admin.token }))
    .json();
  const code = appCode(String(secret), app.clock.now());
  const json = { code };
  await app.post("/api/v1/auth/me/second-factor/confirm", { token: admin.token, json });
  const former = await app.person("admin", "former");
  const by = { id: admin.id, requestId: "test" };
  await app.services.identity.accounts.disable(former.id, by);
  return { app, admin, former };
}

const isWrite = ({ method }: AnyEndpoint) => method !== "GET";

Deno.test("a key with every scope can do nothing to an admin at any endpoint", async (t) => {
  const { app, admin, former } = await openWithAdmins();
  await using _ = app;
  const token = await app.key(...ALL);
  const { endpoints } = createOwnRoutes(app.services);
  const ids = [admin.id, former.id, admin.sessionId];
  const before = { admin: await stateOf(app, admin), former: await stateOf(app, former) };
  let asked = 0;
  for (const endpoint of endpoints.filter(isWrite)) {
    await t.step(`${endpoint.method} ${endpoint.path}`, async () => {
      for (const id of endpoint.path.includes("{") ? ids : [""]) {
        for (const body of endpoint.body ? BODIES : [undefined]) {
          const path = endpoint.path.replace(/\{\w+\}/, id);
          const form = endpoint.bodyAs === "form";
          const sent = form ? { form: textsOf(body ?? {}) } : { json: body };
          const { status, text } = await app.send(endpoint.method, path, { token, ...sent });
          assert(status < 500, `${path}: ${status} ${text}`);
          asked++;
        }
      }
      const after = { admin: await stateOf(app, admin), former: await stateOf(app, former) };
      assertEquals(after, before);
    });
  }
  assert(asked > 100, `${asked} requests`);
});

function textsOf(body: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(body).map(([name, value]) => [name, String(value)]));
}

Deno.test("a key is told FORBIDDEN about admins, and goes on managing everybody else", async () => {
  const { app, admin, former } = await openWithAdmins();
  await using _ = app;
  const token = await app.key("users:write");
  const ann = await app.person("user", "ann");
  const send = async (method: string, path: string, json?: unknown) =>
    codeOf(await app.send(method, `${USERS}${path}`, { token, json }));

  for (const id of [admin.id, former.id]) {
    for (
      const json of [{}, { role: "user" }, { disabled: true }, { disabled: false }, {
        password: NEXT,
      }, { password: "short" }]
    ) {
      assertEquals(await send("PATCH", `/${id}`, json), "FORBIDDEN", JSON.stringify(json));
    }
    assertEquals(await send("DELETE", `/${id}/second-factor`), "FORBIDDEN");
  }
  assertEquals(await send("POST", "", { ...NEW, role: "admin" }), "FORBIDDEN");
  assertEquals(await send("PATCH", `/${ann.id}`, { role: "admin" }), "FORBIDDEN");
  assertEquals(
    await send("PATCH", `/${ann.id}`, { role: "admin", password: NEXT }),
    "FORBIDDEN",
  );
  // Of the last one nothing was done, the password included.
  assertEquals((await app.login(ann.email)).status, 200);

  assertEquals(await send("POST", "", { ...NEW, role: "analyst" }), 201);
  for (const json of [{ role: "analyst" }, { disabled: true }, { disabled: false }, {}]) {
    assertEquals(await send("PATCH", `/${ann.id}`, json), 200, JSON.stringify(json));
  }
  assertEquals(await send("PATCH", `/${ann.id}`, { password: NEXT }), 200);
  assertEquals(await send("DELETE", `/${ann.id}/second-factor`), 204);
});

Deno.test("an admin in person still makes, changes and resets admins", async () => {
  await using app = await openIdentityApp();
  const { token } = await app.person("admin");
  const made = await app.post(USERS, { token, json: { ...NEW, role: "admin" } });
  assertEquals(made.status, 201);
  const path = `${USERS}/${made.json().id}`;
  for (const json of [{ password: PASSWORD }, { disabled: true }, { role: "user" }]) {
    assertEquals((await app.send("PATCH", path, { token, json })).status, 200);
  }
});

Deno.test("whoever becomes an admin while a key acts is not changed by it", async () => {
  await using app = await openIdentityApp();
  const { identity } = app.services;
  const ann = await app.person("admin", "ann");
  const by = { id: "key_0123456789abcdefghij", requestId: "test" };
  // Past the route's look at the account: the room itself refuses.
  const acts: readonly (() => Promise<unknown>)[] = [
    () => identity.accounts.setRole(ann.id, "user", by),
    () => identity.accounts.disable(ann.id, by),
    () => identity.accounts.enable(ann.id, by),
    () => identity.accountPasswords.reset(ann.id, NEXT, by),
    () => identity.secondFactors.disable(ann.id, by),
    () => identity.accounts.create({ ...NEW, role: "admin" }, by),
  ];
  for (const act of acts) {
    const error = await act().then(() => undefined, (error) => error);
    assertEquals(error?.code, "FORBIDDEN", String(act));
  }
});
