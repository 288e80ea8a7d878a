import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { MINUTE } from "../../src/time.ts";
import { itemsOf, openIdentityApp, PASSWORD } from "./_identity_app.ts";

const HTML = { accept: "text/html" };

Deno.test("the console shows each person what they may open", async () => {
  await using app = await openIdentityApp();
  for (const [role, sees] of [["user", false], ["analyst", false], ["admin", true]] as const) {
    const { email } = await app.person(role);
    const { cookie } = await app.console(email);
    const { status, text } = await app.get("/admin", { cookie, headers: HTML });
    assertEquals([status, text.includes("/admin/keys")], [200, sees], role);
    assertStringIncludes(text, email);
  }
});

Deno.test("a key is made after the password was given within ten minutes", async () => {
  await using app = await openIdentityApp();
  const { email, token } = await app.person("admin");
  const { cookie } = await app.console(email);
  const make = (name: string) =>
    app.post("/admin/keys", { cookie, form: { name, scopes: "audit:read" } });
  const made = await make("first");
  assertEquals(made.status, 200);
  assertMatch(made.text, /gh_live_\w{38}/);

  app.clock.turn(10 * MINUTE);
  const refused = await make("second");
  const { headers } = refused;
  assertEquals([refused.status, headers.get("location")], [303, "/admin/confirm?next=/admin/keys"]);
  const confirm = (password: string) =>
    app.post("/admin/confirm", { cookie, form: { password, next: "/admin/keys" } });
  assertEquals((await confirm("wrong")).status, 422);
  const confirmed = await confirm(PASSWORD);
  assertEquals([confirmed.status, confirmed.headers.get("location")], [303, "/admin/keys"]);
  assertEquals((await make("second")).status, 200);
  const again = String((await app.login(email)).json().access_token);
  const names = itemsOf(await app.get("/api/v1/auth/keys", { token: again })).map(({ name }) =>
    name
  );
  assertEquals(names, ["first", "second"]);
  assert(token !== again);
});

Deno.test("a page shows what was typed as text, whatever it is", async () => {
  // What a page does with such a name, were the gate to let it in.
  await using app = await openIdentityApp({ env: { GATE_MODE: "monitor" } });
  const { email } = await app.person("admin");
  const { cookie } = await app.console(email);
  const name = `"><script>alert(1)</script>`;
  const wrong = await app.post("/admin/keys", { cookie, form: { name } });
  const made = await app.post("/admin/keys", { cookie, form: { name, scopes: "audit:read" } });
  const asked = await app.post("/admin/login", {
    form: { email: name, password: "wrong", next: name },
  });
  assertEquals([wrong.status, made.status, asked.status], [422, 200, 422]);
  for (const { text } of [wrong, made, asked]) {
    assert(!text.includes("<script"));
    assertStringIncludes(text, "&lt;script&gt;");
  }
});

Deno.test("BASE_PATH stands before every link and form of the console", async () => {
  await using app = await openIdentityApp({ env: { BASE_PATH: "/_gatehouse" } });
  const { email } = await app.person("admin");
  const { cookie } = await app.console(email);
  for (const path of ["/admin", "/admin/keys", "/admin/confirm", "/admin/login"]) {
    const { status, text } = await app.get(`/_gatehouse${path}`, { cookie });
    assertEquals(status, 200, path);
    const links = [...text.matchAll(/(?:href|action)="([^"]*)"/g)].map(([, link]) => link);
    assert(links.length > 0 && links.every((link) => link.startsWith("/_gatehouse/")), `${links}`);
  }
  const stranger = await app.get("/_gatehouse/admin/keys", { headers: HTML });
  assertEquals(stranger.headers.get("location"), "/_gatehouse/admin/login?next=%2Fadmin%2Fkeys");
  const form = { email, password: PASSWORD, next: "/admin/keys" };
  const open = await app.post("/_gatehouse/admin/login", { form });
  assertEquals(open.headers.get("location"), "/_gatehouse/admin/keys");
});
