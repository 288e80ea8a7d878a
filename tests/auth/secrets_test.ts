import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import fc from "fast-check";
import {
  deriveKey,
  fromBase64Url,
  hashSecret,
  orderedId,
  randomBase62,
  randomSecret,
  sameSecret,
  seal,
  toBase62,
  toBase64Url,
  unseal,
} from "../../src/auth/secrets.ts";

Deno.test("randomBase62() draws every character about as often", () => {
  const counts = new Map<string, number>();
  for (const character of randomBase62(62_000)) {
    counts.set(character, (counts.get(character) ?? 0) + 1);
  }
  assertEquals(counts.size, 62);
  // Mean 1000, standard deviation 32: six of them either way.
  for (const count of counts.values()) assert(count > 808 && count < 1_192, String(count));
});

Deno.test("toBase62() fills up with zeros and holds 32 bits in 6 digits", () => {
  assertEquals([0, 61, 62, 2 ** 32 - 1].map((n) => toBase62(n, 6)), [
    "000000",
    "00000z",
    "000010",
    "4gfFC3",
  ]);
});

Deno.test("orderedId() sorts by time", () => {
  fc.assert(
    fc.property(fc.nat(2 ** 42), fc.nat(2 ** 42), (a, b) => {
      const [one, two] = [orderedId("acc", a), orderedId("acc", b)];
      if (a !== b) assertEquals(one < two, a < b);
    }),
  );
  assertMatch(orderedId("acc", Date.now()), /^acc_\w{20}$/);
});

Deno.test("seal() is opened by its key and context, unchanged, and by nothing else", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(), (plain, at) => {
      const key = randomSecret(32);
      const sealed = seal(key, plain, "context");
      assertEquals(unseal(key, sealed, "context"), new Uint8Array(plain));
      assertEquals(unseal(key, sealed, "another"), undefined);
      assertEquals(unseal(randomSecret(32), sealed, "context"), undefined);
      const changed = sealed.slice();
      changed[at % changed.length] ^= 1;
      assertEquals(unseal(key, changed, "context"), undefined);
    }),
    { numRuns: 50 },
  );
  assertEquals(unseal(randomSecret(32), new Uint8Array(5), ""), undefined);
});

Deno.test("deriveKey() gives each purpose a key of its own", () => {
  const secret = randomSecret(32);
  assertNotEquals(deriveKey(secret, "one"), deriveKey(secret, "two"));
  assertEquals(deriveKey(secret, "one"), deriveKey(secret, "one"));
});

Deno.test("sameSecret() compares texts of any length", () => {
  assert(sameSecret("a", "a"));
  for (const other of ["", "b", "aa", "A"]) assertEquals(sameSecret("a", other), false);
});

Deno.test("toBase64Url() and hashSecret() are what other tools make", () => {
  assertEquals(toBase64Url(new Uint8Array([251, 255, 191])), "-_-_");
  assertEquals(fromBase64Url("-_-_"), new Uint8Array([251, 255, 191]));
  assertEquals(hashSecret("abc").slice(0, 16), "ba7816bf8f01cfea");
});
