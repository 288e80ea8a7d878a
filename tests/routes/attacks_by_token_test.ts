/** Forged, stolen and stale tokens, through the whole app: each is refused, and none is logged. */
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { decodeJwt, decodeProtectedHeader, type JWTPayload, SignJWT } from "jose";
import { deriveSigningKey } from "../../src/auth/key_ring.ts";
import { parseConfig } from "../../src/config.ts";
import { SECOND } from "../../src/time.ts";
import { base64url, forged, pair } from "../auth/_tokens.ts";
import { codeOf, type IdentityApp, openIdentityApp, type Person } from "./_identity_app.ts";

const ME = "/api/v1/auth/me";
const JWT_SECRET = "the secret of the house of 32 bytes";
const OURS = deriveSigningKey(new TextEncoder().encode(JWT_SECRET)).key;

type Change = (claims: JWTPayload, header: Record<string, unknown>) => void;

/** The person's own token, changed, and signed again as if the key were known. */
function resigned({ token }: Person, change: Change, key: Uint8Array = OURS): Promise<string> {
  const claims = decodeJwt(token);
  const header: Record<string, unknown> = { ...decodeProtectedHeader(token) };
  change(claims, header);
  return new SignJWT(claims).setProtectedHeader({ alg: "HS256", ...header }).sign(key);
}

/** Each is refused by its code, and nothing of it is in the log. */
async function assertRefused(app: IdentityApp, tokens: Readonly<Record<string, string>>) {
  for (const [name, token] of Object.entries(tokens)) {
    assertEquals(codeOf(await app.get(ME, { token })), "UNAUTHENTICATED", name);
    // The second time it is remembered as bad, which must not be another answer.
    assertEquals(codeOf(await app.get(ME, { token })), "UNAUTHENTICATED", `${name}, again`);
    assertUnlogged(app, token, ...token.split("."));
  }
}

function assertUnlogged({ logged }: IdentityApp, ...secrets: string[]) {
  const log = logged.join("\n");
  for (const text of secrets.filter(({ length }) => length > 8)) assert(!log.includes(text), text);
}

Deno.test("a token that says it needs no signature is refused", async () => {
  await using app = await openIdentityApp({ env: { JWT_SECRET } });
  const admin = await app.person("admin");
  const payload = decodeJwt(admin.token);
  const { kid } = decodeProtectedHeader(admin.token);
  const bare = (header: unknown, signature: string) =>
    forged(header, payload, signature).slice("Bearer ".length);
  const [head, body, signature] = admin.token.split(".");
  await assertRefused(app, {
    none: bare({ alg: "none", typ: "at+jwt", kid }, ""),
    "none with a signature": bare({ alg: "none", kid }, signature),
    "none, spelled otherwise": bare({ alg: "nOnE", kid }, ""),
    "no algorithm": bare({ kid }, signature),
    "no signature": `${head}.${body}.`,
    "a higher role": `${head}.${
      base64url(JSON.stringify({ ...payload, role: "admin", sub: "acc_00000000000000000000" }))
    }.${signature}`,
  });
});

Deno.test("a public key does not become a shared secret", async () => {
  const rsa = await pair("RS256");
  const ed = await pair("EdDSA");
  for (const { pem } of [rsa, ed]) {
    await using app = await openIdentityApp({ env: { JWT_PUBLIC_KEY: pem } });
    const exp = Math.floor(app.clock.now() / SECOND) + 600;
    const sign = (key: string, header = {}) =>
      new SignJWT({ sub: "user-7", exp }).setProtectedHeader({ alg: "HS256", ...header })
        .sign(new TextEncoder().encode(key));
    await assertRefused(app, {
      pem: await sign(pem),
      "pem without its last line end": await sign(pem.trimEnd()),
      "with our kind of key id": await sign(pem, { kid: "gh1-00000000" }),
    });
  }
});

Deno.test("a token by another key, or by a key that is not there, is refused", async () => {
  await using app = await openIdentityApp({ env: { JWT_SECRET } });
  const ann = await app.person("user");
  const kid = (value: unknown): Change => (_claims, header) => void (header.kid = value);
  await assertRefused(app, {
    "unknown kid": await resigned(ann, kid("gh1-00000000")),
    "kid as a path": await resigned(ann, kid("../../../dev/null")),
    "no kid": await resigned(ann, (_claims, header) => delete header.kid),
    "key of one byte": await resigned(ann, () => {}, new Uint8Array(1)),
    "JWT_SECRET itself": await resigned(ann, () => {}, new TextEncoder().encode(JWT_SECRET)),
    "another algorithm": await resigned(ann, (_claims, header) => void (header.alg = "HS512")),
    "another type": await resigned(ann, (_claims, header) => void (header.typ = "JWT")),
  });
  assertEquals(codeOf(await app.get(ME, { token: await resigned(ann, () => {}) })), 200);
  assertUnlogged(app, JWT_SECRET);
});

