/** Every endpoint while KV is out: told to come back, or answered from what is known; never a 500. */
import { assert, assertEquals } from "@std/assert";
import { createOwnRoutes } from "../../routes/app.ts";
import type { AnyEndpoint } from "../../routes/endpoint/definition.ts";
import { createFaultKv, type Faults } from "../_fault_kv.ts";
import { codeOf, openIdentityApp, ORIGIN, PASSWORD, type Sent } from "./_identity_app.ts";

const CUTS: readonly (readonly [name: string, faults: Faults])[] = [
  ["errors", { error: 1 }],
  ["takes no writes", { error: 1, only: ["commit"] }],
  ["loses every other reply", { lostReply: 0.5 }],
];

const BODIES: Readonly<Record<string, unknown>> = {
  "/api/v1/auth/setup": { token: "x", email: "b@shop.example", password: PASSWORD },
  "/api/v1/auth/login": { email: "admin@shop.example", password: PASSWORD },
  "/api/v1/auth/refresh": { refresh_token: `ghr_${"a".repeat(20)}_${"a".repeat(64)}` },
  "/api/v1/auth/logout": { refresh_token: `ghr_${"a".repeat(20)}_${"a".repeat(64)}` },
  "/api/v1/auth/me/password": { current_password: PASSWORD, new_password: "another good password" },
  "/api/v1/auth/me/confirm": { password: PASSWORD },
  "/api/v1/auth/me/second-factor/confirm": { code: "123456" },
  "/api/v1/auth/users": { email: "new@shop.example", password: PASSWORD },
  "/api/v1/auth/keys": { name: "report", scopes: ["audit:read"] },
  "/api/v1/auth/users/{id}": { role: "analyst" },
};
const FORM = {
  token: "x",
  email: "admin@shop.example",
  password: PASSWORD,
  next: "/admin",
  name: "k",
};

function bodyOf({ method, path, bodyAs }: AnyEndpoint): Sent {
  if (method === "GET" || method === "DELETE") return {};
  if (bodyAs === "form") return { form: { ...FORM, scopes: "audit:read" } };
  return path in BODIES ? { json: BODIES[path] } : {};
}

for (const [name, faults] of CUTS) {
  Deno.test(`no endpoint answers 500 while KV ${name}`, async () => {
    using raw = await createFaultKv({ seed: 3 });
    await using app = await openIdentityApp({ rawKv: raw });
    const { token, email, id } = await app.person("admin");
    const { cookie } = await app.console(email);
    const proofs: Sent[] = [{ token }, { cookie, headers: { origin: ORIGIN } }, {}];
    for (const endpoint of createOwnRoutes(app.services).endpoints) {
      for (const proof of proofs) {
        raw.inject(faults);
        const path = endpoint.path.replace(/\{\w+\}/, id);
        const answer = await app.send(endpoint.method, path, { ...proof, ...bodyOf(endpoint) });
        const told = `${endpoint.method} ${path}: ${answer.status} ${answer.text.slice(0, 200)}`;
        assert(answer.status < 500 || answer.status === 503, told);
        if (answer.status === 503 && endpoint.path !== "/readyz") {
          assertEquals(codeOf(answer), "TEMPORARILY_UNAVAILABLE", told);
          assert(Number(answer.headers.get("retry-after")) >= 1, told);
        }
        raw.heal();
        app.services.breaker.reset();
        app.clock.turn(1_000);
      }
    }
  });
}

Deno.test("a proof that cannot be checked while KV is out is not called a wrong one", async () => {
  using raw = await createFaultKv();
  await using app = await openIdentityApp({ rawKv: raw });
  const { token } = await app.person("admin");
  const key = await app.key("audit:read");
  const ask = async (proof: string) => codeOf(await app.get("/api/v1/auth/me", { token: proof }));
  // Neither has been seen by this isolate: nothing is known of them.
  raw.inject({ error: 1 });
  for (let i = 0; i < 8; i++) {
    assertEquals(await ask(key), "TEMPORARILY_UNAVAILABLE", `key ${i}`);
    assertEquals(await ask(token), "TEMPORARILY_UNAVAILABLE", `token ${i}`);
    assertEquals(await ask("gh_live_invented"), "UNAUTHENTICATED", "not even one of ours");
  }
  raw.heal();
  app.services.breaker.reset();
  app.clock.turn(1_000);
  assertEquals([await ask(key), await ask(token)], [200, 200]);
});

Deno.test("while KV is out nobody is let in, and nobody is signed out", async () => {
  using raw = await createFaultKv();
  await using app = await openIdentityApp({ rawKv: raw });
  const { token, refreshToken, email } = await app.person("admin");
  const { cookie } = await app.console(email);
  app.clock.turn(2_000);
  raw.inject({ error: 1 });
  for (const proof of [{ token }, { cookie }]) {
    assertEquals(codeOf(await app.get("/api/v1/auth/me", proof)), "TEMPORARILY_UNAVAILABLE");
  }
  assertEquals(codeOf(await app.login(email)), "TEMPORARILY_UNAVAILABLE");
  const json = { refresh_token: refreshToken };
  const refused = await app.post("/api/v1/auth/refresh", { json });
  assertEquals(codeOf(refused), "TEMPORARILY_UNAVAILABLE");
  raw.heal();
  app.services.breaker.reset();
  app.clock.turn(2_000);
  for (const proof of [{ token }, { cookie }]) {
    assertEquals((await app.get("/api/v1/auth/me", proof)).status, 200);
  }
  assertEquals((await app.post("/api/v1/auth/refresh", { json })).status, 200);
});
