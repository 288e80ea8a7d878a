import { assert, assertEquals, assertMatch } from "@std/assert";
import { decodeJwt, decodeProtectedHeader, type JWTPayload } from "jose";
import { deriveSigningKey } from "../../src/auth/key_ring.ts";
import { createTokenVerifier } from "../../src/auth/tokens.ts";
import { silentLog } from "../../src/log.ts";
import { MINUTE } from "../../src/time.ts";
import { type House, openHouse, SECRET_A, signedIn } from "./_identity.ts";
import { bearer, forged, NOW_S, pair } from "./_tokens.ts";

const SIGNING = deriveSigningKey(new TextEncoder().encode(SECRET_A));
const HEADER = { typ: "at+jwt", kid: SIGNING.kid };
/** The claims of a good token of the house. */
const CLAIMS: JWTPayload = {
  iss: "gatehouse:test",
  aud: "gatehouse",
  sub: "acc_0123456789abcdefghij",
  sid: "0123456789ABCDEFGHIJ",
  jti: "once",
  iat: NOW_S - 5,
  exp: NOW_S + 900,
  token_use: "access",
  role: "admin",
};

/** A token with our own key, so that only what is changed can be what refuses it. */
const ours = (changed: JWTPayload = {}, header: Record<string, unknown> = {}) =>
  bearer({ ...CLAIMS, ...changed }, SIGNING.key, { ...HEADER, ...header });
const openSecretHouse = () => openHouse({ secret: SECRET_A });
const realmOf = async ({ tokens }: House, header: string) => (await tokens.verify(header))?.realm;

Deno.test("issue() makes a token with every claim, good for 15 minutes", async () => {
  using house = await openSecretHouse();
  const { accessToken, expiresInS, sessionId, account, header } = await signedIn(house);
  assertEquals(decodeProtectedHeader(accessToken), { alg: "HS256", ...HEADER });
  const { jti, ...claims } = decodeJwt(accessToken);
  assertMatch(String(jti), /^\w{16}$/);
  assertEquals(claims, {
    iss: "gatehouse:test",
    aud: "gatehouse",
    sub: account.id,
    sid: sessionId,
    iat: NOW_S - 5,
    exp: NOW_S + 900,
    token_use: "access",
    role: "admin",
  });
  assertEquals(expiresInS, 900);
  assertEquals(await house.tokens.verify(header), {
    id: account.id,
    expiresAt: (NOW_S + 930) * 1_000,
    roles: ["admin"],
    realm: "gatehouse",
    sessionId,
  });
});

Deno.test("verify() takes a token to 30 s after its end, and not 31", async () => {
  for (const [ms, realm] of [[929_999, "gatehouse"], [931_000, undefined]] as const) {
    using house = await openSecretHouse();
    const { header } = await signedIn(house);
    house.clock.turn(ms);
    assertEquals(await realmOf(house, header), realm);
  }
});

Deno.test("peek() never knows a token past its end", async () => {
  using house = await openSecretHouse();
  const { header } = await signedIn(house);
  house.clock.turn(14 * MINUTE);
  assert(await house.tokens.verify(header));
  assert(house.tokens.peek(header));
  house.clock.turn(MINUTE + 30_000);
  assertEquals(house.tokens.peek(header), undefined);
  assertEquals(await house.tokens.verify(header), null);
});

Deno.test("verify() demands each claim of our own tokens, and its right value", async () => {
  using house = await openSecretHouse();
  assertEquals(await realmOf(house, await ours()), "gatehouse");
  for (const name of Object.keys(CLAIMS)) {
    assertEquals(await realmOf(house, await ours({ [name]: undefined })), undefined, name);
  }
  const wrong: JWTPayload[] = [
    { iss: "gatehouse:other" },
    { iss: "gatehouse:" },
    { iss: "https://id.example" },
    { aud: "shop" },
    { sub: "anna" },
    { sub: "key_0123456789abcdefghij" },
    { sid: "short" },
    { sid: 7 },
    { role: "root" },
    { role: ["admin"] },
    { role: "constructor" },
    { token_use: "refresh" },
    { exp: NOW_S - 31 },
    { iat: NOW_S + 31, exp: NOW_S + 900 },
    { iat: NOW_S - 100_000 },
    { nbf: NOW_S + 31 },
  ];
  for (const claims of wrong) {
    assertEquals(await realmOf(house, await ours(claims)), undefined, JSON.stringify(claims));
  }
});