Deno.test("a start with a secret under 32 bytes is refused", () => {
  for (const secret of ["x", "a".repeat(31)]) {
    const error = assertThrows(() => parseConfig({ JWT_SECRET: secret }), Error);
    assertStringIncludes(error.message, "JWT_SECRET must be at least 32 bytes");
  }
});

Deno.test("a token without one of its claims, or with another's, is refused", async () => {
  await using app = await openIdentityApp({ env: { JWT_SECRET } });
  const ann = await app.person("user");
  const tokens: Record<string, string> = {};
  for (const name of Object.keys(decodeJwt(ann.token))) {
    tokens[`no ${name}`] = await resigned(ann, (claims) => delete claims[name]);
  }
  const other: Readonly<Record<string, unknown>> = {
    iss: "gatehouse:another-deployment",
    aud: "another",
    sub: "acc_short",
    token_use: "refresh",
    role: "king",
    exp: "never",
  };
  for (const [name, value] of Object.entries(other)) {
    tokens[`another ${name}`] = await resigned(ann, (claims) => void (claims[name] = value));
  }
  assertEquals(Object.keys(tokens).length > 12, true);
  await assertRefused(app, tokens);
});

Deno.test("a role is read from the sign-in, whatever the token says", async () => {
  await using app = await openIdentityApp({ env: { JWT_SECRET } });
  const ann = await app.person("user");
  const token = await resigned(ann, (claims) => void (claims.role = "admin"));
  assertEquals(codeOf(await app.get("/api/v1/auth/users", { token })), "FORBIDDEN");
});

Deno.test("a token that ended 31 s ago is refused, also where it is well known", async () => {
  await using app = await openIdentityApp({ env: { JWT_SECRET } });
  const { token } = await app.person("user");
  const endsAt = Number(decodeJwt(token).exp) * SECOND;
  app.clock.turn(endsAt - app.clock.now() + 29 * SECOND);
  assertEquals((await app.get(ME, { token })).status, 200);
  app.clock.turn(2 * SECOND);
  await assertRefused(app, { late: token });
});

Deno.test("a token of another deployment is refused, though its secret is the same", async () => {
  await using here = await openIdentityApp({ env: { JWT_SECRET } });
  await using there = await openIdentityApp({ env: { JWT_SECRET } });
  const { token, refreshToken } = await there.person("admin");
  await assertRefused(here, { theirs: token });
  const json = { refresh_token: refreshToken };
  assertEquals(codeOf(await here.post("/api/v1/auth/refresh", { json })), "INVALID_REFRESH_TOKEN");
  assertEquals(codeOf(await here.get("/admin", { token })), 303);
  assertUnlogged(here, refreshToken);
});

Deno.test("a token anywhere but in Authorization proves nothing, and is not logged", async () => {
  await using app = await openIdentityApp({ env: { JWT_SECRET } });
  const { token } = await app.person("admin");
  const key = await app.key("audit:read");
  for (const text of [token, key]) {
    for (const name of ["access_token", "token", "jwt", "api_key", "authorization"]) {
      assertEquals(codeOf(await app.get(`${ME}?${name}=${text}`)), "UNAUTHENTICATED", name);
    }
    assertEquals(codeOf(await app.get(ME, { cookie: text })), "UNAUTHENTICATED");
    const headers = { "x-api-key": text, "x-access-token": text, cookie: `token=${text}` };
    assertEquals(codeOf(await app.get(ME, { headers })), "UNAUTHENTICATED");
    assertUnlogged(app, text);
  }
});

Deno.test("a refresh token, a cookie or a basic password is no bearer token", async () => {
  await using app = await openIdentityApp({ env: { JWT_SECRET } });
  const { refreshToken, email } = await app.person("admin");
  const { cookie } = await app.console(email);
  await assertRefused(app, { refresh: refreshToken, cookie });
  const headers = { authorization: `Basic ${btoa(`${email}:secret`)}` };
  assertEquals(codeOf(await app.get(ME, { headers })), "UNAUTHENTICATED");
});
