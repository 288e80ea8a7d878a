/**
 * Sign-ins, their ends and resolved errors in the audit log: each once, in the act's own commit; and
 * nothing there of what strangers try.
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { MINUTE, SECOND } from "../../src/time.ts";
import { createFaultKv } from "../_fault_kv.ts";
import { codeOf, type IdentityApp, openIdentityApp, PASSWORD } from "./_identity_app.ts";

interface Entry {
  readonly action: string;
  readonly by: string;
  readonly target: string;
  readonly requestId: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** What `act` adds to the log, oldest first. */
async function added(app: IdentityApp, act: () => Promise<unknown>): Promise<Entry[]> {
  const all = async () => (await app.services.identity.audit.list({ limit: 200 })).items;
  const before = new Set((await all()).map(({ id }) => id));
  app.clock.turn(1);
  await act();
  return (await all()).filter(({ id }) => !before.has(id)).reverse();
}

/** The entries as `action by target`, each with the id of a request. */
async function linesOf(app: IdentityApp, act: () => Promise<unknown>): Promise<string[]> {
  return (await added(app, act)).map(({ action, by, target, requestId }) => {
    assertMatch(requestId, /^[0-9a-f]{8}-\d+$/, action);
    return `${action} ${by} ${target}`;
  });
}

Deno.test("each sign-in and each end of one is in the audit log", async (t) => {
  await using app = await openIdentityApp();
  const { id, email, token, sessionId, refreshToken } = await app.person("admin");
  const sessionsOf = async () =>
    (await app.services.identity.sessions.list(id)).map((session) => session.id);
  const newest = async () => (await sessionsOf())[0];
  const pair = async () => (await app.login(email)).json();

  await t.step("a sign-in by the API", async () => {
    const [entry, ...rest] = await added(app, () => app.login(email));
    assertEquals([entry.action, entry.by, entry.target, rest.length], [
      "session.create",
      id,
      await newest(),
      0,
    ]);
    assertEquals(entry.details, { kind: "api", second_factor: false, device: "Unknown program" });
    assertMatch(entry.requestId, /^[0-9a-f]{8}-\d+$/);
  });
  await t.step("a sign-in by the console", async () => {
    const form = { email, password: PASSWORD, next: "/admin" };
    const [entry] = await added(app, () => app.post("/admin/login", { form }));
    assertEquals([entry.action, entry.target, entry.details.kind], [
      "session.create",
      await newest(),
      "console",
    ]);
  });
  await t.step("signing out by the refresh token, once", async () => {
    const json = { refresh_token: (await pair()).refresh_token };
    const ended = await newest();
    const logout = () => app.post("/api/v1/auth/logout", { json });
    assertEquals(await linesOf(app, logout), [`session.end ${id} ${ended}`]);
    assertEquals(await linesOf(app, logout), []);
  });
  await t.step("ending one of one's own, by the API and by the page", async () => {
    for (const way of ["api", "page"]) {
      await pair();
      const ended = await newest();
      const end = () =>
        way === "api"
          ? app.send("DELETE", `/api/v1/auth/sessions/${ended}`, { token })
          : app.post(`/admin/sign-ins/${ended}/end`, { token });
      assertEquals(await linesOf(app, end), [`session.end ${id} ${ended}`], way);
      assertEquals(await linesOf(app, end), [], `${way}, again`);
    }
  });
  await t.step("signing out of the console", async () => {
    const { cookie } = await app.console(email);
    const ended = await newest();
    const headers = { origin: "http://gate.example" };
    const logout = () => app.post("/admin/logout", { cookie, headers });
    assertEquals(await linesOf(app, logout), [`session.end ${id} ${ended}`]);
  });
  await t.step("the end of a family whose token was used twice, once", async () => {
    const first = String((await pair()).refresh_token);
    const family = await newest();
    const use = () => app.post("/api/v1/auth/refresh", { json: { refresh_token: first } });
    assertEquals(await linesOf(app, use), [], "a refresh is no sign-in");
    app.clock.turn(MINUTE);
    const often = () => Promise.all(Array.from({ length: 10 }, use));
    assertEquals(await linesOf(app, often), [`session.end_reused gate ${family}`]);
    assertEquals(await linesOf(app, often), []);
  });
  await t.step("all of them at once", async () => {
    const { sessions } = app.services.identity;
    const all = () => sessions.revokeAll(id, sessionId, "00000000-1");
    assertEquals(await linesOf(app, all), [`session.end_all ${id} ${id}`]);
    assertEquals(await sessionsOf(), [sessionId]);
    assertEquals(await linesOf(app, all), []);
  });
  await t.step("without a secret, or an address of a person or a network", async () => {
    const { identity } = app.services;
    const { items } = await identity.audit.list({ limit: 200 });
    const text = JSON.stringify(items);
    for (const secret of [PASSWORD, email, refreshToken, token, "203.0.113"]) {
      assert(!text.includes(secret), secret);
    }
  });
});

