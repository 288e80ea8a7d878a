/**
 * Our own proofs in every mode of the gate: whoever holds one gets in at our endpoints, and the
 * origin never sees one, whether or not anybody could check it.
 */
import { assertEquals } from "@std/assert";
import { base64url } from "../auth/_tokens.ts";
import { createFaultKv } from "../_fault_kv.ts";
import { serveTestSite } from "./_attacks.ts";
import { codeOf, type IdentityApp, openIdentityApp } from "./_identity_app.ts";

const ME = "/api/v1/auth/me";
const HOUR_MS = 3_600_000;

const MODES: readonly Readonly<Record<string, string>>[] = [
  { GATE_MODE: "enforce" },
  { GATE_MODE: "monitor" },
  { GATE_MODE: "off" },
  { GATE_MODE: "enforce", LIMITS_SHADOW: "api,store" },
  { GATE_MODE: "off", LIMITS_SHADOW: "api,store" },
];

const nameOf = (env: Readonly<Record<string, string>>) => Object.values(env).join(" ");

/** The status of our own endpoint for an `Authorization` field, asked twice: fresh, then known. */
async function twice(app: IdentityApp, authorization: string, path = ME): Promise<unknown[]> {
  const ask = async () => codeOf(await app.get(path, { headers: { authorization } }));
  return [await ask(), await ask()];
}

for (const env of MODES) {
  Deno.test(`GATE_MODE=${nameOf(env)} lets keys, tokens and cookies in, and nothing else`, async () => {
    await using app = await openIdentityApp({ env });
    const { token, email, id, sessionId } = await app.person("admin");
    const { cookie } = await app.console(email);
    const key = await app.key("audit:read");
    for (const proof of [token, key]) {
      for (const scheme of ["Bearer ", "bearer ", "BEARER ", "Bearer   "]) {
        assertEquals(await twice(app, scheme + proof), [200, 200], scheme);
        assertEquals(await twice(app, `${scheme}${proof}  `), [200, 200], scheme);
        assertEquals(await twice(app, scheme + proof, "/healthz"), [200, 200], scheme);
        assertEquals(await twice(app, scheme + proof, "/readyz"), [200, 200], scheme);
      }
      for (
        const form of [`${proof}`, `Basic ${proof}`, `Bearer ${proof}x`, `Bearer\u00a0${proof}`]
      ) {
        assertEquals(await twice(app, form), ["UNAUTHENTICATED", "UNAUTHENTICATED"], form);
      }
    }
    assertEquals((await app.get(ME, { cookie })).status, 200);
    assertEquals((await app.get("/api/v1/auth/audit", { token: key })).status, 200);
    assertEquals(codeOf(await app.get("/api/v1/auth/users", { token: key })), "FORBIDDEN");

    await app.services.identity.sessions.revoke(id, sessionId);
    assertEquals(codeOf(await app.get(ME, { token })), "UNAUTHENTICATED");
    app.clock.turn(HOUR_MS);
    assertEquals(codeOf(await app.get(ME, { token })), "UNAUTHENTICATED");
    assertEquals((await app.get(ME, { token: key })).status, 200);
  });

  Deno.test(`GATE_MODE=${nameOf(env)} calls no proof wrong that KV's outage keeps unchecked`, async () => {
    using raw = await createFaultKv();
    await using app = await openIdentityApp({ env, rawKv: raw });
    const { token } = await app.person("admin");
    const key = await app.key("audit:read");
    raw.inject({ error: 1 });
    for (const proof of [token, key]) {
      assertEquals(codeOf(await app.get(ME, { token: proof })), "TEMPORARILY_UNAVAILABLE");
    }
    raw.heal();
    app.services.breaker.reset();
    app.clock.turn(1_000);
    for (const proof of [token, key]) {
      assertEquals((await app.get(ME, { token: proof })).status, 200);
    }
  });

  Deno.test(`GATE_MODE=${nameOf(env)} keeps our proofs from the origin, checked or not`, async () => {
    using raw = await createFaultKv();
    await using site = serveTestSite();
    await using app = await openIdentityApp({ env: { ...env, ORIGIN_URL: site.url }, rawKv: raw });
    const { token, email, sessionId } = await app.person("admin");
    const { cookie } = await app.console(email);
    const key = await app.key("audit:read");
    const refresh = `ghr_${sessionId}_${"Ab1-".repeat(16)}`;
    const [head, payload] = token.split(".");
    const foreign = base64url(JSON.stringify({ alg: "HS256", typ: "at+jwt", kid: "gh1-00000000" }));
    const renamed = base64url(JSON.stringify({ alg: "HS256" }));
    const proofs = [
      `Bearer ${token}`,
      `bearer ${token}`,
      `Bearer   ${token}  `,
      `Bearer\t${token}`,
      token,
      `Token ${token}`,
      `Bearer ${head}.${payload}.`,
      `Bearer ${head}.${payload}.${"A".repeat(43)}`,
      `Bearer ${foreign}.${payload}.${"A".repeat(43)}`,
      `Bearer ${renamed}.${payload}.${"A".repeat(43)}`,
      `Bearer a, Bearer ${token}`,
      `Bearer ${key}`,
      `bearer  ${key}`,
      `ApiKey ${key}`,
      `Bearer "${key}"`,
      `Bearer ${key}x`,
      `Basic ${btoa(`${key}:`)}`,
      `Basic ${btoa(`${token}:`)}`,
      `Basic ${btoa(`ada:${token}`)}`,
      `Basic ${btoa(token)}`,
      `Bearer ${refresh}`,
      `Token "${refresh}"`,
      refresh,
      `Basic ${btoa(`ada:${refresh}`)}`,
      `Bearer ${cookie}`,
      `Basic ${btoa(`${cookie}:`)}`,
    ];
    const reach = async (authorization: string) => {
      const headers = { authorization, cookie: `a=1; __Host-gatehouse=${cookie}` };
      await app.get("/", { headers });
      const arrival = site.arrivals.pop();
      assertEquals(arrival?.headers.cookie, "a=1");
      return arrival?.headers.authorization;
    };
    const none = async (when: string) => {
      for (const proof of proofs) assertEquals(await reach(proof), undefined, `${when}: ${proof}`);
    };
    raw.inject({ error: 1 });
    await none("KV is out");
    raw.heal();
    app.services.breaker.reset();
    app.clock.turn(1_000);
    await none("KV is back");
    app.clock.turn(HOUR_MS);
    await none("expired");
    // The site's own pass as they came.
    const theirs = base64url(JSON.stringify({ iss: "https://id.shop.example", sub: "1" }));
    for (
      const proof of [
        `Bearer ${renamed}.${theirs}.${"A".repeat(43)}`,
        "Bearer opaque",
        "bearer x.y.z",
        `Basic ${btoa("anna:secret")}`,
        'Digest username="anna", realm="shop.example", uri="/a.b.c"',
      ]
    ) assertEquals(await reach(proof), proof);
  });
}
