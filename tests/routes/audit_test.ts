import { assert, assertEquals, assertMatch } from "@std/assert";
import { DAY } from "../../src/time.ts";
import { codeOf, type IdentityApp, itemsOf, openIdentityApp, PASSWORD } from "./_identity_app.ts";

const AUDIT = "/api/v1/auth/audit";

/** Does what admins do, each thing once; answers what the log must say of it, oldest first. */
async function everyAct(app: IdentityApp, token: string): Promise<[string, unknown][]> {
  const users = "/api/v1/auth/users";
  const json = { email: "new@shop.example", password: PASSWORD };
  const { id } = (await app.post(users, { token, json })).json();
  const change = (json: unknown) => app.send("PATCH", `${users}/${id}`, { token, json });
  await change({ role: "analyst" });
  await change({ disabled: true });
  await change({ disabled: false });
  await change({ password: "nine blue kettles in a row" });
  const draft = { name: "report", scopes: ["audit:read"] };
  const key = (await app.post("/api/v1/auth/keys", { token, json: draft })).json();
  await app.send("DELETE", `/api/v1/auth/keys/${key.id}`, { token });
  return [
    ["user.create", id],
    ["user.set_role", id],
    ["user.disable", id],
    ["user.enable", id],
    ["user.reset_password", id],
    ["api_key.create", key.id],
    ["api_key.revoke", key.id],
  ];
}

Deno.test("every write of an admin is in the audit log, with who made it", async (t) => {
  await using app = await openIdentityApp();
  const { token, id } = await app.person("admin");
  const read = async (query = "") => itemsOf(await app.get(AUDIT + query, { token }));
  const before = (await read()).length;
  app.clock.turn(1_000);
  const from = new Date(app.clock.now()).toISOString();
  // So that the order of the log is the order of the acts.
  const slow: IdentityApp = {
    ...app,
    send: (...asked) => (app.clock.turn(10), app.send(...asked)),
    post: (...asked) => (app.clock.turn(10), app.post(...asked)),
  };
  const expected = await everyAct(slow, token);

  await t.step("each once, newest first", async () => {
    const entries = (await read()).slice(0, -before);
    assertEquals(entries.map(({ action, target }) => [action, target]).reverse(), expected);
    for (const { by, request_id, id: own } of entries) {
      assertEquals(by, id);
      assertMatch(String(request_id), /^[0-9a-f]{8}-\d+$/);
      assertMatch(String(own), /^aud_/);
    }
  });

  await t.step("without a secret or an address of a person", async () => {
    const { text } = await app.get(AUDIT, { token });
    assert(
      !text.includes(PASSWORD) && !text.includes("@shop.example") && !text.includes("gh_live"),
    );
  });

  await t.step("between two times", async () => {
    assertEquals((await read(`?from=${from}`)).length, expected.length);
    assertEquals((await read(`?to=${from}`)).length, before);
    assertEquals(codeOf(await app.get(`${AUDIT}?cursor=2026-99`, { token })), "INVALID_CURSOR");
  });

  await t.step("page by page", async () => {
    const seen: unknown[] = [];
    let path: string | undefined = `${AUDIT}?limit=3`;
    while (path) {
      const page = await app.get(path, { token });
      seen.push(...itemsOf(page).map(({ id }) => id));
      path = /^<([^>]+)>/.exec(page.headers.get("link") ?? "")?.[1];
    }
    assertEquals(seen, (await read()).map(({ id }) => id));
  });

  await t.step("as CSV, read with a key", async () => {
    const key = await app.key("audit:read");
    const csv = await app.get(`${AUDIT}?format=csv&from=${from}`, { token: key });
    const [head, ...lines] = csv.text.trimEnd().split("\r\n");
    assertEquals(head, "at,by,action,target,request_id,details");
    assertEquals(lines.length, expected.length + 1, "and the key's own making");
  });

  await t.step("for a year", async () => {
    app.clock.turn(366 * DAY);
    const again = String((await app.login("admin@shop.example")).json().access_token);
    const left = itemsOf(await app.get(AUDIT, { token: again })).map(({ action }) => action);
    assertEquals(left, ["session.create"], "the one just made");
  });
});
