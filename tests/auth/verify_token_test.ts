import { assert, assertEquals, assertMatch } from "@std/assert";
import { base64url, bearer, CLAIMS, forged, NOW_S, pair, SECRET, verifier } from "./_tokens.ts";

const idOf = async (header: string, options = {}) =>
  (await verifier({ secret: SECRET, ...options }).verify(header))?.id;

Deno.test("verify() refuses a token without signature, in every spelling of none", async () => {
  for (const alg of ["none", "None", "NONE", "nOnE", "", null, undefined, 0, ["HS256"]]) {
    for (const signature of ["", "c2ln"]) {
      assertEquals(await idOf(forged({ alg, typ: "JWT" }, CLAIMS, signature)), undefined);
    }
  }
});

Deno.test("verify() gives both clocks 30 seconds", async () => {
  const at = (claims: Record<string, unknown>) => bearer({ ...CLAIMS, ...claims }).then(idOf);
  assertEquals(await at({ exp: NOW_S - 29 }), "user-7");
  assertEquals(await at({ exp: NOW_S - 30 }), undefined);
  assertEquals(await at({ exp: NOW_S - 31 }), undefined);
  assertEquals(await at({ nbf: NOW_S + 30 }), "user-7");
  assertEquals(await at({ nbf: NOW_S + 31 }), undefined);
  assertEquals(await at({ iat: NOW_S + 5 }), "user-7");
});

Deno.test("verify() demands an end that is a time", async () => {
  for (const exp of [undefined, null, "2099-01-01", String(NOW_S + 600), true, {}]) {
    assertEquals(await idOf(await bearer({ sub: "user-7", exp })), undefined, String(exp));
  }
  const endless = `{"sub":"user-7","exp":1e999}`;
  const input = `${base64url('{"alg":"HS256"}')}.${base64url(endless)}`;
  assertEquals(await idOf(`Bearer ${input}.${await sign(input)}`), undefined);
});

Deno.test("verify() demands a subject that can be kept", async () => {
  for (const sub of [undefined, "", 7, null, ["a"], "a\0b", "a\nb", "\u0085", "\ud800"]) {
    assertEquals(await idOf(await bearer({ ...CLAIMS, sub })), undefined, JSON.stringify(sub));
  }
  for (const sub of ["7", "auth0|0123", "user@shop.example", "日本", "a".repeat(64)]) {
    assertEquals(await idOf(await bearer({ ...CLAIMS, sub })), sub);
  }
});

Deno.test("verify() hashes a subject over 64 bytes, to an id no short subject can have", async () => {
  const ids = new Set<string>();
  for (const sub of ["a".repeat(65), "a".repeat(66), "日".repeat(22), "b".repeat(5_000)]) {
    const id = await idOf(await bearer({ ...CLAIMS, sub }));
    assertMatch(id ?? "", /^sha256:[0-9a-f]{64}$/);
    ids.add(id!);
    const claimed = await idOf(await bearer({ ...CLAIMS, sub: id }));
    assert(claimed !== id, "a subject that reads like a hashed one is hashed too");
  }
  assertEquals(ids.size, 4);
});

Deno.test("verify() demands the issuer and the audience that are configured", async () => {
  const options = { issuer: "https://id.example", audience: "gatehouse" };
  const at = async (claims: Record<string, unknown>) =>
    await idOf(await bearer({ ...CLAIMS, ...claims }), options);
  const right = { iss: "https://id.example", aud: "gatehouse" };
  assertEquals(await at(right), "user-7");
  assertEquals(await at({ ...right, aud: ["other", "gatehouse"] }), "user-7");
  assertEquals(await at({ ...right, iss: "https://id.example.evil" }), undefined);
  assertEquals(await at({ ...right, iss: ["https://id.example"] }), undefined);
  assertEquals(await at({ ...right, aud: "other" }), undefined);
  assertEquals(await at({ aud: "gatehouse" }), undefined);
  assertEquals(await at({ iss: "https://id.example" }), undefined);
});

