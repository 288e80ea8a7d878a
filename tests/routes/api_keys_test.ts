import { assert, assertEquals, assertMatch } from "@std/assert";
import { HOUR, SECOND } from "../../src/time.ts";
import { codeOf, itemsOf, openIdentityApp } from "./_identity_app.ts";

const KEYS = "/api/v1/auth/keys";
const AUDIT = "/api/v1/auth/audit";
const ME = "/api/v1/auth/me";

Deno.test("API keys are made, limited, listed and revoked", async (t) => {
  await using app = await openIdentityApp();
  const { token, id } = await app.person("admin");
  const make = (more = {}) =>
    app.post(KEYS, { token, json: { name: "report", scopes: ["audit:read"], ...more } });
  const made = async (more = {}) => {
    const answer = await make(more);
    return { id: String(answer.json().id), key: String(answer.json().key) };
  };
  const use = async (key: string, from?: string) =>
    codeOf(await app.get(AUDIT, { token: key, from }));

  await t.step("a key is shown once, and is known by its beginning", async () => {
    const answer = await make({ name: "  nightly  " });
    const { key, name, created_by, ...shown } = answer.json();
    assertEquals([answer.status, name, created_by], [201, "nightly", id]);
    assertMatch(String(key), /^gh_live_[0-9A-Za-z]{38}$/);
    const read = await app.get(`${KEYS}/${shown.id}`, { token });
    assert(!read.text.includes(String(key)) && !("key" in read.json()));
    assert(!(await app.get(KEYS, { token })).text.includes(String(key)));
    assert(!app.logged.join("\n").includes(String(key)));
  });

  await t.step("it opens what its scopes name, and nothing else", async () => {
    const { key } = await made();
    assertEquals(await use(key), 200);
    const refused = await app.get("/api/v1/auth/users", { token: key });
    assertEquals(refused.json().detail, "This needs a key with the scope users:read.");
    assertEquals(codeOf(await app.get(KEYS, { token: key })), "FORBIDDEN");
    assertEquals((await app.get(ME, { token: key })).json().scopes, ["audit:read"]);
  });

  await t.step("it is nobody's from another address", async () => {
    const { key } = await made({ address_ranges: ["198.51.100.0/24", "2001:db8::/32"] });
    assertEquals(await use(key, "198.51.100.7"), 200);
    assertEquals(await use(key, "2001:db8::7"), 200);
    assertEquals(await use(key, "203.0.113.1"), "UNAUTHENTICATED");
    assertEquals(await use(key, "198.51.100.7"), 200, "and still one's own from there");
    assertEquals(codeOf(await make({ address_ranges: ["10.0.0.0/99"] })), "VALIDATION_FAILED");
  });

  await t.step(
    "revoked, it is over within 5 seconds, and revoking again is no other act",
    async () => {
      const { id, key } = await made();
      assertEquals(await use(key), 200);
      const revoke = async () => (await app.send("DELETE", `${KEYS}/${id}`, { token })).json();
      const { revoked_at } = await revoke();
      app.clock.turn(5 * SECOND);
      assertEquals(await use(key), "UNAUTHENTICATED");
      assertEquals((await revoke()).revoked_at, revoked_at);
      assertEquals(codeOf(await app.send("DELETE", `${KEYS}/none`, { token })), "NOT_FOUND");
    },
  );

  await t.step("its last use is written down", async () => {
    const { id, key } = await made();
    await use(key);
    await new Promise((resolve) => setTimeout(resolve, 20));
    const read = await app.get(`${KEYS}/${id}`, { token });
    assertEquals(read.json().last_used_at, new Date(app.clock.now()).toISOString());
    assert(itemsOf(await app.get(KEYS, { token })).length >= 4);
  });

  await t.step("an invented one is not looked up", async () => {
    const { key } = await made();
    const last = key.endsWith("0") ? "1" : "0";
    assertEquals(await use(key.slice(0, -1) + last), "UNAUTHENTICATED");
    assertEquals(await use("gh_live_" + "0".repeat(38)), "UNAUTHENTICATED");
  });

  await t.step("it ends when it was said to", async () => {
    const now = app.clock.now();
    const past = await make({ expires_at: new Date(now - 1).toISOString() });
    assertEquals(codeOf(past), "VALIDATION_FAILED");
    const { key } = await made({ expires_at: new Date(now + HOUR).toISOString() });
    assertEquals(await use(key), 200);
    app.clock.turn(HOUR);
    assertEquals(await use(key), "UNAUTHENTICATED");
  });
});
