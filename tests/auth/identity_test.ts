import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { redact } from "../../src/log.ts";
import { ConfigError, parseConfig } from "../../src/config.ts";
import { stepOf, totpCode } from "../../src/auth/totp.ts";
import { MINUTE } from "../../src/time.ts";
import {
  BY,
  CLIENT,
  codeOf,
  EMAIL,
  fromBase32,
  openHouse,
  PASSWORD,
  SECRET_A,
} from "./_identity.ts";

Deno.test("createIdentity() refuses to start on Deploy without JWT_SECRET", async () => {
  using house = await openHouse();
  const onDeploy = () => openHouse({ beside: house, onDeploy: true });
  const error = await assertRejects(onDeploy, ConfigError);
  assert(error.message.startsWith("JWT_SECRET must be set"));
});

Deno.test("parseConfig() refuses short secrets of ours, and repeats none of them", () => {
  const wrong = { BOOTSTRAP_TOKEN: "hunter2", JWT_SECRET_PREVIOUS: `${SECRET_A},hunter3` };
  const { message } = assertThrows(() => parseConfig(wrong), ConfigError);
  for (const name of Object.keys(wrong)) assertStringIncludes(message, `${name} must be at least`);
  assertEquals(message.includes("hunter"), false);
  const right = parseConfig({ JWT_SECRET_PREVIOUS: `${SECRET_A}, ${"b".repeat(32)}` });
  assertEquals(right.JWT_SECRET_PREVIOUS, [SECRET_A, "b".repeat(32)]);
  const many = { JWT_SECRET_PREVIOUS: Array(6).fill("b".repeat(32)).join() };
  assertThrows(() => parseConfig(many), ConfigError);
});

Deno.test("createIdentity() reads nothing of KV, so that it starts while KV is out", async () => {
  using house = await openHouse();
  assertEquals(house.raw.counts.trips, 0);
});

/** Everything in KV as one text, with bytes as Latin-1 so that a text in them is found. */
async function dump(raw: { list(selector: { prefix: [] }): AsyncIterable<Deno.KvEntry<unknown>> }) {
  const bytes = (_: string, value: unknown) =>
    value instanceof Uint8Array ? String.fromCharCode(...value) : value;
  let text = "";
  for await (const entry of raw.list({ prefix: [] })) {
    text += JSON.stringify([entry.key, entry.value], bytes) + "\n";
  }
  return text;
}

Deno.test("no secret that passes through is found in KV or in the log", async () => {
  using house = await openHouse({ secret: SECRET_A });
  const { setup, signIn, secondFactors, apiKeys, sessions } = house.identity;
  const setupToken = (await setup.openLink())!;
  const { id } = await setup.redeem({ token: setupToken, email: EMAIL, password: PASSWORD }, "r");
  const { secret } = await secondFactors.enrol(id, BY);
  const bytes = fromBase32(secret);
  const code = totpCode(bytes, stepOf(house.clock.now()));
  const { recoveryCodes } = await secondFactors.confirm(id, code, BY);
  const credentials = { email: EMAIL, password: PASSWORD, code: recoveryCodes[0], client: CLIENT };
  const pair = await signIn.withTokens(credentials);
  const { cookie, csrfToken } = await signIn.withConsole({
    ...credentials,
    code: recoveryCodes[1],
  });
  const { refreshToken } = await signIn.refresh(pair.refreshToken);
  const { key } = await apiKeys.create({ name: "k", scopes: ["audit:read"] }, BY);
  // Failures log: KV is cut under each of them.
  const kept = await dump(house.raw);
  house.clock.turn(6 * MINUTE);
  house.raw.inject({ error: 1 });
  await house.tokens.verify(`Bearer ${key}`);
  await house.tokens.verify(`Bearer ${pair.accessToken}`);
  await codeOf(signIn.withTokens(credentials));
  await codeOf(signIn.refresh(refreshToken));
  await codeOf(sessions.byCookie(cookie).then(() => {}));
  assert(house.lines.length > 0, "the failures were logged");
  const secrets = {
    setupToken,
    PASSWORD,
    secret,
    totp: String.fromCharCode(...bytes),
    recovery: recoveryCodes[5],
    "recovery as hashed": recoveryCodes[5].replaceAll("-", "").toUpperCase(),
    access: pair.accessToken.split(".")[2],
    refresh: pair.refreshToken.split("_").at(-1)!,
    successor: refreshToken.slice(-40),
    cookie: cookie.slice(-40),
    csrfToken,
    apiKey: key.slice(8, 40),
    SECRET_A,
  };
  const logged = house.lines.join("\n");
  for (const [name, text] of Object.entries(secrets)) {
    assertEquals(kept.includes(text), false, `${name} in KV`);
    assertEquals(logged.includes(text), false, `${name} in the log`);
  }
  assertEquals(logged.includes(EMAIL), false);
  const careless = redact(`${pair.refreshToken} ${cookie} ${key} ${pair.accessToken}`);
  assertEquals(careless, "[token] [token] [token] [token]");
});
