import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { networkOf } from "../../src/auth/session_rules.ts";
import { keys } from "../../src/kv/keys.ts";
import { DAY, HOUR, MINUTE, SECOND } from "../../src/time.ts";
import { BY, CLIENT, codeOf, type House, openHouse, PASSWORD, signedIn } from "./_identity.ts";

const openConsole = async (house: House) => {
  const { email } = await signedIn(house);
  const visit = await house.identity.signIn.withConsole({
    email,
    password: PASSWORD,
    client: CLIENT,
  });
  return visit;
};

Deno.test("live() reads a sign-in once a second, however often and from how many places", async () => {
  using house = await openHouse();
  const { sessionId } = await signedIn(house);
  const { sessions } = house.identity;
  house.raw.resetCounts();
  await Promise.all(Array.from({ length: 200 }, () => sessions.live(sessionId)));
  house.clock.turn(999);
  await sessions.live(sessionId);
  assertEquals(house.raw.counts.reads, 1);
  house.clock.turn(1);
  await sessions.live(sessionId);
  assertEquals(house.raw.counts.reads, 2);
});

Deno.test("live() shows no hash and nothing sealed", async () => {
  using house = await openHouse();
  const { account, sessionId, refreshToken } = await signedIn(house);
  await house.identity.signIn.refresh(refreshToken);
  const session = await house.identity.sessions.live(sessionId);
  assertEquals(session, {
    id: sessionId,
    kind: "api",
    accountId: account.id,
    role: "admin",
    createdAt: house.clock.now(),
    usedAt: house.clock.now(),
    expiresAt: house.clock.now() + 30 * DAY,
    device: "Firefox on Linux",
    address: "203.0.113.0/24",
    secondFactor: false,
    reauthenticatedAt: house.clock.now(),
  });
});

Deno.test("revoke() ends one sign-in of its own account, here at once, elsewhere in a second", async () => {
  using house = await openHouse();
  using other = await openHouse({ beside: house });
  const { account, sessionId } = await signedIn(house, "admin");
  const user = await signedIn(house, "user");
  await other.identity.sessions.live(sessionId);
  assertEquals(await house.identity.sessions.revoke(user.account.id, sessionId), false);
  assertEquals(await house.identity.sessions.revoke(account.id, sessionId), true);
  assertEquals(await house.identity.sessions.revoke(account.id, sessionId), false);
  assertEquals(await house.identity.sessions.live(sessionId), undefined);
  house.clock.turn(SECOND);
  assertEquals(await other.identity.sessions.live(sessionId), undefined);
  assert(await house.identity.sessions.live(user.sessionId));
});

Deno.test("revokeAll() ends all sign-ins but the one named", async () => {
  using house = await openHouse();
  const { sessions, signIn } = house.identity;
  const { account, email, sessionId } = await signedIn(house);
  for (let n = 0; n < 3; n++) {
    await signIn.withTokens({ email, password: PASSWORD, client: CLIENT });
  }
  assertEquals(await sessions.revokeAll(account.id, sessionId), 3);
  assertEquals((await sessions.list(account.id)).map(({ id }) => id), [sessionId]);
  assertEquals(await sessions.revokeAll(account.id), 1);
  assertEquals(await sessions.revokeAll(account.id), 0);
});

Deno.test("revokeAll() ends what it found although KV's answer was lost", async () => {
  using house = await openHouse();
  const { account, sessionId } = await signedIn(house);
  house.raw.inject({ lostReply: 1 });
  assertEquals(await house.identity.sessions.revokeAll(account.id), 1);
  assertEquals(await house.identity.sessions.live(sessionId), undefined);
});

Deno.test("logout() ends the sign-in of any token it had, and ignores all others", async () => {
  using house = await openHouse();
  const { sessions, signIn } = house.identity;
  const { refreshToken, sessionId } = await signedIn(house);
  await signIn.refresh(refreshToken);
  for (const text of ["", "ghr_x", `ghr_${sessionId}_${"A".repeat(64)}`]) {
    await sessions.logout(text);
  }
  assert(await sessions.live(sessionId));
  await sessions.logout(refreshToken);
  assertEquals(await sessions.live(sessionId), undefined);
  await sessions.logout(refreshToken);
  assertEquals(house.events, []);
});

Deno.test("list() keeps an account's last 50 sign-ins, newest first", async () => {
  using house = await openHouse();
  const { account, sessionId: oldest } = await signedIn(house);
  // Put in place as 49 more sign-ins would, each of which takes a password hash.
  const { value: first } = await house.kv.get(keys.session(oldest));
  const more = Array.from({ length: 49 }, (_, n) => ({ ...first!, id: `later${n}` }));
  await house.kv.commit((atomic) => {
    const index = [first!, ...more].map(({ id, expiresAt }) => ({ id, expiresAt }));
    atomic.set(keys.sessionsOf(account.id), index);
    for (const record of more) atomic.set(keys.session(record.id), record);
  });
  const { sessions, signIn } = house.identity;
  assertEquals((await sessions.list(account.id)).length, 50);
  house.clock.turn(MINUTE);
  const email = account.email;
  const { sessionId } = await signIn.withTokens({ email, password: PASSWORD, client: CLIENT });
  const ids = (await sessions.list(account.id)).map(({ id }) => id);
  assertEquals([ids.length, ids[0], ids.at(-1)], [50, sessionId, "later0"]);
  assertEquals(await sessions.live(oldest), undefined);
});

