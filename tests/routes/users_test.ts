import { assertEquals } from "@std/assert";
import { MINUTE } from "../../src/time.ts";
import { codeOf, itemsOf, openIdentityApp, PASSWORD } from "./_identity_app.ts";

const USERS = "/api/v1/auth/users";
const ME = "/api/v1/auth/me";

Deno.test("admins create, read, change and disable accounts", async (t) => {
  await using app = await openIdentityApp();
  const admin = await app.person("admin");
  const { token } = admin;
  const create = (name: string, more = {}) =>
    app.post(`${USERS}/`, {
      token,
      json: { email: `${name}@shop.example`, password: PASSWORD, ...more },
    });
  const change = (id: unknown, json: unknown) =>
    app.send("PATCH", `${USERS}/${id}`, { token, json });

  app.clock.turn(1);
  await t.step("a new account is a user unless its role is said", async () => {
    const made = await create("ann");
    const { role, second_factor, disabled_at } = made.json();
    assertEquals([made.status, role, second_factor, disabled_at], [201, "user", false, null]);
    app.clock.turn(1);
    assertEquals((await create("bob", { role: "analyst" })).json().role, "analyst");
    assertEquals(codeOf(await create("ANN")), "EMAIL_TAKEN");
    assertEquals((await app.login("ann@shop.example")).status, 200);
  });

  await t.step("they are listed oldest first, and read one by one", async () => {
    const all = itemsOf(await app.get(USERS, { token }));
    assertEquals(all.map(({ role }) => role), ["admin", "user", "analyst"]);
    const one = await app.get(`${USERS}/${all[1].id}`, { token });
    assertEquals(one.json().email, "ann@shop.example");
    assertEquals(codeOf(await app.get(`${USERS}/nobody`, { token })), "NOT_FOUND");
    assertEquals(codeOf(await change("nobody", { role: "user" })), "NOT_FOUND");
  });

  await t.step(
    "a new role is the account's at its next sign-in, and ends those before",
    async () => {
      const cleo = await app.person("user", "cleo");
      assertEquals((await change(cleo.id, { role: "analyst" })).json().role, "analyst");
      app.clock.turn(1_000);
      assertEquals(codeOf(await app.get(ME, { token: cleo.token })), "UNAUTHENTICATED");
      const again = String((await app.login(cleo.email)).json().access_token);
      assertEquals((await app.get(ME, { token: again })).json().roles, ["analyst"]);
    },
  );

  await t.step("a disabled account is nobody until it is enabled", async () => {
    const dan = await app.person("user", "dan");
    const disabled = (await change(dan.id, { disabled: true })).json();
    assertEquals(typeof disabled.disabled_at, "string");
    app.clock.turn(1_000);
    assertEquals(codeOf(await app.get(ME, { token: dan.token })), "UNAUTHENTICATED");
    assertEquals(codeOf(await app.login(dan.email)), "INVALID_CREDENTIALS");
    assertEquals((await change(dan.id, { disabled: false })).json().disabled_at, null);
    assertEquals((await app.login(dan.email)).status, 200);
  });

  await t.step("a new password ends the account's sign-ins", async () => {
    const eve = await app.person("user", "eve");
    const next = "nine blue kettles in a row";
    assertEquals((await change(eve.id, { password: next })).status, 200);
    app.clock.turn(1_000);
    assertEquals(codeOf(await app.get(ME, { token: eve.token })), "UNAUTHENTICATED");
    assertEquals((await app.login(eve.email, next)).status, 200);
  });

  await t.step("of a change with one part wrong nothing is done", async () => {
    const fay = await app.person("user", "fay");
    const both = await change(fay.id, { role: "analyst", password: "short" });
    assertEquals(codeOf(both), "VALIDATION_FAILED");
    assertEquals((await app.get(`${USERS}/${fay.id}`, { token })).json().role, "user");
  });

  await t.step("the last admin stays one", async () => {
    for (const json of [{ role: "user" }, { disabled: true }]) {
      assertEquals(codeOf(await change(admin.id, json)), "LAST_ADMIN");
    }
    const second = await app.person("admin", "second");
    assertEquals((await change(second.id, { role: "user" })).status, 200);
    assertEquals(codeOf(await change(admin.id, { role: "analyst" })), "LAST_ADMIN");
  });

  await t.step("of two admins that demote each other at once one stays", async () => {
    const third = await app.person("admin", "third");
    const both = await Promise.all([
      change(third.id, { role: "user" }),
      app.send("PATCH", `${USERS}/${admin.id}`, { token: third.token, json: { role: "user" } }),
    ]);
    assertEquals(both.filter(({ status }) => status === 200).length, 1, both.map(codeOf).join());
  });
});

Deno.test("changing an account is a dangerous act", async () => {
  await using app = await openIdentityApp();
  const { token, id } = await app.person("admin");
  const ann = await app.person("user", "ann");
  const key = await app.key("users:write");
  const change = async (as: string, of = id) =>
    codeOf(await app.send("PATCH", `${USERS}/${of}`, { token: as, json: {} }));
  assertEquals(await change(token), 200);
  app.clock.turn(10 * MINUTE);
  assertEquals(await change(token), "REAUTHENTICATION_REQUIRED");
  assertEquals(await change(key, ann.id), 200, "a key has no password to give");
});