Deno.test("verify() takes roles only from a list of short strings", async () => {
  const rolesOf = async (roles: unknown) =>
    (await verifier({ secret: SECRET }).verify(await bearer({ ...CLAIMS, roles })))?.roles;
  assertEquals(await rolesOf(["user"]), ["user"]);
  const none = [
    undefined,
    "admin",
    { admin: true },
    ["admin", 1],
    ["admin", ""],
    ["a".repeat(33)],
    Array.from({ length: 17 }, () => "admin"),
  ];
  for (const roles of none) assertEquals(await rolesOf(roles), [], JSON.stringify(roles));
});

Deno.test("verify() refuses a token changed in any of its parts", async () => {
  const header = await bearer();
  const [head, , signature] = header.slice(7).split(".");
  const payload = base64url(JSON.stringify({ ...CLAIMS, sub: "admin" }));
  assertEquals(await idOf(`Bearer ${head}.${payload}.${signature}`), undefined);
  for (let at = 7; at < header.length; at += 11) {
    const other = header[at] === "A" ? "B" : "A";
    const changed = header.slice(0, at) + other + header.slice(at + 1);
    if (header[at] !== ".") assertEquals(await idOf(changed), undefined, `changed at ${at}`);
  }
});

Deno.test("verify() refuses shapes that are not a signed token", async () => {
  const token = (await bearer()).slice(7);
  const [head, payload, signature] = token.split(".");
  const refused = [
    `${head}.${payload}`,
    `${head}.${payload}.`,
    `${token}.x`,
    `${token}.x.y`,
    `..${signature}`,
    "...",
    "a.b.c",
    `${head}.${base64url("[]")}.${signature}`,
    `${head}.${base64url("not json")}.${signature}`,
    base64url(JSON.stringify({ payload, signatures: [{ protected: head, signature }] })),
  ];
  for (const shape of refused) assertEquals(await idOf(`Bearer ${shape}`), undefined, shape);
});

Deno.test("verify() looks at no key that the token names or brings", async () => {
  const attacker = await pair("RS256", "mine");
  const asked: string[] = [];
  const fetch = (url: string | URL | Request) => {
    asked.push(String(url));
    return Promise.reject(new Error("No network here"));
  };
  const tricks = [
    { jku: "https://evil.example/jwks.json", kid: "mine" },
    { x5u: "https://evil.example/cert.pem" },
    { jwk: attacker.jwk },
    { x5c: ["MIIB"] },
    { kid: "../../../../dev/null" },
    { kid: "https://evil.example/key" },
    { kid: "' UNION SELECT 'key" },
    { kid: "file:///etc/passwd" },
  ];
  const { pem } = await pair("RS256");
  for (const trick of tricks) {
    const header = await bearer(CLAIMS, attacker.privateKey, { alg: "RS256", ...trick });
    const options = { secret: SECRET, publicKeyPem: pem, fetch };
    assertEquals(await idOf(header, options), undefined, JSON.stringify(trick));
    assertEquals(await idOf(await bearer(CLAIMS, "\0".repeat(32), trick), options), undefined);
  }
  assertEquals(asked, []);
});

Deno.test("verify() refuses a critical header and an unencoded payload", async () => {
  const crit = forged({ alg: "HS256", crit: ["x"], x: 1 }, CLAIMS);
  assertEquals(await idOf(crit), undefined);
  const input = `${base64url('{"alg":"HS256","b64":false,"crit":["b64"]}')}.${
    base64url(JSON.stringify(CLAIMS))
  }`;
  assertEquals(await idOf(`Bearer ${input}.${await sign(input)}`), undefined);
});

async function sign(input: string): Promise<string> {
  const bytes = new TextEncoder();
  const key = await crypto.subtle.importKey(
    "raw",
    bytes.encode(SECRET),
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["sign"],
  );
  const signature = await crypto.subtle.sign("HMAC", key, bytes.encode(input));
  return new Uint8Array(signature).toBase64({ alphabet: "base64url", omitPadding: true });
}