Deno.test("sign-ins at the same time are all in the list", async () => {
  using house = await openHouse();
  const { account, email } = await signedIn(house);
  const { sessions, signIn } = house.identity;
  // Four at a time: a fifth would have to wait, as attempts count until they succeed.
  for (let round = 0; round < 4; round++) {
    const credentials = { email, password: PASSWORD, client: CLIENT };
    await Promise.all(Array.from({ length: 4 }, () => signIn.withTokens(credentials)));
  }
  assertEquals((await sessions.list(account.id)).length, 17);
});

Deno.test("byCookie() knows who it is, and its CSRF token is bound to the cookie", async () => {
  using house = await openHouse();
  const { account, cookie, csrfToken, sessionId } = await openConsole(house);
  const visit = await house.identity.sessions.byCookie(cookie);
  assertEquals(visit?.user, {
    id: account.id,
    expiresAt: house.clock.now() + 12 * HOUR,
    roles: ["admin"],
    realm: "gatehouse",
    sessionId,
  });
  assertEquals([visit?.csrfToken, visit?.session.kind], [csrfToken, "console"]);
  const again = await house.identity.signIn.withConsole({
    email: account.email,
    password: PASSWORD,
    client: CLIENT,
  });
  assertNotEquals(again.csrfToken, csrfToken);
  assertNotEquals(again.sessionId, sessionId, "a new sign-in is a new session");
});

Deno.test("byCookie() refuses a cookie that is altered, invented, or no cookie", async () => {
  using house = await openHouse();
  const { cookie, sessionId } = await openConsole(house);
  const { refreshToken } = await house.identity.signIn.withTokens({
    email: "admin@shop.example",
    password: PASSWORD,
    client: CLIENT,
  });
  const swap = (at: number) =>
    cookie.slice(0, at) + (cookie[at] === "A" ? "B" : "A") + cookie.slice(at + 1);
  const refused = [
    ...[4, 10, 26, 40].map(swap),
    cookie.slice(0, -1),
    `${cookie}; x`,
    `ghc_${sessionId}_${"A".repeat(43)}`,
    refreshToken,
    refreshToken.replace("ghr_", "ghc_"),
    "",
    "x".repeat(100_000),
  ];
  for (const text of refused) assertEquals(await house.identity.sessions.byCookie(text), undefined);
});

Deno.test("byCookie() ends after 12 hours without use, and after 7 days with it", async () => {
  using house = await openHouse();
  const { sessions } = house.identity;
  const { cookie } = await openConsole(house);
  const isOpen = async () => await sessions.byCookie(cookie) !== undefined;
  for (let hours = 0; hours < 7 * 24 - 11; hours += 11) {
    assert(await isOpen(), `${hours} h`);
    house.clock.turn(11 * HOUR);
  }
  house.clock.turn(11 * HOUR);
  assertEquals(await isOpen(), false, "7 days");
  const idle = await house.identity.signIn.withConsole({
    email: "admin@shop.example",
    password: PASSWORD,
    client: CLIENT,
  });
  house.clock.turn(12 * HOUR);
  assertEquals(await sessions.byCookie(idle.cookie), undefined);
});

Deno.test("byCookie() writes a use down once in 5 minutes, and goes on when it cannot", async () => {
  using house = await openHouse();
  const { sessions } = house.identity;
  const { cookie } = await openConsole(house);
  house.clock.turn(5 * MINUTE);
  house.raw.resetCounts();
  await Promise.all(Array.from({ length: 20 }, () => sessions.byCookie(cookie)));
  await sessions.byCookie(cookie);
  assertEquals(house.raw.counts.commits, 1);
  house.clock.turn(5 * MINUTE);
  house.raw.inject({ error: 1, only: ["commit"] });
  assert(await sessions.byCookie(cookie));
});

Deno.test("a sign-in under way does not get a role that was just taken away", async () => {
  using house = await openHouse();
  const { accounts, sessions, signIn } = house.identity;
  const { account, email } = await signedIn(house, "admin");
  await accounts.create({ email: "eva@shop.example", password: PASSWORD, role: "admin" }, BY);
  const [pair] = await Promise.all([
    signIn.withTokens({ email, password: PASSWORD, client: CLIENT }),
    accounts.setRole(account.id, "user", BY),
  ]);
  house.clock.turn(SECOND);
  const session = await sessions.live(pair.sessionId);
  assert(session === undefined || session.role === "user");
  assertEquals(await codeOf(accounts.setRole(account.id, "user", BY)), undefined);
});

Deno.test("networkOf() keeps the network of an address only", () => {
  const networks = {
    "203.0.113.77": "203.0.113.0/24",
    "2001:db8:1:2:3:4:5:6": "2001:db8:1::/48",
    "2001:db8::1": "2001:db8::/48",
    "::1": "::/48",
    "": "unknown",
    "nonsense": "unknown",
  };
  for (const [address, network] of Object.entries(networks)) {
    assertEquals(networkOf(address), network);
  }
});
