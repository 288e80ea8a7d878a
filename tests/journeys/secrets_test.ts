/** Sixty kinds of real errors, each with secrets on board, through the whole app. */
import { assert, assertEquals } from "@std/assert";
import { createFailures } from "../../routes/failure.ts";
import { createGate } from "../../routes/gate.ts";
import { createTestApp, peer, read } from "../_app.ts";
import { caught, PROVOKED } from "../errors/_provoked.ts";

const PLANTED = /planted-secret|hunter2|eyJhbGciOi|ann@example\.org|q=private/;
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
