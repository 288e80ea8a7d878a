import { assert, assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import { keys } from "../../src/kv/keys.ts";
import { DAY, MINUTE, SECOND } from "../../src/time.ts";
import { codeOf, type House, openHouse, signedIn } from "./_identity.ts";

const isLive = async ({ identity }: House, sessionId: string) =>
  await identity.sessions.live(sessionId) !== undefined;

Deno.test("refresh() answers a new pair, and the new token the next one", async () => {
  using house = await openHouse();
  const { signIn } = house.identity;
  const first = await signedIn(house);
  house.clock.turn(10 * MINUTE);
  const second = await signIn.refresh(first.refreshToken);
  assertMatch(second.refreshToken, /^ghr_[0-9A-Za-z]{20}_[\w-]{64}$/);
  assert(second.refreshToken !== first.refreshToken);
  assertEquals(second.sessionId, first.sessionId);
  assertEquals((await house.tokens.verify(`Bearer ${second.accessToken}`))?.roles, ["admin"]);
  await signIn.refresh(second.refreshToken);
});

Deno.test("refresh() gives 50 parallel calls with one token one successor", async () => {
  using house = await openHouse();
  using other = await openHouse({ beside: house });
  const { refreshToken, sessionId } = await signedIn(house);
  const pairs = await Promise.all(
    Array.from(
      { length: 50 },
      (_, n) => (n % 2 ? house : other).identity.signIn.refresh(refreshToken),
    ),
  );
  assertEquals(new Set(pairs.map((pair) => pair.refreshToken)).size, 1);
  assert(await isLive(house, sessionId));
  assertEquals([...house.events, ...other.events], []);
});

Deno.test("refresh() repeats the successor for 30 s; a millisecond later the sign-in is over", async () => {
  using house = await openHouse();
  const { signIn } = house.identity;
  const { refreshToken, sessionId, account } = await signedIn(house);
  const { refreshToken: successor } = await signIn.refresh(refreshToken);
  house.clock.turn(30 * SECOND);
  assertEquals((await signIn.refresh(refreshToken)).refreshToken, successor);
  assertEquals(house.events, []);
  house.clock.turn(1);
  assertEquals(await codeOf(signIn.refresh(refreshToken)), "INVALID_REFRESH_TOKEN");
  assertEquals(house.events, [{ type: "refresh_reuse", accountId: account.id, sessionId }]);
  assertEquals(await codeOf(signIn.refresh(successor)), "INVALID_REFRESH_TOKEN");
  assertEquals(await house.identity.sessions.list(account.id), []);
  assertEquals(house.metrics.refreshes.counts.get("reused"), 1);
});

Deno.test("refresh() ends a stolen sign-in within a second on every isolate", async () => {
  using house = await openHouse();
  using other = await openHouse({ beside: house });
  const { refreshToken, sessionId } = await signedIn(house);
  await house.identity.signIn.refresh(refreshToken);
  house.clock.turn(MINUTE);
  assert(await isLive(other, sessionId));
  await codeOf(house.identity.signIn.refresh(refreshToken));
  assertEquals(await isLive(house, sessionId), false);
  house.clock.turn(SECOND);
  assertEquals(await isLive(other, sessionId), false);
});

Deno.test("refresh() reports a reuse once, however often it is tried", async () => {
  using house = await openHouse();
  const { refreshToken } = await signedIn(house);
  await house.identity.signIn.refresh(refreshToken);
  house.clock.turn(MINUTE);
  await Promise.all(
    Array.from({ length: 20 }, () => codeOf(house.identity.signIn.refresh(refreshToken))),
  );
  assertEquals(house.events.length, 1);
});

Deno.test("refresh() answers two tabs that are a turn apart, within the 30 s", async () => {
  using house = await openHouse();
  const { signIn } = house.identity;
  const { refreshToken: first, sessionId } = await signedIn(house);
  const second = (await signIn.refresh(first)).refreshToken;
  const third = (await signIn.refresh(second)).refreshToken;
  assertEquals((await signIn.refresh(first)).refreshToken, second);
  assertEquals((await signIn.refresh(second)).refreshToken, third);
  assert(await isLive(house, sessionId));
});

Deno.test("refresh() does not end a sign-in for an invented token with its id", async () => {
  using house = await openHouse();
  const { refreshToken, sessionId } = await signedIn(house);
  const invented = [
    `ghr_${sessionId}_${"A".repeat(64)}`,
    refreshToken.slice(0, -1),
    `${refreshToken}A`,
    refreshToken.replace("ghr_", "ghc_"),
    refreshToken.replace(sessionId, "0".repeat(20)),
    "",
    "x".repeat(100_000),
  ];
  for (const text of invented) {
    assertEquals(await codeOf(house.identity.signIn.refresh(text)), "INVALID_REFRESH_TOKEN");
  }
  assert(await isLive(house, sessionId));
  assertEquals(house.events, []);
});

Deno.test("refresh() ends a sign-in for an altered token of its own", async () => {
  using house = await openHouse();
  const { refreshToken, sessionId } = await signedIn(house);
  const altered = refreshToken.slice(0, -4) + (refreshToken.endsWith("AAAA") ? "BBBB" : "AAAA");
  assertEquals(await codeOf(house.identity.signIn.refresh(altered)), "INVALID_REFRESH_TOKEN");
  assertEquals(await isLive(house, sessionId), false);
});

Deno.test("refresh() is refused 7 days after the last one, and 30 days after the sign-in", async () => {
  using house = await openHouse();
  const { signIn } = house.identity;
  const idle = await signedIn(house, "user");
  house.clock.turn(7 * DAY);
  assertEquals(await codeOf(signIn.refresh(idle.refreshToken)), "INVALID_REFRESH_TOKEN");
  let { refreshToken } = await signedIn(house, "admin");
  for (let week = 1; week <= 4; week++) {
    house.clock.turn(7 * DAY - 1);
    refreshToken = (await signIn.refresh(refreshToken)).refreshToken;
  }
  house.clock.turn(2 * DAY + 4);
  assertEquals(await codeOf(signIn.refresh(refreshToken)), "INVALID_REFRESH_TOKEN");
  assertEquals(house.events, []);
});

Deno.test("refresh() keeps at most 5 spent tokens, and none in clear text", async () => {
  using house = await openHouse();
  let { refreshToken, sessionId } = await signedIn(house);
  for (let turn = 0; turn < 12; turn++) {
    refreshToken = (await house.identity.signIn.refresh(refreshToken)).refreshToken;
  }
  const { value } = await house.kv.get(keys.session(sessionId));
  assertEquals(value?.spent?.length, 5);
  house.clock.turn(31 * SECOND);
  await house.identity.signIn.refresh(refreshToken);
  assertEquals((await house.kv.get(keys.session(sessionId))).value?.spent?.length, 1);
});

Deno.test("refresh() survives any order of turns, repeats and lost replies of KV", async () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant("use" as const), back: fc.integer({ min: 0, max: 2 }) }),
    fc.record({ kind: fc.constant("wait" as const), ms: fc.constantFrom(1_000, 20_000, 31_000) }),
  );
  const runs = fc.record({ steps: fc.array(step, { maxLength: 14 }), seed: fc.nat() });
  await fc.assert(
    fc.asyncProperty(runs, async ({ steps, seed }) => {
      using house = await openHouse({ seed });
      const { refreshToken, sessionId } = await signedIn(house);
      house.raw.inject({ lostReply: 0.3 });
      /** Every token ever given out, and when it was spent. */
      const given = [{ text: refreshToken, spentAt: Infinity }];
      let isOver = false;
      for (const action of steps) {
        if (action.kind === "wait") {
          house.clock.turn(action.ms);
          continue;
        }
        const index = Math.max(given.length - 1 - action.back, 0);
        const token = given[index];
        const isReuse = house.clock.now() - token.spentAt > 30_000;
        const answer = await house.identity.signIn.refresh(token.text).then(
          (pair) => pair.refreshToken,
          () => undefined,
        );
        isOver ||= isReuse;
        assertEquals(answer === undefined, isOver, "refused exactly when it is over");
        if (answer === undefined) continue;
        token.spentAt = Math.min(token.spentAt, house.clock.now());
        if (index === given.length - 1) given.push({ text: answer, spentAt: Infinity });
        else assertEquals(answer, given[index + 1].text, "one successor for each");
      }
      house.raw.heal();
      house.clock.turn(1_000);
      assertEquals(await isLive(house, sessionId), !isOver);
      assertEquals(house.events.length, isOver ? 1 : 0);
    }),
    { numRuns: 25 },
  );
});
