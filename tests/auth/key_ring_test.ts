import { assert, assertEquals, assertMatch, assertNotEquals, assertThrows } from "@std/assert";
import { createSecretRing, deriveSigningKey } from "../../src/auth/key_ring.ts";
import { ConfigError } from "../../src/config.ts";
import { openHouse, SECRET_A, signedIn } from "./_identity.ts";

const SECRET_B = "another secret of the house, 32 b";
const SECRET_C = "a third secret of the house, 32 b";

Deno.test("createSecretRing() refuses keys under 32 bytes, and names their setting", () => {
  const messageOf = (secret: string, previous: string[]) =>
    assertThrows(() => createSecretRing(secret, previous), ConfigError).message;
  for (const short of ["", "x", "x".repeat(31)]) {
    assertMatch(messageOf(short, []), /^JWT_SECRET must be at least 32 bytes$/);
    assertMatch(messageOf(SECRET_A, [short]), /^JWT_SECRET_PREVIOUS must/);
  }
});

Deno.test("deriveSigningKey() makes a key that is not the secret, with an id of its own", () => {
  const one = deriveSigningKey(new TextEncoder().encode(SECRET_A));
  const two = deriveSigningKey(new TextEncoder().encode(SECRET_B));
  assertMatch(one.kid, /^gh1-[0-9a-f]{8}$/);
  assertNotEquals(one.kid, two.kid);
  assertEquals(one.key.length, 32);
  assertNotEquals(new TextDecoder().decode(one.key), SECRET_A);
});

Deno.test("a change of JWT_SECRET with the old one as previous signs nobody out", async () => {
  using before = await openHouse({ secret: SECRET_A });
  const { header, refreshToken } = await signedIn(before);
  using after = await openHouse({ beside: before, secret: SECRET_B, previous: [SECRET_A] });
  assert(await after.tokens.verify(header));
  const { accessToken } = await after.identity.signIn.refresh(refreshToken);
  assert(await after.tokens.verify(`Bearer ${accessToken}`));
  // The isolate that still has the old settings does not know the new key; it only asks to sign in.
  assertEquals(await before.tokens.verify(`Bearer ${accessToken}`), null);
});

Deno.test("a JWT_SECRET that is no longer listed proves nothing", async () => {
  using before = await openHouse({ secret: SECRET_A });
  const { header } = await signedIn(before);
  using after = await openHouse({ beside: before, secret: SECRET_C, previous: [SECRET_B] });
  assertEquals(await after.tokens.verify(header), null);
});
