import { assert, assertEquals } from "@std/assert";
import { isFresh } from "../../src/auth/session_rules.ts";
import { MINUTE } from "../../src/time.ts";
import { BY, CLIENT, codeOf, openHouse, PASSWORD, pointersOf, signedIn } from "./_identity.ts";

const NEXT = "eight yellow canaries in a cage";

Deno.test("change() sets the new password and ends the other sign-ins", async () => {
  using house = await openHouse();
  const { accountPasswords, sessions, signIn } = house.identity;
  const { account, email, sessionId } = await signedIn(house);
  const other = await signIn.withTokens({ email, password: PASSWORD, client: CLIENT });
  const change = { accountId: account.id, current: PASSWORD, next: NEXT };
  await accountPasswords.change({ ...change, keepSessionId: sessionId }, BY);
  assert(await sessions.live(sessionId));
  assertEquals(await sessions.live(other.sessionId), undefined);
  const withPassword = (password: string) =>
    codeOf(signIn.withTokens({ email, password, client: CLIENT }));
  assertEquals(await withPassword(PASSWORD), "INVALID_CREDENTIALS");
  assertEquals(await withPassword(NEXT), undefined);
});

Deno.test("change() refuses a wrong password, and counts it like a failure to sign in", async () => {
  using house = await openHouse();
  const { accountPasswords } = house.identity;
  const { account } = await signedIn(house);
  const guess = () =>
    codeOf(accountPasswords.change({ accountId: account.id, current: "wrong", next: NEXT }, BY));
  for (let count = 0; count < 5; count++) assertEquals(await guess(), "INVALID_CREDENTIALS");
  assertEquals(await guess(), "SIGN_IN_DELAYED");
  assertEquals(house.events.map(({ type }) => type), ["sign_in_delayed"]);
});

Deno.test("change() judges the new password before the old one", async () => {
  using house = await openHouse();
  const { account } = await signedIn(house);
  const change = { accountId: account.id, current: "wrong", next: "short" };
  assertEquals(await pointersOf(house.identity.accountPasswords.change(change, BY)), [
    "/new_password",
  ]);
});

Deno.test("reset() sets another's password and ends all its sign-ins", async () => {
  using house = await openHouse();
  const { accountPasswords, sessions, signIn, audit } = house.identity;
  const { account, email, sessionId } = await signedIn(house, "user");
  house.clock.turn(1);
  await accountPasswords.reset(account.id, NEXT, BY);
  assertEquals(await sessions.live(sessionId), undefined);
  const [entry] = (await audit.list({ limit: 1 })).items;
  await signIn.withTokens({ email, password: NEXT, client: CLIENT });
  assertEquals([entry.action, entry.by, entry.target], [
    "user.reset_password",
    BY.id,
    account.id,
  ]);
  assertEquals(await codeOf(accountPasswords.reset("acc_nobody", NEXT, BY)), "NOT_FOUND");
});

Deno.test("reauthenticate() makes a sign-in fresh for 10 minutes again", async () => {
  using house = await openHouse();
  const { accountPasswords, sessions } = house.identity;
  const { account, sessionId } = await signedIn(house);
  const fresh = async () => isFresh((await sessions.live(sessionId))!, house.clock.now());
  assert(await fresh(), "signing in counts");
  house.clock.turn(10 * MINUTE);
  assertEquals(await fresh(), false);
  await accountPasswords.reauthenticate(account.id, sessionId, PASSWORD);
  assert(await fresh());
  const wrong = accountPasswords.reauthenticate(account.id, sessionId, "wrong");
  assertEquals(await codeOf(wrong), "INVALID_CREDENTIALS");
});

Deno.test("reauthenticate() revives no sign-in that ended, nor another's", async () => {
  using house = await openHouse();
  const { accountPasswords, sessions } = house.identity;
  const { account, sessionId } = await signedIn(house, "admin");
  const other = await signedIn(house, "user");
  const again = (session: string) =>
    codeOf(accountPasswords.reauthenticate(account.id, session, PASSWORD));
  house.clock.turn(MINUTE);
  await again(other.sessionId);
  assert((await sessions.live(other.sessionId))!.reauthenticatedAt < house.clock.now());
  await sessions.revoke(account.id, sessionId);
  assertEquals(await again(sessionId), "UNAUTHENTICATED");
  assertEquals(await sessions.live(sessionId), undefined);
});
