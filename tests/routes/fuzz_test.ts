/**
 * Sends every operation of the OpenAPI document what it asks for and what it does not, as nobody and
 * as an admin. Whatever comes, the answer is one that the document declares. `FUZZ_REQUESTS=1000`
 * sends a thousand to each operation; `FUZZ_SEED` tries others.
 */
import { assert, assertEquals } from "@std/assert";
import type { Answer } from "../_app.ts";
import { createJudge, type Operation, operationsOf } from "./_document.ts";
import { createRequests, type FuzzRequest } from "./_fuzz_requests.ts";
import { createRandom, createValues } from "./_fuzz_values.ts";
import { codeOf, type IdentityApp, itemsOf, openIdentityApp, PASSWORD } from "./_identity_app.ts";

const COUNT = Number(Deno.env.get("FUZZ_REQUESTS") ?? 60);
const SEED = Number(Deno.env.get("FUZZ_SEED") ?? 1);
const CSP_REPORT = JSON.stringify({
  "csp-report": { "document-uri": "https://a.example", "effective-directive": "img-src" },
});
const METRICS_TOKEN = "a-scrape-token-of-length";

async function openFuzzed() {
  const app = await openIdentityApp({ env: { METRICS_TOKEN, GATE_MODE: "monitor" } });
  const admin = await app.person("admin");
  const other = await app.person("user");
  await app.key("audit:read");
  const [{ id: keyId }] = itemsOf(await app.get("/api/v1/auth/keys", { token: admin.token }));
  const hints = {
    // Not the admin's own: what is done to those would end the sign-in that is asked with.
    id: [other.id, other.sessionId, keyId],
    email: [other.email, "new@shop.example"],
    password: [PASSWORD, "another good password"],
    current_password: [PASSWORD],
    refresh_token: [other.refreshToken],
    scopes: [["audit:read"]],
    cursor: ["2026-11"],
    text: [CSP_REPORT],
  };
  return { app, admin, hints };
}

/** Long texts of the request that nobody may see again. */
function secretsOf({ body = "" }: FuzzRequest, token: string | undefined): string[] {
  const named = [...body.matchAll(/"(?:\w*password|\w*token|code)":"([^"\\]{12,})"/g)];
  return [...named.map(([, text]) => text), ...(token ? [token] : [])];
}

/** What an answer may not do; undefined when it does none of it. */
function faultOf(answer: Answer, request: FuzzRequest, token: string | undefined) {
  if (answer.status >= 500) return `status ${answer.status}`;
  if (token && codeOf(answer) === "UNAUTHENTICATED") return "a sign-in that ended";
  const everything = answer.text + [...answer.headers].join("\n");
  const shown = secretsOf(request, token).some((secret) => everything.includes(secret));
  return shown ? "a secret of the request" : undefined;
}

function ask(app: IdentityApp, { method }: Operation, request: FuzzRequest, token?: string) {
  const { path, headers, body } = request;
  // Bytes, so that no type is added where none was given.
  const bytes = body === undefined ? undefined : new TextEncoder().encode(body);
  return app.ask(path, { method, headers, body: bytes, token });
}

Deno.test(`${COUNT} requests to every operation are answered as declared`, async (t) => {
  const { app, admin, hints } = await openFuzzed();
  await using _app = app;
  const document = JSON.parse((await app.get("/openapi.json")).text);
  const judge = createJudge(document);
  const seen = new Map<string, number>();
  let sent = 0;
  for (const [at, operation] of operationsOf(document).entries()) {
    const { operationId, security } = operation;
    const random = createRandom(SEED * 1_000 + at);
    const next = createRequests(random, createValues(random, hints));
    const proof = "scrapeToken" in (security[0] ?? {}) ? METRICS_TOKEN : admin.token;
    await t.step(operationId, async () => {
      const faults: string[] = [];
      for (let i = 0; i < COUNT; i++, sent++) {
        const token = i % 2 ? proof : undefined;
        const request = next(operation, i);
        const answer = await ask(app, operation, request, token);
        const fault = faultOf(answer, request, token) ?? judge.undeclared(operation, answer);
        if (fault) faults.push(`${fault} to ${JSON.stringify(request).slice(0, 500)}`);
        seen.set(
          `${operationId} ${answer.status}`,
          (seen.get(`${operationId} ${answer.status}`) ?? 0) + 1,
        );
      }
      assertEquals(faults.slice(0, 3), [], `${faults.length} of ${COUNT}`);
    });
  }
  await t.step("the admin was heard, and something was found right", () => {
    const right = [...seen.keys()].filter((one) => / 20\d$/.test(one));
    assert(right.length >= 15, `${right}`);
  });
  await t.step("no prototype was changed, and no secret was logged", () => {
    assertEquals(Reflect.get({}, "polluted"), undefined);
    const log = app.logged.join("\n");
    for (const secret of [PASSWORD, admin.token, admin.refreshToken]) assert(!log.includes(secret));
    assertEquals(app.logged.filter((line) => line.includes("request.failed")), []);
  });
  if (Deno.env.has("FUZZ_REQUESTS")) console.log(`${sent} requests`, Object.fromEntries(seen));
});
