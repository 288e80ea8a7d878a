import { assert, assertEquals, assertMatch, assertNotEquals, assertRejects } from "@std/assert";
import { Buffer } from "node:buffer";
import { scryptSync } from "node:crypto";
import {
  hasArgon2id,
  hashPassword,
  impossibleHash,
  type PasswordAlgorithm,
  phcHead,
  verifyPassword,
} from "../../src/auth/password_hash.ts";

const PASSWORD = "сім зелених пляшок";
/** Deno 2.5.0 has no Argon2id; there only scrypt is tried. */
const ALGORITHMS: PasswordAlgorithm[] = await hasArgon2id() ? ["argon2id", "scrypt"] : ["scrypt"];

for (const algorithm of ALGORITHMS) {
  Deno.test(`hashPassword() by ${algorithm} is checked by verifyPassword()`, async () => {
    const phc = await hashPassword(PASSWORD, algorithm);
    assert(phc.startsWith(phcHead(algorithm)));
    assert(await verifyPassword(PASSWORD, phc));
    assertEquals(await verifyPassword(`${PASSWORD} `, phc), false);
    assertEquals(await verifyPassword("", phc), false);
  });

  Deno.test(`impossibleHash() of ${algorithm} has a real hash's form and no password`, async () => {
    const phc = impossibleHash(algorithm);
    const shape = (text: string) => text.replace(/[\w+/]{22,}/g, (part) => `<${part.length}>`);
    assertEquals(shape(phc), shape(await hashPassword(PASSWORD, algorithm)));
    assertEquals(await verifyPassword(PASSWORD, phc), false);
  });
}

Deno.test("hashPassword() salts, so that one password has many hashes", async () => {
  const [one, two] = [
    await hashPassword(PASSWORD, "scrypt"),
    await hashPassword(PASSWORD, "scrypt"),
  ];
  assertNotEquals(one.split("$").at(-1), two.split("$").at(-1));
});

Deno.test("phcHead() names the parameters OWASP asks for at least", () => {
  assertEquals(phcHead("argon2id"), "$argon2id$v=19$m=19456,t=2,p=1$");
  assertEquals(phcHead("scrypt"), "$scrypt$ln=14,r=8,p=5$");
});

Deno.test("verifyPassword() checks a hash of another cost than ours", async () => {
  const salt = Buffer.from("saltsaltsaltsalt");
  const hash = scryptSync("correct horse", salt, 32, { N: 1_024, r: 8, p: 1 });
  const plain = (bytes: Buffer) => bytes.toString("base64").replace(/=+$/, "");
  assert(
    await verifyPassword("correct horse", `$scrypt$ln=10,r=8,p=1$${plain(salt)}$${plain(hash)}`),
  );
});

Deno.test("verifyPassword() throws for what is no hash of a known kind, and quotes none of it", async () => {
  const strange = [
    "",
    "plain text",
    "$2b$12$abcdefghijklmnopqrstuv",
    "$scrypt$ln=30,r=8,p=1$c2FsdHNhbHRzYWx0c2FsdA$" + "A".repeat(43),
    "$argon2id$v=19$m=999999,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$" + "A".repeat(43),
    "$argon2i$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$" + "A".repeat(43),
  ];
  for (const phc of strange) {
    const error = await assertRejects(() => verifyPassword(PASSWORD, phc), Error);
    assertMatch(error.message, /^Cannot check a password: the stored hash is of no known kind$/);
  }
});
