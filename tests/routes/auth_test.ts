import { assert, assertEquals, assertMatch } from "@std/assert";
import { DAY, MINUTE } from "../../src/time.ts";
import { codeOf, itemsOf, openIdentityApp, PASSWORD } from "./_identity_app.ts";

const ME = "/api/v1/auth/me";
const SESSIONS = "/api/v1/auth/sessions";
const REFRESH = "/api/v1/auth/refresh";
const NEW_PASSWORD = "nine blue kettles in a row";

Deno.test("POST /auth/login answers tokens that prove who one is", async (t) => {
  await using app = await openIdentityApp();
  const { id, email } = await app.person("analyst");

  await t.step("in the shape that scripts rely on", async () => {
    const { access_token, refresh_token, token_type, expires_in } = (await app.login(email)).json();
    assertEquals([token_type, expires_in], ["Bearer", 900]);
    assertMatch(String(refresh_token), /^ghr_/);
    const me = (await app.get(ME, { token: String(access_token) })).json();
    assertEquals([me.id, me.realm, me.roles, me.scopes], [id, "gatehouse", ["analyst"], []]);
    assertEquals((me.account as { email: string }).email, email);
  });

  await t.step("however the address is written", async () => {
    assertEquals((await app.login(` ${email.toUpperCase()} `)).status, 200);
  });

  await t.step("and for 15 minutes", async () => {
    const token = String((await app.login(email)).json().access_token);
    app.clock.turn(15 * MINUTE + 29_000);
    assertEquals((await app.get(ME, { token })).status, 200, "30 s of leeway");
    app.clock.turn(2_000);
    assertEquals(codeOf(await app.get(ME, { token })), "UNAUTHENTICATED");
  });

  await t.step("but not with a wrong password", async () => {
    assertEquals(codeOf(await app.login(email, PASSWORD + "!")), "INVALID_CREDENTIALS");
  });
});

Deno.test("five failures delay an account, whoever asks, and success forgets them", async () => {
  await using app = await openIdentityApp();
  const { email } = await app.person("user");
  for (let i = 0; i < 5; i++) {
    assertEquals(codeOf(await app.login(email, "wrong")), "INVALID_CREDENTIALS");
  }
  const delayed = await app.login(email);
  assertEquals([codeOf(delayed), delayed.headers.get("retry-after")], ["SIGN_IN_DELAYED", "1"]);
  assert(app.logged.some((line) => line.includes("security.sign_in_delayed")));
  app.clock.turn(1_000);
  assertEquals((await app.login(email)).status, 200);
  assertEquals(codeOf(await app.login(email, "wrong")), "INVALID_CREDENTIALS");
  assertEquals((await app.login(email)).status, 200);
});

Deno.test("POST /auth/refresh and /auth/logout", async (t) => {
  await using app = await openIdentityApp();
  const ann = await app.person("user");
  const exchange = (refresh_token: string) => app.post(REFRESH, { json: { refresh_token } });

  await t.step("a refresh token is good for the next pair", async () => {
    const next = await exchange(ann.refreshToken);
    assertEquals(next.status, 200);
    assertEquals((await app.get(ME, { token: String(next.json().access_token) })).status, 200);
    assertEquals((await exchange(String(next.json().refresh_token))).status, 200);
  });

  await t.step("an invented one is for nothing", async () => {
    const invented = ann.refreshToken.slice(0, -4) + "AAAA";
    for (const text of ["x", "ghr_", invented.replace(/_.{20}_/, "_00000000000000000000_")]) {
      assertEquals(codeOf(await exchange(text)), "INVALID_REFRESH_TOKEN");
    }
  });

  await t.step("a sign-in without use ends after 7 days", async () => {
    const bob = await app.person("user", "bob");
    app.clock.turn(7 * DAY);
    assertEquals(codeOf(await exchange(bob.refreshToken)), "INVALID_REFRESH_TOKEN");
  });

  await t.step("logout ends it, and says so to anybody who asks twice", async () => {
    const cleo = await app.person("user", "cleo");
    const logout = () =>
      app.post("/api/v1/auth/logout/", { json: { refresh_token: cleo.refreshToken } });
    assertEquals((await logout()).status, 204);
    assertEquals((await logout()).status, 204);
    assertEquals(codeOf(await exchange(cleo.refreshToken)), "INVALID_REFRESH_TOKEN");
    assertEquals(codeOf(await app.get(ME, { token: cleo.token })), "UNAUTHENTICATED");
  });
});

