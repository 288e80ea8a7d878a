import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { stepOf, totpCode } from "../../src/auth/totp.ts";
import { SECOND } from "../../src/time.ts";
import {
  BY,
  CLIENT,
  codeOf,
  fromBase32,
  type House,
  openHouse,
  PASSWORD,
  pointersOf,
  SECRET_A,
  signedIn,
} from "./_identity.ts";

const SECRET_B = "another secret of the house, 32 b";

/** What an authenticator app would do with the secret. */
const appOf = (secret: string) => (house: House) =>
  totpCode(fromBase32(secret), stepOf(house.clock.now()));

/** An account with a second factor; the clock is past the code that confirmed it. */
async function withFactor(house: House) {
  const signed = await signedIn(house);
  const { secondFactors } = house.identity;
  const { secret } = await secondFactors.enrol(signed.account.id, BY);
  const app = appOf(secret);
  const { recoveryCodes } = await secondFactors.confirm(signed.account.id, app(house), BY);
  house.clock.turn(60 * SECOND);
  const enter = (code?: string, password = PASSWORD) =>
    codeOf(
      house.identity.signIn.withTokens({ email: signed.email, password, code, client: CLIENT }),
    );
  return { ...signed, app: () => app(house), recoveryCodes, enter };
}

Deno.test("enrol() gives a secret that does not count before it is confirmed", async () => {
  using house = await openHouse();
  const { account, email } = await signedIn(house);
  const { secondFactors, signIn, accounts } = house.identity;
  const { secret, uri } = await secondFactors.enrol(account.id, BY);
  assertMatch(secret, /^[A-Z2-7]{32}$/);
  assertEquals(
    uri,
    `otpauth://totp/Gatehouse%3Aadmin%40shop.example?secret=${secret}&issuer=Gatehouse`,
  );
  await signIn.withTokens({ email, password: PASSWORD, client: CLIENT });
  assertEquals(await pointersOf(secondFactors.confirm(account.id, "12345x", BY)), ["/code"]);
  assertEquals((await accounts.get(account.id))?.hasSecondFactor, false);
  assertEquals(await codeOf(secondFactors.enrol("acc_nobody", BY)), "NOT_FOUND");
});

Deno.test("confirm() refuses the code of a secret that was replaced", async () => {
  using house = await openHouse();
  const { account } = await signedIn(house);
  const { secondFactors } = house.identity;
  const old = appOf((await secondFactors.enrol(account.id, BY)).secret);
  const current = appOf((await secondFactors.enrol(account.id, BY)).secret);
  assertEquals(
    await codeOf(secondFactors.confirm(account.id, old(house), BY)),
    "VALIDATION_FAILED",
  );
  await secondFactors.confirm(account.id, current(house), BY);
  assertEquals(await codeOf(secondFactors.enrol(account.id, BY)), "SECOND_FACTOR_ON");
  assertEquals(
    await codeOf(secondFactors.confirm(account.id, current(house), BY)),
    "SECOND_FACTOR_ON",
  );
});

Deno.test("sign-in asks for a code only when the password was right", async () => {
  using house = await openHouse();
  const { enter, app } = await withFactor(house);
  assertEquals(await enter(undefined, "wrong"), "INVALID_CREDENTIALS");
  assertEquals(await enter(undefined), "SECOND_FACTOR_REQUIRED");
  assertEquals(await enter(app(), "wrong"), "INVALID_CREDENTIALS");
  assertEquals(await enter("000000"), "INVALID_CREDENTIALS");
  assertEquals(await enter(`${app().slice(0, 3)} ${app().slice(3)}`), undefined);
  assertEquals(house.metrics.signIns.counts.get("second_factor"), 1);
});

Deno.test("a code is good once, also for two at the same time", async () => {
  using house = await openHouse();
  const { enter, app } = await withFactor(house);
  const codes = await Promise.all([enter(app()), enter(app())]);
  assertEquals(codes.toSorted(), ["INVALID_CREDENTIALS", undefined]);
  assertEquals(await enter(app()), "INVALID_CREDENTIALS");
  house.clock.turn(30 * SECOND);
  assertEquals(await enter(app()), undefined);
});

Deno.test("codes cannot be guessed faster by leaving the code out in between", async () => {
  using house = await openHouse();
  const { enter } = await withFactor(house);
  for (let count = 0; count < 5; count++) {
    assertEquals(await enter("000000"), "INVALID_CREDENTIALS");
    if (count < 4) assertEquals(await enter(undefined), "SECOND_FACTOR_REQUIRED");
  }
  assertEquals(await enter(undefined), "SIGN_IN_DELAYED");
  house.clock.turn(SECOND);
  assertEquals(await enter(undefined), "SECOND_FACTOR_REQUIRED");
  assertEquals(await enter("000000"), "INVALID_CREDENTIALS");
  assertEquals(await enter("000000"), "SIGN_IN_DELAYED");
});

Deno.test("each of the 10 recovery codes signs in once, however it is typed", async () => {
  using house = await openHouse();
  const { enter, recoveryCodes } = await withFactor(house);
  assertEquals(new Set(recoveryCodes).size, 10);
  for (const code of recoveryCodes) assertMatch(code, /^[a-z2-7]{4}(-[a-z2-7]{4}){3}$/);
  const [first, second] = recoveryCodes;
  assertEquals(await enter(first), undefined);
  assertEquals(await enter(first), "INVALID_CREDENTIALS");
  assertEquals(await enter(second.replaceAll("-", " ").toUpperCase()), undefined);
  assertEquals(await enter("aaaa-aaaa-aaaa-aaaa"), "INVALID_CREDENTIALS");
});

Deno.test("a session tells whether a second factor was asked", async () => {
  using house = await openHouse();
  const { account, app, enter, sessionId } = await withFactor(house);
  await enter(app());
  const sessions = await house.identity.sessions.list(account.id);
  assertEquals(sessions.map(({ secondFactor }) => secondFactor), [true, false]);
  assertEquals(sessions[1].id, sessionId);
});

Deno.test("disable() lets the password alone sign in again, and is in the audit log", async () => {
  using house = await openHouse();
  const { account, enter } = await withFactor(house);
  const { secondFactors, audit } = house.identity;
  assertEquals(await secondFactors.disable(account.id, BY), true);
  assertEquals(await secondFactors.disable(account.id, BY), false);
  const [{ action, target }] = (await audit.list({ limit: 1 })).items;
  assertEquals([action, target], ["second_factor.disable", account.id]);
  assertEquals(await enter(), undefined);
});

Deno.test("a second factor goes on through a change of JWT_SECRET, and then another", async () => {
  using first = await openHouse({ secret: SECRET_A });
  const { enter: _, app, email } = await withFactor(first);
  const enter = ({ identity }: House) =>
    codeOf(identity.signIn.withTokens({ email, password: PASSWORD, code: app(), client: CLIENT }));
  using second = await openHouse({ beside: first, secret: SECRET_B, previous: [SECRET_A] });
  assertEquals(await enter(second), undefined);
  first.clock.turn(60 * SECOND);
  using third = await openHouse({ beside: first, secret: SECRET_B });
  assertEquals(await enter(third), undefined, "SECRET_A may be left out once it was wrapped anew");
  first.clock.turn(60 * SECOND);
  using lost = await openHouse({ beside: first, secret: "c".repeat(32) });
  const error = await assertRejects(() => enter(lost), Error);
  assert(error.message.startsWith("Cannot open what is sealed"));
});
