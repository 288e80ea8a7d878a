import { assert, assertEquals, assertMatch } from "@std/assert";
import { hashEmail } from "../../src/auth/emails.ts";
import { keys } from "../../src/kv/keys.ts";
import { SECOND } from "../../src/time.ts";
import { BY, codeOf, EMAIL, openHouse, PASSWORD, pointersOf, signedIn } from "./_identity.ts";

const USER = { email: EMAIL, password: PASSWORD, role: "user" as const };

Deno.test("create() keeps an account that can be found by id and by address", async () => {
  using house = await openHouse();
  const { accounts } = house.identity;
  const account = await accounts.create({ ...USER, email: " Anna@Shop.EXAMPLE" }, BY);
  assertMatch(account.id, /^acc_\w{20}$/);
  assertEquals(await accounts.get(account.id), {
    id: account.id,
    email: EMAIL,
    role: "user",
    createdAt: house.clock.now(),
    passwordChangedAt: house.clock.now(),
    hasSecondFactor: false,
  });
  assertEquals((await house.kv.get(keys.accountOfEmail(hashEmail(EMAIL)))).value, account.id);
  assertEquals(await accounts.get("acc_nobody"), undefined);
});

Deno.test("create() names every field that is not right", async () => {
  using house = await openHouse();
  const { accounts } = house.identity;
  assertEquals(await pointersOf(accounts.create({ ...USER, email: "anna" }, BY)), ["/email"]);
  assertEquals(await pointersOf(accounts.create({ ...USER, password: "short" }, BY)), [
    "/password",
  ]);
  assertEquals((await accounts.list({ limit: 1 })).items, []);
});

Deno.test("create() gives an address to one of ten who want it at once", async () => {
  using house = await openHouse();
  const codes = await Promise.all(
    Array.from({ length: 10 }, () => codeOf(house.identity.accounts.create(USER, BY))),
  );
  assertEquals(codes.filter((code) => code === undefined).length, 1);
  assertEquals(codes.filter((code) => code === "EMAIL_TAKEN").length, 9);
  assertEquals((await house.identity.accounts.list({ limit: 20 })).items.length, 1);
});

Deno.test("create() makes one account, and one audit entry, when KV's answers are lost", async () => {
  using house = await openHouse();
  house.raw.inject({ lostReply: 1, only: ["commit"] });
  await house.identity.accounts.create(USER, BY);
  house.raw.heal();
  assertEquals((await house.identity.accounts.list({ limit: 5 })).items.length, 1);
  assertEquals((await house.identity.audit.list({ limit: 5 })).items.length, 1);
});

Deno.test("list() pages through accounts, oldest first", async () => {
  using house = await openHouse();
  const { accounts } = house.identity;
  const ids: string[] = [];
  for (const name of ["c", "a", "b"]) {
    house.clock.turn(SECOND);
    ids.push((await accounts.create({ ...USER, email: `${name}@shop.example` }, BY)).id);
  }
  const first = await accounts.list({ limit: 2 });
  const last = await accounts.list({ limit: 2, cursor: first.next_cursor! });
  assertEquals([...first.items, ...last.items].map(({ id }) => id), ids);
  assertEquals(last.next_cursor, null);
});

Deno.test("setRole() ends the account's sign-ins, which carry the role", async () => {
  using house = await openHouse();
  const { accounts, sessions, signIn } = house.identity;
  const { account, sessionId, refreshToken } = await signedIn(house, "user");
  assertEquals((await accounts.setRole(account.id, "analyst", BY)).role, "analyst");
  assertEquals(await sessions.live(sessionId), undefined);
  assertEquals(await codeOf(signIn.refresh(refreshToken)), "INVALID_REFRESH_TOKEN");
  assertEquals(await codeOf(accounts.setRole("acc_nobody", "user", BY)), "NOT_FOUND");
});

Deno.test("setRole() to the role it has changes nothing and ends nothing", async () => {
  using house = await openHouse();
  const { account, sessionId } = await signedIn(house, "user");
  await house.identity.accounts.setRole(account.id, "user", BY);
  assert(await house.identity.sessions.live(sessionId));
  const { items } = await house.identity.audit.list({ limit: 5 });
  assertEquals(items.map(({ action }) => action), ["session.create", "user.create"]);
});

Deno.test("disable() ends the sign-ins, enable() lets the account sign in again", async () => {
  using house = await openHouse();
  const { accounts, sessions, signIn } = house.identity;
  const { account, sessionId, email } = await signedIn(house, "user");
  const credentials = { email, password: PASSWORD, client: { device: "", address: "" } };
  const disabled = await accounts.disable(account.id, BY);
  assertEquals(disabled.disabledAt, house.clock.now());
  assertEquals(await sessions.live(sessionId), undefined);
  assertEquals(await codeOf(signIn.withTokens(credentials)), "INVALID_CREDENTIALS");
  assertEquals((await accounts.enable(account.id, BY)).disabledAt, undefined);
  assertEquals(await codeOf(signIn.withTokens(credentials)), undefined);
});

Deno.test("the last admin can be neither demoted nor disabled, also not by two at once", async () => {
  using house = await openHouse();
  const { accounts } = house.identity;
  const one = await accounts.create({ ...USER, email: "one@shop.example", role: "admin" }, BY);
  assertEquals(await codeOf(accounts.setRole(one.id, "user", BY)), "LAST_ADMIN");
  assertEquals(await codeOf(accounts.disable(one.id, BY)), "LAST_ADMIN");
  const two = await accounts.create({ ...USER, email: "two@shop.example", role: "admin" }, BY);
  const codes = await Promise.all([
    codeOf(accounts.disable(one.id, BY)),
    codeOf(accounts.setRole(two.id, "analyst", BY)),
  ]);
  assertEquals(codes.toSorted(), ["LAST_ADMIN", undefined]);
  assertEquals((await house.kv.get(keys.admins())).value?.length, 1);
});

Deno.test("a disabled admin counts again once enabled", async () => {
  using house = await openHouse();
  const { accounts } = house.identity;
  const one = await accounts.create({ ...USER, email: "one@shop.example", role: "admin" }, BY);
  const two = await accounts.create({ ...USER, email: "two@shop.example", role: "admin" }, BY);
  await accounts.disable(one.id, BY);
  assertEquals((await house.kv.get(keys.admins())).value, [two.id]);
  await accounts.enable(one.id, BY);
  assertEquals(await codeOf(accounts.setRole(two.id, "user", BY)), undefined);
});

Deno.test("create() makes at most 100 admins", async () => {
  using house = await openHouse();
  const ids = Array.from({ length: 100 }, (_, n) => `acc_${n}`);
  await house.kv.commit((atomic) => atomic.set(keys.admins(), ids));
  const { accounts } = house.identity;
  assertEquals(await pointersOf(accounts.create({ ...USER, role: "admin" }, BY)), ["/role"]);
});
