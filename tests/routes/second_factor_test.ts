import { assert, assertEquals, assertMatch } from "@std/assert";
import { MINUTE, SECOND } from "../../src/time.ts";
import { codeOf, itemsOf, openIdentityApp, PASSWORD } from "./_identity_app.ts";
import { appCode } from "./_totp.ts";

const FACTOR = "/api/v1/auth/me/second-factor";

Deno.test("a second factor is switched on, asked at each sign-in, and switched off", async (t) => {
  await using app = await openIdentityApp();
  const { token, email } = await app.person("admin");
  const confirm = (code: string) => app.post(`${FACTOR}/confirm`, { token, json: { code } });
  let secret = "";
  let recovery: string[] = [];
  const codeNow = () => appCode(secret, app.clock.now());

  await t.step("it begins with a secret for the app", async () => {
    const begun = await app.post(FACTOR, { token });
    assertEquals(begun.status, 201);
    secret = String(begun.json().secret);
    assertMatch(secret, /^[A-Z2-7]{32}$/);
    assertMatch(String(begun.json().uri), new RegExp(`^otpauth://totp/.*secret=${secret}&issuer=`));
    assertEquals((await app.login(email)).status, 200, "it does not count before it is confirmed");
  });

  await t.step("only a right code switches it on, and then it is on", async () => {
    const wrong = await confirm(codeNow() === "000000" ? "111111" : "000000");
    assertEquals(codeOf(wrong), "VALIDATION_FAILED");
    const on = await confirm(codeNow());
    assertEquals(on.status, 200);
    recovery = on.json().recovery_codes as string[];
    assertEquals([recovery.length, new Set(recovery).size], [10, 10]);
    assertEquals(codeOf(await app.post(FACTOR, { token })), "SECOND_FACTOR_ON");
  });

  await t.step(
    "the password alone is not enough, and is told so only when it is right",
    async () => {
      assertEquals(codeOf(await app.login(email)), "SECOND_FACTOR_REQUIRED");
      assertEquals(codeOf(await app.login(email, "wrong")), "INVALID_CREDENTIALS");
      assertEquals(codeOf(await app.login(email, "wrong", codeNow())), "INVALID_CREDENTIALS");
    },
  );

  await t.step("each code is good once", async () => {
    assertEquals(codeOf(await app.login(email, PASSWORD, codeNow())), "INVALID_CREDENTIALS");
    app.clock.turn(30 * SECOND);
    const code = codeNow();
    const both = await Promise.all([1, 2].map(() => app.login(email, PASSWORD, code)));
    assertEquals(both.map(({ status }) => status).sort(), [200, 401]);
  });

  await t.step("a recovery code does as well, once, however it is typed", async () => {
    app.clock.turn(MINUTE);
    const typed = recovery[0].toUpperCase().replaceAll("-", " ");
    assertEquals((await app.login(email, PASSWORD, typed)).status, 200);
    assertEquals(codeOf(await app.login(email, PASSWORD, recovery[0])), "INVALID_CREDENTIALS");
  });

  await t.step("the console's form asks for the code after the password", async () => {
    app.clock.turn(MINUTE);
    const form = { email, password: PASSWORD, next: "/admin" };
    const asked = await app.post("/admin/login", { form });
    assertEquals(asked.status, 422);
    assertMatch(asked.text, /name="code"/);
    assert(!asked.text.includes(PASSWORD));
    const open = await app.post("/admin/login", { form: { ...form, code: codeNow() } });
    assertEquals([open.status, open.headers.get("location")], [303, "/admin"]);
  });

  await t.step(
    "switching it off wants the password of the last ten minutes and a code",
    async () => {
      app.clock.turn(10 * MINUTE);
      const off = (json: unknown) => app.send("DELETE", FACTOR, { token, json });
      assertEquals(codeOf(await off({ code: codeNow() })), "REAUTHENTICATION_REQUIRED");
      await app.post("/api/v1/auth/me/confirm", { token, json: { password: PASSWORD } });
      assertEquals(codeOf(await app.send("DELETE", FACTOR, { token })), "UNSUPPORTED_MEDIA_TYPE");
      assertEquals(codeOf(await off({})), "SECOND_FACTOR_REQUIRED");
      for (const code of ["", "12345", 123456, null]) {
        assertEquals(codeOf(await off({ code })), "VALIDATION_FAILED", `${code}`);
      }
      assertEquals(codeOf(await app.login(email)), "SECOND_FACTOR_REQUIRED", "it is still on");
      assertEquals((await off({ code: codeNow() })).status, 204);
      assertEquals((await app.login(email)).status, 200);
    },
  );

  await t.step("nothing of it is in the log", () => {
    const log = app.logged.join("\n");
    for (const text of [secret, ...recovery, PASSWORD]) assert(!log.includes(text));
  });
});

Deno.test("an admin takes the second factor away from who lost it", async () => {
  await using app = await openIdentityApp();
  const admin = await app.person("admin");
  const { id, email, token } = await app.person("user");
  const secret = String((await app.post(FACTOR, { token })).json().secret);
  const code = appCode(secret, app.clock.now());
  await app.post(`${FACTOR}/confirm`, { token, json: { code } });
  assertEquals(codeOf(await app.login(email)), "SECOND_FACTOR_REQUIRED");

  const takeAway = (of: string) =>
    app.send("DELETE", `/api/v1/auth/users/${of}/second-factor`, { token: admin.token });
  assertEquals(codeOf(await takeAway("nobody")), "NOT_FOUND");
  app.clock.turn(1);
  assertEquals((await takeAway(id)).status, 204);
  const [entry] = itemsOf(await app.get("/api/v1/auth/audit?limit=1", { token: admin.token }));
  assertEquals([entry.action, entry.by, entry.target], ["second_factor.disable", admin.id, id]);
  assertEquals((await app.login(email)).status, 200);
});

