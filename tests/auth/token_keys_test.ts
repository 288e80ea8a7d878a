import { assertEquals, assertThrows } from "@std/assert";
import { ConfigError } from "../../src/config.ts";
import { base64url, bearer, CLAIMS, pair, SECRET, verifier } from "./_tokens.ts";

const idOf = async (header: string, options = {}) =>
  (await verifier({ secret: SECRET, ...options }).verify(header))?.id;

for (const algorithm of ["EdDSA", "ES256", "RS256"]) {
  Deno.test(`verify() takes ${algorithm} from the kind of the public key`, async () => {
    const { privateKey, pem } = await pair(algorithm);
    const header = await bearer(CLAIMS, privateKey, { alg: algorithm });
    assertEquals(await idOf(header, { secret: undefined, publicKeyPem: pem }), "user-7");
    const onOneLine = pem.trim().replaceAll("\n", "\\n");
    assertEquals(await idOf(header, { secret: undefined, publicKeyPem: onOneLine }), "user-7");
    const other = await pair(algorithm);
    assertEquals(await idOf(header, { secret: undefined, publicKeyPem: other.pem }), undefined);
  });
}

Deno.test("verify() accepts either of two keys, each by its own algorithm", async () => {
  const { privateKey, pem } = await pair("ES256");
  const tokens = verifier({ secret: SECRET, publicKeyPem: pem });
  assertEquals((await tokens.verify(await bearer()))?.id, "user-7");
  const header = await bearer({ ...CLAIMS, sub: "b" }, privateKey, { alg: "ES256" });
  assertEquals((await tokens.verify(header))?.id, "b");
});

Deno.test("verify() refuses a public key used as a shared secret", async () => {
  for (const algorithm of ["RS256", "ES256", "EdDSA"]) {
    const { pem } = await pair(algorithm);
    const options = { secret: undefined, publicKeyPem: pem };
    for (const key of [pem, pem.trim(), pem.replaceAll("\n", "")]) {
      assertEquals(await idOf(await bearer(CLAIMS, key), options), undefined);
      assertEquals(
        await idOf(await bearer(CLAIMS, key), { ...options, secret: SECRET }),
        undefined,
      );
    }
  }
});

Deno.test("verify() refuses an algorithm that is not the key's own", async () => {
  const { privateKey, pem } = await pair("RS256");
  const hs512 = "another secret of the tests, which is 64 bytes long as HS512 wants it.";
  assertEquals(
    await idOf(await bearer(CLAIMS, hs512, { alg: "HS512" }), { secret: hs512 }),
    undefined,
  );
  const header = await bearer(CLAIMS, privateKey, { alg: "RS256" });
  const [, payload, signature] = header.slice(7).split(".");
  for (const alg of ["RS512", "PS256", "HS256", "ES256"]) {
    const swapped = `Bearer ${base64url(JSON.stringify({ alg }))}.${payload}.${signature}`;
    assertEquals(await idOf(swapped, { secret: undefined, publicKeyPem: pem }), undefined, alg);
  }
});

Deno.test("createTokenVerifier() refuses keys that prove nothing, and names their setting", async () => {
  assertThrows(() => verifier({ secret: "8 bytes!" }), ConfigError, "JWT_SECRET");
  const { pem } = await pair("RS256");
  assertThrows(() => verifier({ secret: pem }), ConfigError, "JWT_SECRET holds a PEM");
  assertThrows(() => verifier({ publicKeyPem: "nonsense" }), ConfigError, "JWT_PUBLIC_KEY");
  const small = await exportPem({ name: "RSASSA-PKCS1-v1_5", modulusLength: 1_024 });
  assertThrows(() => verifier({ publicKeyPem: small }), ConfigError, "RSA of 1024 bits");
  const p384 = await pair("ES384");
  assertThrows(() => verifier({ publicKeyPem: p384.pem }), ConfigError, "EC P-384");
});

async function exportPem({ name, modulusLength }: { name: string; modulusLength: number }) {
  const { publicKey } = await crypto.subtle.generateKey(
    { name, modulusLength, publicExponent: new Uint8Array([1, 0, 1]), hash: "SHA-256" },
    true,
    ["sign", "verify"],
  ) as CryptoKeyPair;
  const der = new Uint8Array(await crypto.subtle.exportKey("spki", publicKey));
  return `-----BEGIN PUBLIC KEY-----\n${der.toBase64()}\n-----END PUBLIC KEY-----\n`;
}
