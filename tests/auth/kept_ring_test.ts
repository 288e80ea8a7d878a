import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { decodeProtectedHeader } from "jose";
import { keys } from "../../src/kv/keys.ts";
import { DAY, HOUR, MINUTE, SECOND } from "../../src/time.ts";
import { BY, codeOf, type House, openHouse, signedIn } from "./_identity.ts";

const rotate = ({ identity }: House) => identity.rotateKeys!(BY);
const kidOf = (token: string) => decodeProtectedHeader(token).kid;
const isBelieved = async ({ tokens }: House, header: string) =>
  await tokens.verify(header) !== null;

Deno.test("the kept ring is drawn once, by whichever isolate is first", async () => {
  using house = await openHouse();
  using other = await openHouse({ beside: house });
  const [one, two] = await Promise.all([signedIn(house, "user"), signedIn(other, "admin")]);
  assertEquals(kidOf(one.accessToken), kidOf(two.accessToken));
  assert(await isBelieved(other, one.header));
});

Deno.test("rotate() shows a new key for 2 minutes before it signs", async () => {
  using house = await openHouse();
  using other = await openHouse({ beside: house });
  const first = await signedIn(house);
  await isBelieved(other, first.header);
  const { kid, signsFrom } = await rotate(house);
  assertEquals(signsFrom - house.clock.now(), 2 * MINUTE);
  const { signIn } = house.identity;
  let refreshToken = first.refreshToken;
  const refresh = async () => {
    const pair = await signIn.refresh(refreshToken);
    refreshToken = pair.refreshToken;
    return pair.accessToken;
  };
  house.clock.turn(2 * MINUTE - 1);
  assertEquals(kidOf(await refresh()), kidOf(first.accessToken));
  house.clock.turn(1);
  const renewed = await refresh();
  assertEquals(kidOf(renewed), kid);
  assertNotEquals(kid, kidOf(first.accessToken));
  assert(await isBelieved(other, `Bearer ${renewed}`), "the other isolate has read the ring again");
  assert(await isBelieved(house, first.header), "nobody is signed out");
});

Deno.test("rotate() believes the key before for a day, and then no more", async () => {
  using house = await openHouse();
  const { value: before } = await signedIn(house).then(() => house.kv.get(keys.keyRing()));
  await rotate(house);
  house.clock.turn(2 * MINUTE + DAY - 1);
  await rotate(house);
  const during = (await house.kv.get(keys.keyRing())).value;
  assertEquals(during?.keys.length, 3);
  house.clock.turn(5 * MINUTE);
  await rotate(house);
  const after = (await house.kv.get(keys.keyRing())).value;
  assertEquals(after?.keys.some(({ secret }) => secret[0] === before?.keys[0].secret[0]), false);
});

Deno.test("rotate() answers the key that waits already", async () => {
  using house = await openHouse();
  const [one, two] = await Promise.all([rotate(house), rotate(house)]);
  assertEquals(one, two);
  assertEquals(await rotate(house), one);
});

Deno.test("rotate() keeps 5 keys at most", async () => {
  using house = await openHouse();
  await signedIn(house);
  for (let turn = 0; turn < 4; turn++) {
    await rotate(house);
    house.clock.turn(HOUR);
  }
  assertEquals(await codeOf(rotate(house)), "CONFLICT");
  const { items } = await house.identity.audit.list({ limit: 10 });
  assertEquals(items.filter(({ action }) => action === "token_key.rotate").length, 4);
});

Deno.test("an unknown key id makes the ring be read once in 5 s", async () => {
  using house = await openHouse();
  const { accessToken } = await signedIn(house);
  const foreign = (n: number) =>
    `Bearer ${accessToken.replace(/^[^.]+/, btoa(`{"alg":"HS256","kid":"gh1-0000000${n}"}`))}`
      .replaceAll("=", "");
  house.raw.resetCounts();
  house.clock.turn(5 * SECOND);
  for (let n = 0; n < 9; n++) await house.tokens.verify(foreign(n));
  assertEquals(house.raw.counts.reads, 1);
});

Deno.test("tokens stay good while KV is out", async () => {
  using house = await openHouse();
  const { header } = await signedIn(house);
  assert(await isBelieved(house, header));
  house.raw.inject({ error: 1 });
  house.clock.turn(6 * MINUTE);
  assert(await isBelieved(house, header));
});

Deno.test("a token is not taken for bad because KV was out when the ring was first read", async () => {
  using house = await openHouse();
  const { header } = await signedIn(house);
  using other = await openHouse({ beside: house });
  house.raw.inject({ error: 1 });
  assertEquals(await isBelieved(other, header), false);
  house.raw.heal();
  assert(await isBelieved(other, header));
});
