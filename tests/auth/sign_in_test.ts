import { assert, assertEquals } from "@std/assert";
import { createPasswords } from "../../src/auth/passwords.ts";
import { keys } from "../../src/kv/keys.ts";
import { SECOND } from "../../src/time.ts";
import {
  BY,
  CLIENT,
  codeOf,
  EMAIL,
  type House,
  openHouse,
  PASSWORD,
  pointersOf,
  refusalOf,
} from "./_identity.ts";

const enter = ({ identity }: House, email: string, password: string, code?: string) =>
  identity.signIn.withTokens({ email, password, code, client: CLIENT });

async function openHouseOfAnna(): Promise<House> {
  const house = await openHouse();
  await house.identity.accounts.create({ email: EMAIL, password: PASSWORD, role: "user" }, BY);
  return house;
}

Deno.test("withTokens() takes the address in any spelling and notes the time", async () => {
  using house = await openHouseOfAnna();
  const { account } = await enter(house, " ANNA@shop.example ", PASSWORD);
  assertEquals(account.lastSignInAt, house.clock.now());
  assertEquals(house.metrics.signIns.counts.get("ok"), 1);
});

Deno.test("withTokens() answers alike for a wrong password, no account, and a disabled one", async () => {
  using house = await openHouseOfAnna();
  const { accounts } = house.identity;
  const eva = { email: "eva@shop.example", password: PASSWORD, role: "user" as const };
  await accounts.disable((await accounts.create(eva, BY)).id, BY);
  const attempts = [[EMAIL, "wrong"], ["nobody@shop.example", PASSWORD], [eva.email, PASSWORD]];
  const seen = [];
  for (const [email, password] of [...attempts, ["no address", PASSWORD]]) {
    house.raw.resetCounts();
    const { code, options } = (await refusalOf(enter(house, email, password)))!;
    seen.push({ code, options, ...house.raw.counts });
  }
  for (const one of seen) assertEquals(one, seen[0]);
  assertEquals(seen[0].code, "INVALID_CREDENTIALS");
});

Deno.test("withTokens() delays alike for accounts that are and are not", async () => {
  using house = await openHouseOfAnna();
  for (const email of [EMAIL, "nobody@shop.example"]) {
    for (let count = 0; count < 5; count++) {
      assertEquals(await codeOf(enter(house, email, "wrong")), "INVALID_CREDENTIALS");
    }
    const refusal = await refusalOf(enter(house, email, PASSWORD));
    assertEquals(refusal?.code, "SIGN_IN_DELAYED");
    assertEquals(refusal?.options.headers, { "retry-after": "1" });
  }
  assertEquals(house.events.map((event) => event.type), ["sign_in_delayed", "sign_in_delayed"]);
  house.clock.turn(SECOND);
  await enter(house, EMAIL, PASSWORD);
  assertEquals(house.metrics.signIns.counts.get("delayed"), 2);
});

Deno.test("withTokens() forgets the failures once it succeeds", async () => {
  using house = await openHouseOfAnna();
  for (let round = 0; round < 3; round++) {
    for (let count = 0; count < 4; count++) await codeOf(enter(house, EMAIL, "wrong"));
    await enter(house, EMAIL, PASSWORD);
  }
});

Deno.test("withTokens() refuses a megabyte before it does anything", async () => {
  using house = await openHouseOfAnna();
  house.raw.resetCounts();
  assertEquals(await pointersOf(enter(house, EMAIL, "x".repeat(1_000_000))), ["/password"]);
  assertEquals(house.raw.counts.trips, 0);
});

Deno.test("withTokens() hashes anew what an older or weaker algorithm hashed", async () => {
  using house = await openHouseOfAnna();
  const { account } = await enter(house, EMAIL, PASSWORD);
  const { value } = await house.kv.get(keys.account(account.id));
  const passwordHash = await createPasswords({ algorithm: "scrypt" }).hash(PASSWORD);
  await house.kv.commit((atomic) =>
    atomic.set(keys.account(account.id), { ...value!, passwordHash })
  );
  await enter(house, EMAIL, PASSWORD);
  const renewed = (await house.kv.get(keys.account(account.id))).value!.passwordHash;
  assertEquals(renewed.split("$")[1], value!.passwordHash.split("$")[1]);
  await enter(house, EMAIL, PASSWORD);
});

Deno.test("withTokens() is closed while KV is out", async () => {
  using house = await openHouseOfAnna();
  house.raw.inject({ error: 1 });
  assertEquals(await codeOf(enter(house, EMAIL, PASSWORD)), "TEMPORARILY_UNAVAILABLE");
});

Deno.test("withTokens() opens one session when KV's answers are lost", async () => {
  using house = await openHouseOfAnna();
  house.raw.inject({ lostReply: 0.5 });
  const { account, sessionId } = await enter(house, EMAIL, PASSWORD);
  house.raw.heal();
  const ids = (await house.identity.sessions.list(account.id)).map(({ id }) => id);
  assertEquals(ids, [sessionId]);
});

Deno.test("a flood of passwords is turned away and makes no failures of others' attempts", async () => {
  using house = await openHouseOfAnna();
  const flood = Array.from({ length: 60 }, (_, n) => codeOf(enter(house, `u${n}@x.example`, "no")));
  const codes = await Promise.all([...flood, codeOf(enter(house, EMAIL, PASSWORD))]);
  assert(codes.includes("TEMPORARILY_UNAVAILABLE"));
  const allowed = ["INVALID_CREDENTIALS", "TEMPORARILY_UNAVAILABLE", undefined];
  assertEquals(codes.filter((code) => !allowed.includes(code)), []);
  for (let count = 0; count < 5; count++) {
    assertEquals(await codeOf(enter(house, EMAIL, "wrong")), "INVALID_CREDENTIALS");
  }
});
