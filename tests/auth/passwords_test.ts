import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { hasArgon2id } from "../../src/auth/password_hash.ts";
import { createPasswords } from "../../src/auth/passwords.ts";

const PASSWORD = "seven green bottles on a wall";

Deno.test("hash() uses the runtime's best algorithm unless told otherwise", async () => {
  const best = await hasArgon2id() ? "$argon2id$" : "$scrypt$";
  assertStringIncludes(await createPasswords().hash(PASSWORD), best);
  assertStringIncludes(await createPasswords({ algorithm: "scrypt" }).hash(PASSWORD), "$scrypt$");
});

Deno.test("verify() takes a hash of either algorithm, and asks to renew the other's", async () => {
  const passwords = createPasswords();
  const portable = await createPasswords({ algorithm: "scrypt" }).hash(PASSWORD);
  assert(await passwords.verify(PASSWORD, portable));
  assertEquals(await passwords.needsRehash(portable), await hasArgon2id());
  assertEquals(await passwords.needsRehash(await passwords.hash(PASSWORD)), false);
  assert(await passwords.needsRehash("$scrypt$ln=10,r=8,p=1$salt$hash"));
});

Deno.test("verify() takes both spellings of an accent for one password", async () => {
  const passwords = createPasswords();
  const phc = await passwords.hash("caf\u00e9 caf\u00e9 caf\u00e9");
  assert(await passwords.verify("cafe\u0301 cafe\u0301 cafe\u0301", phc));
});

Deno.test("verify() without a hash is false", async () => {
  assertEquals(await createPasswords().verify(PASSWORD, undefined), false);
});
