import { assert, assertEquals, assertMatch } from "@std/assert";
import { newApiKeyText } from "../../src/auth/api_key_text.ts";
import { hasRole } from "../../src/auth/roles.ts";
import { hasScope } from "../../src/auth/scopes.ts";
import { DAY, HOUR, MINUTE, SECOND } from "../../src/time.ts";
import { BY, codeOf, type House, openHouse, pointersOf } from "./_identity.ts";

const DRAFT = { name: "nightly export", scopes: ["audit:read", "analytics:read"] };
const verify = ({ tokens }: House, key: string, ip?: string) => tokens.verify(`Bearer ${key}`, ip);

/** Waits for what is written beside a request. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200 && !await isSo(); tries++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert(await isSo());
}

Deno.test("verify() answers an API key with its scopes and no role", async () => {
  using house = await openHouse();
  const { key, record } = await house.identity.apiKeys.create(DRAFT, BY);
  assertMatch(record.id, /^key_\w{20}$/);
  const user = await verify(house, key);
  assertEquals([user?.id, user?.keyId, user?.realm], [record.id, record.id, "gatehouse"]);
  assert(hasScope(user!, "audit:read"));
  assertEquals(hasScope(user!, "users:write"), false);
  assertEquals(hasRole(user!, "user"), false);
});

Deno.test("verify() asks KV nothing about a key whose checksum is wrong", async () => {
  using house = await openHouse();
  const { key } = await house.identity.apiKeys.create(DRAFT, BY);
  house.raw.resetCounts();
  for (const text of [`${key}a`, key.slice(0, -1), key.replace("live", "live_"), "gh_live_"]) {
    assertEquals(await verify(house, text), null);
  }
  assertEquals(house.raw.counts.trips, 0);
  assertEquals(await verify(house, newApiKeyText()), null);
  assertEquals(house.raw.counts.trips, 1);
});

Deno.test("revoke() takes effect within 5 seconds on every isolate, and for good", async () => {
  using house = await openHouse();
  using other = await openHouse({ beside: house });
  const { apiKeys } = house.identity;
  const { key, record } = await apiKeys.create(DRAFT, BY);
  assert(await verify(other, key));
  const revoked = await apiKeys.revoke(record.id, BY);
  assertEquals(revoked.revokedAt, house.clock.now());
  house.clock.turn(5 * SECOND - 1);
  assert(await verify(other, key), "still believed");
  house.clock.turn(1);
  assertEquals(await verify(other, key), null);
  house.clock.turn(HOUR);
  assertEquals(await apiKeys.revoke(record.id, BY), revoked);
  assertEquals(await codeOf(apiKeys.revoke("key_nobody", BY)), "NOT_FOUND");
  assertEquals((await apiKeys.get(record.id))?.revokedAt, revoked.revokedAt);
  assertEquals(await apiKeys.get("key_nobody"), undefined);
});

Deno.test("verify() refuses a key from its end on, also a cached one", async () => {
  using house = await openHouse();
  const expiresAt = house.clock.now() + DAY;
  const { key } = await house.identity.apiKeys.create({ ...DRAFT, expiresAt }, BY);
  house.clock.turn(DAY - 1);
  assert(await verify(house, key));
  house.clock.turn(1);
  assertEquals(await verify(house, key), null);
});

Deno.test("verify() takes a key with addresses from them alone, cached or not", async () => {
  using house = await openHouse();
  const addressRanges = ["203.0.113.7", "203.0.113.8"];
  const { key } = await house.identity.apiKeys.create({ ...DRAFT, addressRanges }, BY);
  for (const round of ["first", "cached"]) {
    assertEquals(await verify(house, key, "203.0.113.9"), null, round);
    assertEquals(await verify(house, key), null, round);
    assert(await verify(house, key, "203.0.113.8"), round);
  }
  assertEquals(house.tokens.peek(`Bearer ${key}`, "203.0.113.9"), null);
  assert(house.tokens.peek(`Bearer ${key}`, "203.0.113.7"));
});

Deno.test("a use is written down beside the request, once a minute", async () => {
  using house = await openHouse();
  const { apiKeys } = house.identity;
  const { key, record } = await apiKeys.create(DRAFT, BY);
  const lastUse = async () => (await apiKeys.get(record.id))?.lastUsedAt;
  const firstUse = house.clock.now();
  await verify(house, key);
  await until(async () => await lastUse() === firstUse);
  house.clock.turn(MINUTE - 1);
  await verify(house, key);
  assertEquals(await lastUse(), firstUse);
  house.clock.turn(5 * SECOND);
  await verify(house, key);
  await until(async () => await lastUse() === house.clock.now());
});

Deno.test("verify() says nothing for good about a key while KV is out", async () => {
  using house = await openHouse();
  const { key } = await house.identity.apiKeys.create(DRAFT, BY);
  house.raw.inject({ error: 1 });
  assertEquals(await verify(house, key), null);
  house.raw.heal();
  assert(await verify(house, key));
  house.raw.inject({ error: 1, only: ["commit"] });
  house.clock.turn(2 * MINUTE);
  assert(await verify(house, key), "that its use cannot be written down is no reason");
  await until(() => Promise.resolve(house.lines.some((line) => line.includes("not written down"))));
});

Deno.test("create() names every field that is not right, at once", async () => {
  using house = await openHouse();
  const { apiKeys } = house.identity;
  const draft = {
    name: " ",
    scopes: ["audit:read", "everything", "constructor"],
    expiresAt: house.clock.now(),
    addressRanges: ["203.0.113.7", "anywhere"],
  };
  assertEquals(await pointersOf(apiKeys.create(draft, BY)), [
    "/name",
    "/scopes/1",
    "/scopes/2",
    "/expires_at",
    "/address_ranges/1",
  ]);
  const manyRanges = Array.from({ length: 21 }, (_, n) => `203.0.113.${n}`);
  const others = { name: "n".repeat(81), scopes: [], addressRanges: manyRanges };
  assertEquals(await pointersOf(apiKeys.create(others, BY)), [
    "/name",
    "/scopes",
    "/address_ranges",
  ]);
});

Deno.test("list() shows keys oldest first, page by page, without their text", async () => {
  using house = await openHouse();
  const { apiKeys } = house.identity;
  const made: string[] = [];
  for (const name of ["one", "two", "three"]) {
    house.clock.turn(1);
    made.push((await apiKeys.create({ ...DRAFT, name }, BY)).key);
  }
  const first = await apiKeys.list({ limit: 2 });
  const last = await apiKeys.list({ limit: 2, cursor: first.next_cursor! });
  const items = [...first.items, ...last.items];
  assertEquals(items.map(({ name }) => name), ["one", "two", "three"]);
  assertEquals(items[0].createdBy, BY.id);
  for (const key of made) assertEquals(JSON.stringify(items).includes(key.slice(8, 30)), false);
});

Deno.test("create() makes one key when KV's answer is lost", async () => {
  using house = await openHouse();
  house.raw.inject({ lostReply: 1 });
  const { key } = await house.identity.apiKeys.create(DRAFT, BY);
  house.raw.heal();
  assert(await verify(house, key));
  assertEquals((await house.identity.apiKeys.list({ limit: 5 })).items.length, 1);
});
