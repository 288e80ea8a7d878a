import { assert, assertEquals } from "@std/assert";
import { SECOND } from "../../src/time.ts";
import { createTestClock } from "../_clock.ts";
import { createFaultKv } from "../_fault_kv.ts";
import { codeOf, openIdentityApp } from "./_identity_app.ts";

const ME = "/api/v1/auth/me";
const REFRESH = "/api/v1/auth/refresh";

Deno.test("50 refreshes at once with one token have one successor, and nobody is signed out", async () => {
  await using app = await openIdentityApp();
  const { refreshToken, token } = await app.person("user");
  const exchange = (refresh_token: string) => app.post(REFRESH, { json: { refresh_token } });

  const answers = await Promise.all(Array.from({ length: 50 }, () => exchange(refreshToken)));
  assertEquals(answers.map(({ status }) => status), Array(50).fill(200));
  const successors = new Set(answers.map((answer) => String(answer.json().refresh_token)));
  assertEquals(successors.size, 1);
  for (const answer of answers) {
    const fresh = String(answer.json().access_token);
    assertEquals((await app.get(ME, { token: fresh })).status, 200);
  }
  assertEquals((await app.get(ME, { token })).status, 200);
  assertEquals((await exchange([...successors][0])).status, 200);
});

Deno.test("the old token after 30 s ends the family within a second, and the log says so", async () => {
  await using app = await openIdentityApp();
  const { refreshToken, sessionId, email } = await app.person("user");
  const exchange = (refresh_token: string) => app.post(REFRESH, { json: { refresh_token } });
  const next = (await exchange(refreshToken)).json();
  const token = String(next.access_token);

  app.clock.turn(30 * SECOND);
  assertEquals((await exchange(refreshToken)).json().refresh_token, next.refresh_token);
  assertEquals((await app.get(ME, { token })).status, 200, "within 30 s it is a lost reply");

  app.clock.turn(1);
  assertEquals(codeOf(await exchange(refreshToken)), "INVALID_REFRESH_TOKEN");
  app.clock.turn(SECOND);
  assertEquals(codeOf(await app.get(ME, { token })), "UNAUTHENTICATED");
  assertEquals(codeOf(await exchange(String(next.refresh_token))), "INVALID_REFRESH_TOKEN");

  const [line] = app.logged.filter((line) => line.includes("security.refresh_reuse"));
  assertEquals(JSON.parse(line).sessionId, sessionId);
  assert(!app.logged.join("\n").includes(refreshToken.slice(30)));
  assertEquals((await app.login(email)).status, 200, "the account itself is not locked");
});

Deno.test("another isolate lets an ended family's access token go within a second", async () => {
  using raw = await createFaultKv();
  const clock = createTestClock();
  const env = { JWT_SECRET: "a secret that both isolates have, 32+" };
  await using one = await openIdentityApp({ rawKv: raw, clock, env });
  const { token, refreshToken } = await one.person("user");
  const two = await openIdentityApp({ rawKv: raw, clock, env });
  assertEquals((await two.get(ME, { token })).status, 200);
  await one.post("/api/v1/auth/logout", { json: { refresh_token: refreshToken } });
  clock.turn(SECOND);
  assertEquals(codeOf(await two.get(ME, { token })), "UNAUTHENTICATED");
  await two.services.stop();
});

const OLD = "the first secret of the house of 32 bytes";
const NEW = "the second secret of the house of 32 bytes";

Deno.test("while two keys are live nobody who is signed in notices", async (t) => {
  using raw = await createFaultKv();
  const clock = createTestClock();
  const start = (env: Record<string, string>) => openIdentityApp({ rawKv: raw, clock, env });
  const before = await start({ JWT_SECRET: OLD });
  const ann = await before.person("admin");
  const { cookie } = await before.console(ann.email);
  const key = await before.key("audit:read");

  await using after = await start({ JWT_SECRET: NEW, JWT_SECRET_PREVIOUS: OLD });
  await t.step("neither by token, nor by cookie, nor by key", async () => {
    assertEquals((await after.get(ME, { token: ann.token })).status, 200);
    assertEquals((await after.get(ME, { cookie })).status, 200);
    assertEquals((await after.get("/api/v1/auth/audit", { token: key })).status, 200);
  });
  await t.step(
    "new tokens are signed by the new key, also for who still knows the old one",
    async () => {
      const json = { refresh_token: ann.refreshToken };
      const token = String((await after.post(REFRESH, { json })).json().access_token);
      const kid = (jwt: string) => JSON.parse(atob(jwt.split(".")[0])).kid;
      assert(kid(token) !== kid(ann.token));
      assertEquals((await after.get(ME, { token })).status, 200);
    },
  );
  await t.step("without the former secret the old tokens prove nothing", async () => {
    const later = await start({ JWT_SECRET: NEW });
    assertEquals(codeOf(await later.get(ME, { token: ann.token })), "UNAUTHENTICATED");
    assertEquals((await later.get(ME, { cookie })).status, 200);
    await later.services.stop();
  });
  await before.services.stop();
});