Deno.test("a password is changed by who knows it, and ends the other sign-ins", async () => {
  await using app = await openIdentityApp();
  const { email, token } = await app.person("user");
  const elsewhere = String((await app.login(email)).json().access_token);
  const change = (current_password: string, new_password: string) =>
    app.post(`${ME}/password`, { token, json: { current_password, new_password } });

  assertEquals(codeOf(await change("wrong", NEW_PASSWORD)), "INVALID_CREDENTIALS");
  const weak = await change(PASSWORD, "password1234567");
  assertEquals(codeOf(weak), "VALIDATION_FAILED");
  assertEquals((weak.json().errors as { pointer: string }[])[0].pointer, "/new_password");
  assertEquals((await app.get(ME, { token: elsewhere })).status, 200);

  assertEquals((await change(PASSWORD, NEW_PASSWORD)).status, 204);
  assertEquals((await app.get(ME, { token })).status, 200);
  assertEquals(codeOf(await app.get(ME, { token: elsewhere })), "UNAUTHENTICATED");
  assertEquals(codeOf(await app.login(email)), "INVALID_CREDENTIALS");
  assertEquals((await app.login(email, NEW_PASSWORD)).status, 200);
});

Deno.test("sign-ins are listed newest first and ended one by one", async () => {
  await using app = await openIdentityApp();
  const { email, token, sessionId } = await app.person("user");
  app.clock.turn(1_000);
  const headers = { "user-agent": "curl/8.5.0" };
  const json = { email, password: PASSWORD };
  const second = await app.post("/api/v1/auth/login", { json, headers, from: "198.51.100.9" });
  const list = async () => itemsOf(await app.get(SESSIONS, { token }));

  const [newest, own] = await list();
  assertEquals([newest.device, newest.address], ["curl", "198.51.100.0/24"]);
  assertEquals([newest.current, own.current, own.id], [false, true, sessionId]);
  assert(!JSON.stringify([newest, own]).toLowerCase().includes("hash"));

  const path = `${SESSIONS}/${newest.id}`;
  assertEquals((await app.send("DELETE", path, { token })).status, 204);
  assertEquals(codeOf(await app.send("DELETE", path, { token })), "NOT_FOUND");
  assertEquals((await list()).length, 1);
  const ended = String(second.json().access_token);
  assertEquals(codeOf(await app.get(ME, { token: ended })), "UNAUTHENTICATED");
});

Deno.test("POST /auth/me/confirm makes ten minutes for dangerous acts", async () => {
  await using app = await openIdentityApp();
  const { token } = await app.person("admin");
  const json = { name: "report", scopes: ["audit:read"] };
  const create = async () => codeOf(await app.post("/api/v1/auth/keys", { token, json }));
  const confirm = (password: string) => app.post(`${ME}/confirm`, { token, json: { password } });
  assertEquals(await create(), 201, "signing in is as good");
  app.clock.turn(10 * MINUTE);
  assertEquals(await create(), "REAUTHENTICATION_REQUIRED");
  assertEquals(codeOf(await confirm("wrong")), "INVALID_CREDENTIALS");
  assertEquals(await create(), "REAUTHENTICATION_REQUIRED");
  assertEquals((await confirm(PASSWORD)).status, 204);
  assertEquals(await create(), 201);
});