Deno.test("verify() takes no token of our form without our signature", async () => {
  using house = await openSecretHouse();
  for (const alg of ["none", "None", "NONE", "", null]) {
    assertEquals(await realmOf(house, forged({ ...HEADER, alg }, CLAIMS, "")), undefined);
  }
  const { privateKey } = await pair("ES256");
  const { privateKey: rsa } = await pair("RS256");
  const attacks = {
    "another algorithm's key": await bearer(CLAIMS, privateKey, { ...HEADER, alg: "ES256" }),
    "a public-key algorithm": await bearer(CLAIMS, rsa, { ...HEADER, alg: "RS256" }),
    "a longer hash": await bearer(CLAIMS, SIGNING.key, { ...HEADER, alg: "HS512" }),
    "a key of one byte": await bearer(CLAIMS, new Uint8Array(1), HEADER),
    "JWT_SECRET itself": await bearer(CLAIMS, SECRET_A, HEADER),
    "the key id as the key": await bearer(CLAIMS, SIGNING.kid.repeat(4), HEADER),
    "no key id": await ours({}, { kid: undefined }),
    "an unknown key id": await ours({}, { kid: "gh1-00000000" }),
    "a key id of another form": await ours({}, { kid: `${SIGNING.kid}/../x` }),
    "a key id that is no text": await ours({}, { kid: 7 }),
    "another type": await ours({}, { typ: "JWT" }),
    "no type": await ours({}, { typ: undefined }),
    "a key of its own": await ours({}, { kid: "gh1-00000000", jwk: { kty: "oct", k: "AA" } }),
  };
  for (const [attack, header] of Object.entries(attacks)) {
    assertEquals(await realmOf(house, header), undefined, attack);
  }
});

Deno.test("verify() refuses a token with any part tampered with", async () => {
  using house = await openSecretHouse();
  const { accessToken, header } = await signedIn(house, "user");
  const [head, , signature] = accessToken.split(".");
  const admin = forged({}, { ...decodeJwt(accessToken), role: "admin" }).split(".")[1];
  assertEquals(await realmOf(house, `Bearer ${head}.${admin}.${signature}`), undefined);
  for (let at = 8; at < header.length; at += 7) {
    const other = header[at] === "A" ? "B" : "A";
    const tampered = header.slice(0, at) + other + header.slice(at + 1);
    if (at < header.length - 1) assertEquals(await realmOf(house, tampered), undefined, `${at}`);
  }
});

Deno.test("verify() takes no token of another deployment with the same secret", async () => {
  using house = await openSecretHouse();
  using other = await openHouse({ secret: SECRET_A, deploymentId: "other" });
  const { header } = await signedIn(other);
  assertEquals(await realmOf(house, header), undefined);
});

Deno.test("verify() keeps the site's tokens and ours apart under one JWT_SECRET", async () => {
  using house = await openSecretHouse();
  const { header, account } = await signedIn(house);
  const site = { sub: account.id, exp: NOW_S + 600, roles: ["admin"] };
  assertEquals(await house.tokens.verify(await bearer(site, SECRET_A)), {
    id: account.id,
    expiresAt: (NOW_S + 630) * 1_000,
    roles: ["admin"],
    realm: "site",
  });
  // What the site signs in our name is nobody's.
  for (const claims of [{ ...CLAIMS }, { ...site, iss: "gatehouse:test" }]) {
    for (const headerOf of [{}, HEADER, { kid: SIGNING.kid }]) {
      assertEquals(await realmOf(house, await bearer(claims, SECRET_A, headerOf)), undefined);
    }
  }
  // Nor is ours the site's where there is no identity room at all, only the site's check.
  const bare = createTokenVerifier({
    ...house,
    secret: SECRET_A,
    demoTokens: false,
    fetch,
    log: silentLog,
  });
  assertEquals(await bare.verify(header), null);
  assertEquals(await bare.verify(await bearer({ ...site, iss: "gatehouse:x" }, SECRET_A)), null);
});

Deno.test("verify() is unsure, and asks again, while a key may not have arrived", async () => {
  using house = await openHouse();
  const foreign = await ours();
  assertEquals(await house.tokens.verify(foreign), null);
  assertEquals(house.tokens.peek(foreign), undefined);
});
