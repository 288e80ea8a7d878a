import { assertEquals, assertRejects } from "@std/assert";
import { createVault } from "../../src/auth/vault.ts";
import { keys } from "../../src/kv/keys.ts";
import { openHouse, SECRET_A } from "./_identity.ts";

const SECRET_B = "another secret of the house, 32 b";
const PLAIN = new TextEncoder().encode("what is kept");

Deno.test("open() gives back what any isolate sealed, under its context alone", async () => {
  using house = await openHouse();
  const options = { kv: house.kv, secret: SECRET_A, previousSecrets: [] };
  const [one, two] = [createVault(options), createVault(options)];
  // Both look for the key at once, and must agree on one.
  const [sealed] = await Promise.all([one.seal(PLAIN, "mine"), two.seal(PLAIN, "mine")]);
  assertEquals(await two.open(sealed, "mine"), PLAIN);
  assertEquals(await two.open(sealed, "yours"), undefined);
});

Deno.test("the vault is wrapped anew under each new secret that knows the one before", async () => {
  using house = await openHouse();
  const vaultOf = (secret?: string, ...previousSecrets: string[]) =>
    createVault({ kv: house.kv, secret, previousSecrets });
  const wrappedBy = async () => (await house.kv.get(keys.vault())).value?.wrappedBy;
  const sealed = await vaultOf().seal(PLAIN, "");
  assertEquals(await wrappedBy(), null, "without JWT_SECRET there is nothing to wrap under");
  for (const secrets of [[SECRET_A], [SECRET_B, SECRET_A], [SECRET_B]] as const) {
    assertEquals(await vaultOf(...secrets).open(sealed, ""), PLAIN);
  }
  await assertRejects(() => vaultOf(SECRET_A).open(sealed, ""), Error, "Cannot open");
  await assertRejects(() => vaultOf().open(sealed, ""), Error, "Cannot open");
  assertEquals(await vaultOf(undefined, SECRET_B).open(sealed, ""), PLAIN);
  assertEquals(await wrappedBy(), null, "development again");
});

Deno.test("the vault asks KV again after it was out", async () => {
  using house = await openHouse();
  const vault = createVault({ kv: house.kv, secret: SECRET_A, previousSecrets: [] });
  house.raw.inject({ error: 1 });
  await assertRejects(() => vault.seal(PLAIN, ""));
  house.raw.heal();
  assertEquals(await vault.open(await vault.seal(PLAIN, ""), ""), PLAIN);
  house.raw.resetCounts();
  await vault.seal(PLAIN, "");
  assertEquals(house.raw.counts.trips, 0);
});
