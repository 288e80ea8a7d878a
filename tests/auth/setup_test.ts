import { assert, assertEquals, assertMatch } from "@std/assert";
import { createAdmin } from "../../src/auth/create_admin.ts";
import { keys } from "../../src/kv/keys.ts";
import { MINUTE } from "../../src/time.ts";
import { CLIENT, codeOf, EMAIL, type House, openHouse, PASSWORD, pointersOf } from "./_identity.ts";

const BOOTSTRAP = "a bootstrap token of the tests, 32 bytes";

const redeem = ({ identity }: House, token: string, email = EMAIL, password = PASSWORD) =>
  identity.setup.redeem({ token, email, password }, "request-1");

Deno.test("redeem() makes the first admin with a link's token, once", async () => {
  using house = await openHouse();
  const { setup, signIn } = house.identity;
  assertEquals(await setup.isDone(), false);
  const token = await setup.openLink();
  assertMatch(token!, /^[\w-]{43}$/);
  const admin = await redeem(house, token!);
  assertEquals([admin.role, admin.email], ["admin", EMAIL]);
  assert(await setup.isDone());
  await signIn.withTokens({ email: EMAIL, password: PASSWORD, client: CLIENT });
  assertEquals(await codeOf(redeem(house, token!, "eva@shop.example")), "SETUP_DONE");
  assertEquals(await setup.openLink(), undefined);
});

Deno.test("redeem() makes one admin of 10 who hold the token at once", async () => {
  using house = await openHouse();
  const token = (await house.identity.setup.openLink())!;
  const codes = await Promise.all(
    Array.from({ length: 10 }, (_, n) => codeOf(redeem(house, token, `a${n}@shop.example`))),
  );
  assertEquals(codes.filter((code) => code === undefined).length, 1);
  assertEquals(codes.filter((code) => code === "SETUP_DONE").length, 9);
  assertEquals((await house.identity.accounts.list({ limit: 20 })).items.length, 1);
});

Deno.test("a link is good for 15 minutes, on every isolate, beside other links", async () => {
  using house = await openHouse();
  using other = await openHouse({ beside: house });
  const first = (await house.identity.setup.openLink())!;
  house.clock.turn(10 * MINUTE);
  const second = (await other.identity.setup.openLink())!;
  house.clock.turn(5 * MINUTE);
  assertEquals(await codeOf(redeem(other, first)), "SETUP_TOKEN_INVALID");
  assertEquals((await redeem(house, second)).role, "admin");
});

Deno.test("openLink() keeps the last 5 links", async () => {
  using house = await openHouse();
  const tokens: string[] = [];
  for (let start = 0; start < 6; start++) tokens.push((await house.identity.setup.openLink())!);
  assertEquals((await house.kv.get(keys.setupLinks())).value?.length, 5);
  assertEquals(await codeOf(redeem(house, tokens[0])), "SETUP_TOKEN_INVALID");
  assertEquals((await redeem(house, tokens[1])).role, "admin");
});

Deno.test("redeem() takes BOOTSTRAP_TOKEN, and then there is no link", async () => {
  using house = await openHouse({ bootstrapToken: BOOTSTRAP });
  assertEquals(await house.identity.setup.openLink(), undefined);
  for (const token of ["", BOOTSTRAP.slice(1), `${BOOTSTRAP} `]) {
    assertEquals(await codeOf(redeem(house, token)), "SETUP_TOKEN_INVALID");
  }
  assertEquals((await redeem(house, BOOTSTRAP)).role, "admin");
  assertEquals(await codeOf(redeem(house, BOOTSTRAP)), "SETUP_DONE");
});

Deno.test("openLink() opens none on Deploy", async () => {
  using house = await openHouse({ onDeploy: true, secret: "s".repeat(32) });
  assertEquals(await house.identity.setup.openLink(), undefined);
  assertEquals(await codeOf(redeem(house, "")), "SETUP_TOKEN_INVALID");
});

Deno.test("redeem() keeps the token when a field was not right", async () => {
  using house = await openHouse();
  const token = (await house.identity.setup.openLink())!;
  assertEquals(await pointersOf(redeem(house, token, "anna")), ["/email"]);
  assertEquals(await pointersOf(redeem(house, token, EMAIL, "short")), ["/password"]);
  assertEquals((await redeem(house, token)).role, "admin");
});

Deno.test("redeem() is done once when KV's answer is lost", async () => {
  using house = await openHouse();
  const token = (await house.identity.setup.openLink())!;
  house.raw.inject({ lostReply: 1 });
  assertEquals((await redeem(house, token)).role, "admin");
  const [entry] = (await house.identity.audit.list({ limit: 5 })).items;
  assertEquals([entry.by, entry.action], ["setup", "setup.redeem"]);
});

Deno.test("createAdmin() makes an admin beside others and closes set-up", async () => {
  using house = await openHouse();
  const token = (await house.identity.setup.openLink())!;
  const options = { kv: house.kv, clock: house.clock, password: PASSWORD };
  assertEquals((await createAdmin({ ...options, email: EMAIL })).role, "admin");
  assertEquals(await codeOf(redeem(house, token)), "SETUP_DONE");
  await createAdmin({ ...options, email: "eva@shop.example" });
  assertEquals(await codeOf(createAdmin({ ...options, email: EMAIL })), "EMAIL_TAKEN");
  const { signIn } = house.identity;
  await signIn.withTokens({ email: EMAIL, password: PASSWORD, client: CLIENT });
  const { value } = await house.kv.get(
    keys.account((await house.identity.accounts.list({ limit: 1 })).items[0].id),
  );
  assertMatch(value!.passwordHash, /^\$argon2id\$|^\$scrypt\$/);
});
