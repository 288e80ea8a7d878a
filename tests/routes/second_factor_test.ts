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

  await t.step("switching it off wants the password of the last ten minutes", async () => {
    app.clock.turn(10 * MINUTE);
    const off = () => app.send("DELETE", FACTOR, { token });
    assertEquals(codeOf(await off()), "REAUTHENTICATION_REQUIRED");
    await app.post("/api/v1/auth/me/confirm", { token, json: { password: PASSWORD } });
    assertEquals((await off()).status, 204);
    assertEquals((await app.login(email)).status, 200);
  });

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
  assertEquals((await app.login(email)).status, 200);
  const [entry] = itemsOf(await app.get("/api/v1/auth/audit?limit=1", { token: admin.token }));
  assertEquals([entry.action, entry.by, entry.target], ["second_factor.disable", admin.id, id]);
});