Deno.test("what strangers try is not in the audit log, however often", async () => {
  await using app = await openIdentityApp();
  const { email } = await app.person("admin");
  const REFRESH = `ghr_${"a".repeat(20)}_${"a".repeat(64)}`;
  const tries: readonly (() => Promise<unknown>)[] = [
    () => app.login(email, "wrong"),
    () => app.login("nobody@shop.example", "wrong"),
    () => app.post("/admin/login", { form: { email, password: "wrong", next: "/admin" } }),
    () => app.post("/api/v1/auth/logout", { json: { refresh_token: REFRESH } }),
    () => app.post("/api/v1/auth/refresh", { json: { refresh_token: REFRESH } }),
    () => app.send("DELETE", "/api/v1/auth/sessions/none"),
    () => app.post("/admin/logout"),
    () => app.post("/api/v1/auth/setup", { json: { token: "x", email, password: PASSWORD } }),
    () => app.post("/api/v1/monitoring/errors/0123456789abcdef/resolve"),
  ];
  for (const attempt of tries) {
    const often = async () => {
      for (let i = 0; i < 12; i++) await attempt();
    };
    assertEquals(await linesOf(app, often), [], String(attempt));
  }
  // That somebody guesses is a security event, and a sampled one.
  await app.services.incidents.flush();
  const { items } = await app.services.incidents.events({ limit: 200 });
  assert(items.some(({ type }) => type === "sign_in_delayed"));
});

Deno.test("a sign-in and its entry are there together or not at all", async () => {
  using raw = await createFaultKv({ seed: 5 });
  await using app = await openIdentityApp({ rawKv: raw });
  const { email, id } = await app.person("admin");
  const { identity, breaker } = app.services;
  for (let i = 0; i < 12; i++) {
    raw.inject({ lostReply: 0.2, error: 0.05 });
    await app.login(email);
    raw.heal();
    breaker.reset();
    app.clock.turn(20 * SECOND);
  }
  const sessions = (await identity.sessions.list(id)).map((session) => session.id);
  const entries = (await identity.audit.list({ limit: 200 })).items
    .filter(({ action }) => action === "session.create").map(({ target }) => target);
  assert(sessions.length > 3, `${sessions.length} sign-ins`);
  assertEquals(entries.toSorted(), sessions.toSorted());
});

Deno.test("an error that was called mended is in the audit log, by a person or a key", async () => {
  await using app = await openIdentityApp();
  const { token, id } = await app.person("admin");
  const key = await app.key("monitoring:write");
  const keyId = (await app.services.identity.apiKeys.list({ limit: 1 })).items[0].id;
  const { fingerprint } = app.services.errors.note(new Error("it leaks"));
  const resolve = (as: string, of = fingerprint) =>
    app.post(`/api/v1/monitoring/errors/${of}/resolve`, { token: as });
  assertEquals(await linesOf(app, () => resolve(token)), [`error.resolve ${id} ${fingerprint}`]);
  assertEquals(await linesOf(app, () => resolve(key)), [`error.resolve ${keyId} ${fingerprint}`]);
  const nothing = async () => {
    assertEquals(codeOf(await resolve(token, "0000000000000000")), "NOT_FOUND");
  };
  assertEquals(await linesOf(app, nothing), []);
});