/** A person whose second factor is on. */
async function withFactor(role: "user" | "admin" = "user") {
  const app = await openIdentityApp();
  const person = await app.person(role);
  const { token } = person;
  const secret = String((await app.post(FACTOR, { token })).json().secret);
  const json = { code: appCode(secret, app.clock.now()) };
  const confirmed = await app.post(`${FACTOR}/confirm`, { token, json });
  app.clock.turn(30 * SECOND);
  return {
    app,
    ...person,
    used: json.code,
    codeNow: () => appCode(secret, app.clock.now()),
    recovery: confirmed.json().recovery_codes as string[],
    off: (code?: string) => app.send("DELETE", FACTOR, { token, json: { code } }),
    isOn: async () => codeOf(await app.login(person.email)) === "SECOND_FACTOR_REQUIRED",
  };
}

Deno.test("switching a second factor off takes a code that signs in, and no other", async (t) => {
  await t.step("a code of the app, once", async () => {
    const { app, used, codeNow, off, isOn } = await withFactor();
    await using _ = app;
    const wrong = codeNow() === "000000" ? "111111" : "000000";
    for (const code of [used, wrong, "AAAA-AAAA-AAAA-AAAA", "١٢٣٤٥٦", "' or 1=1"]) {
      assertEquals(codeOf(await off(code)), "INVALID_CREDENTIALS", code);
      // Each was a guess: from the fifth on there is a wait.
      app.clock.turn(30 * SECOND);
    }
    assertEquals(await isOn(), true);
    assertEquals((await off(codeNow())).status, 204);
    assertEquals(await isOn(), false);
    assertEquals((await off()).status, 204, "off already");
  });
  await t.step("a recovery code, once, however it is typed", async () => {
    const { app, email, recovery, off, isOn } = await withFactor();
    await using _ = app;
    assertEquals((await app.login(email, PASSWORD, recovery[0])).status, 200);
    assertEquals(codeOf(await off(recovery[0])), "INVALID_CREDENTIALS", "spent");
    assertEquals((await off(recovery[1].toUpperCase().replaceAll("-", " "))).status, 204);
    assertEquals(await isOn(), false);
  });
  await t.step("guesses are counted with those of signing in", async () => {
    const { app, email, codeNow, off, isOn } = await withFactor();
    await using _ = app;
    const wrong = codeNow() === "000000" ? "111111" : "000000";
    for (let i = 0; i < 5; i++) assertEquals(codeOf(await off(wrong)), "INVALID_CREDENTIALS");
    const delayed = await off(codeNow());
    assertEquals(codeOf(delayed), "SIGN_IN_DELAYED");
    assertEquals(delayed.headers.get("retry-after"), "1");
    assertEquals(codeOf(await app.login(email, PASSWORD, codeNow())), "SIGN_IN_DELAYED");
    app.clock.turn(SECOND);
    assertEquals(codeOf(await off()), "SECOND_FACTOR_REQUIRED", "no code is no guess");
    assertEquals((await off(codeNow())).status, 204);
    assertEquals(await isOn(), false);
  });
  await t.step("one that was begun and never confirmed protects nothing yet", async () => {
    await using app = await openIdentityApp();
    const { token } = await app.person("user");
    await app.post(FACTOR, { token });
    const off = await app.send("DELETE", FACTOR, { token, json: {} });
    assertEquals(off.status, 204);
  });
  await t.step("an admin's own goes no other way", async () => {
    const { app, id, token, codeNow, off, isOn } = await withFactor("admin");
    await using _ = app;
    const path = `/api/v1/auth/users/${id}/second-factor`;
    assertEquals(codeOf(await app.send("DELETE", path, { token })), "FORBIDDEN");
    assertEquals(await isOn(), true);
    assertEquals((await off(codeNow())).status, 204);
  });
});

Deno.test("the console's form switches it off with a code", async () => {
  const { app, email, codeNow, isOn } = await withFactor();
  await using _ = app;
  const client = { device: "Firefox on Linux", address: "203.0.113.1" };
  const { cookie } = await app.services.identity.signIn.withConsole({
    email,
    password: PASSWORD,
    code: codeNow(),
    client,
  });
  app.clock.turn(30 * SECOND);
  const off = (code: string) => app.post("/admin/second-factor/off", { cookie, form: { code } });
  const page = await app.get("/admin", { cookie });
  assertMatch(page.text, /action="\/admin\/second-factor\/off"/);
  for (const code of ["", "000", codeNow() === "000000" ? "111111" : "000000"]) {
    const again = await off(code);
    assertEquals([again.status, await isOn()], [422, true], code);
    assertMatch(again.text, /role="alert"/);
  }
  app.clock.turn(10 * MINUTE);
  const late = await off(codeNow());
  assertEquals(late.headers.get("location"), "/admin/confirm?next=/admin");
  await app.post("/admin/confirm", { cookie, form: { password: PASSWORD, next: "/admin" } });
  const done = await off(codeNow());
  assertEquals([done.status, done.headers.get("location")], [303, "/admin"]);
  assertEquals(await isOn(), false);
  const after = await app.get("/admin", { cookie });
  assert(!after.text.includes("second-factor/off"));
});
