import { assert, assertEquals, assertMatch } from "@std/assert";
import { MINUTE } from "../../src/time.ts";
import { codeOf, openIdentityApp, PASSWORD } from "./_identity_app.ts";

const SETUP = "/api/v1/auth/setup";
const EMAIL = "ada@shop.example";
const BOOTSTRAP_TOKEN = "a-bootstrap-token-of-length";

Deno.test("BOOTSTRAP_TOKEN creates the first admin, once", async () => {
  await using app = await openIdentityApp({ env: { BOOTSTRAP_TOKEN } });
  const setUp = (token: string, password = PASSWORD) =>
    app.post(SETUP + "/", { json: { token, email: EMAIL, password } });
  assertEquals(await app.services.identity.setup.openLink(), undefined, "no link beside it");
  assertEquals(codeOf(await setUp("another-token-of-length")), "SETUP_TOKEN_INVALID");
  assertEquals(codeOf(await setUp(BOOTSTRAP_TOKEN, "short")), "VALIDATION_FAILED");

  const made = await setUp(BOOTSTRAP_TOKEN);
  assertEquals([made.status, made.json().role, made.json().email], [201, "admin", EMAIL]);
  assert(!made.text.toLowerCase().includes("hash"));
  assertEquals(codeOf(await setUp(BOOTSTRAP_TOKEN)), "SETUP_DONE");
  assertEquals((await app.login(EMAIL)).status, 200);
});

Deno.test("the token of the link creates the first admin, once and within 15 minutes", async () => {
  await using app = await openIdentityApp();
  const { setup } = app.services.identity;
  const setUp = (token = "", email = EMAIL) =>
    app.post(SETUP, { json: { token, email, password: PASSWORD } });
  const late = await setup.openLink();
  app.clock.turn(15 * MINUTE);
  assertEquals(codeOf(await setUp(late)), "SETUP_TOKEN_INVALID");

  const token = await setup.openLink();
  const both = await Promise.all([setUp(token), setUp(token, "eve@shop.example")]);
  assertEquals(both.map(({ status }) => status).sort(), [201, 404], "one of two at once");
  assertEquals(codeOf(await setUp(token)), "SETUP_DONE");
  assertEquals(await setup.openLink(), undefined);
});

Deno.test("GET /admin/setup/TOKEN shows a form that creates the admin and leads to the sign-in", async () => {
  await using app = await openIdentityApp();
  const token = await app.services.identity.setup.openLink() ?? "";
  const form = await app.get(`/admin/setup/${token}`);
  assertEquals(form.status, 200);
  assertMatch(form.text, new RegExp(`name="token" value="${token}"`));
  assertEquals(form.headers.get("referrer-policy") !== null, true);

  const fields = { token, email: EMAIL, password: "too short" };
  const again = await app.post("/admin/setup", { form: fields });
  assertEquals(again.status, 422);
  assertMatch(again.text, /at least 15 characters/);
  assertMatch(again.text, new RegExp(`value="${EMAIL}"`));
  assert(!again.text.includes("too short"), "a password is not sent back");

  const done = await app.post("/admin/setup", { form: { ...fields, password: PASSWORD } });
  assertEquals([done.status, done.headers.get("location")], [303, "/admin/login?made"]);
  assertEquals(codeOf(await app.get(`/admin/setup/${token}`)), "SETUP_DONE");
  assert(!app.logged.join("\n").includes(token));
});
