/** What clients, administrators and the site get to see of a request's score. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { createTestApp } from "../_app.ts";
import { attackTwice, FILE, SCRIPT, searchFor, serveTestSite, SQL } from "./_attacks.ts";
import { codeOf, itemsOf, openIdentityApp } from "./_identity_app.ts";

const BROWSER = { accept: "text/html,application/xhtml+xml,*/*;q=0.8" };

Deno.test("a request that looks like an attack is 403 REQUEST_BLOCKED and says nothing of why", async () => {
  await using app = await createTestApp();
  const answer = await app.ask(searchFor(SQL));
  assertEquals(answer.status, 403);
  assertMatch(answer.headers.get("content-type") ?? "", /^application\/problem\+json/);
  const { code, request_id, ...rest } = answer.json();
  assertEquals([code, request_id], ["REQUEST_BLOCKED", answer.headers.get("x-request-id")]);
  const said = JSON.stringify(rest) + JSON.stringify([...answer.headers]);
  for (const word of ["sql", "union", "signal", "score", "risk", "threat"]) {
    assert(!said.toLowerCase().includes(word), `${word}: ${said}`);
  }
});

Deno.test("a browser that is refused gets a page with the request id and no script of the attacker", async () => {
  await using app = await createTestApp();
  const answer = await app.ask(searchFor(SCRIPT), { headers: BROWSER });
  assertEquals(answer.status, 403);
  assertMatch(answer.headers.get("content-type") ?? "", /^text\/html/);
  assertStringIncludes(answer.text, answer.headers.get("x-request-id") ?? "none");
  assert(!answer.text.includes("x.example"));
});

Deno.test("GATE_MODE=monitor lets an attack pass, tells its score and notes it", async () => {
  await using app = await openIdentityApp({ env: { GATE_MODE: "monitor" } });
  const attack = await app.ask(searchFor(SQL));
  const honest = await app.ask(searchFor("desk lamp"));
  assertEquals([attack.status, honest.status], [200, 200]);
  assert(Number(attack.headers.get("x-risk-score")) > 0.9);
  assert(Number(honest.headers.get("x-risk-score")) < 0.3);
  await attackTwice(app.ask);
  assertEquals((await app.ask("/us/products")).status, 200, "and nobody is blocked");
  const { token } = await app.person("analyst");
  const events = itemsOf(await app.get("/api/v1/security/events", { token }));
  assertEquals(
    new Set(events.map(({ type, action }) => `${type} ${action}`)),
    new Set(["threat monitor"]),
  );
});

Deno.test("X-Gatehouse-Explain shows the score to an admin and to nobody else", async () => {
  await using app = await openIdentityApp();
  const admin = await app.person("admin");
  const analyst = await app.person("analyst");
  const explain = { "x-gatehouse-explain": "1" };
  const scoreFor = async (token?: string, headers: Record<string, string> = explain) =>
    (await app.ask("/us/products", { token, headers })).headers.get("x-risk-score");
  assertMatch(await scoreFor(admin.token) ?? "", /^0\.\d{3}$/);
  assertEquals(await scoreFor(admin.token, {}), null);
  assertEquals(await scoreFor(analyst.token), null);
  assertEquals(await scoreFor("user-token-123"), null);
  assertEquals(await scoreFor(), null);
});

Deno.test("an analyst is told why a request was refused, by the id the client was shown", async () => {
  await using app = await openIdentityApp();
  const { token } = await app.person("analyst");
  const refused = await app.ask(searchFor(SQL), { from: "198.51.100.4" });
  const id = refused.headers.get("x-request-id");
  const event = (await app.get(`/api/v1/security/events/${id}`, { token })).json();
  const { type, action, ip, method, path, score } = event;
  assertEquals([type, action, ip], ["threat", "refuse", "198.51.100.4"]);
  assertEquals([method, path], ["GET", "/us/products"]);
  assert(Number(score) > 0.9);
  const [strongest] = event.signals as Record<string, unknown>[];
  assertMatch(String(strongest.name), /^sql_/);
  assertEquals(strongest.field, "query.q");
  assert(Number(strongest.confidence) > 0.5);
  const person = await app.person("user");
  assertEquals(codeOf(await app.get(`/api/v1/security/events/${id}`, person)), "FORBIDDEN");
});

Deno.test("passwords that look like attacks work, and other fields beside them do not", async () => {
  await using app = await openIdentityApp();
  const admin = await app.person("admin");
  for (const [at, password] of [SQL, SCRIPT, `$(cat /etc/passwd) ${FILE}`].entries()) {
    const email = `person${at}@shop.example`;
    const made = await app.post("/api/v1/auth/users", {
      token: admin.token,
      json: { email, password },
    });
    assertEquals([made.status, (await app.login(email, password)).status], [201, 200], password);
  }
  const beside = await app.post("/api/v1/auth/login", { json: { email: SCRIPT, password: "x" } });
  assertEquals(codeOf(beside), "REQUEST_BLOCKED");
});

Deno.test("the site is told the risk of what passes, whatever the client claims", async () => {
  await using site = serveTestSite();
  await using app = await createTestApp({ env: { ORIGIN_URL: site.url, GATE_MODE: "monitor" } });
  const headers = { "x-risk-score": "0" };
  await app.ask("/search?q=lamp", { headers });
  await app.ask(`/search?q=${encodeURIComponent(SQL)}`, { headers });
  const [honest, attack] = site.arrivals.map(({ headers }) => headers["x-risk-score"]);
  assertMatch(honest, /^0\.\d{3}$/);
  assertMatch(attack, /^0\.9\d\d$|^1\.000$/);
});
