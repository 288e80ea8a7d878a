import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { redact } from "../../src/log.ts";
import { createTestClock } from "../_clock.ts";
import { bearer, CLAIMS, NOW_MS, NOW_S, SECRET, verifier } from "./_tokens.ts";

Deno.test("verify() answers the user of a token that verifies", async () => {
  const header = await bearer({ ...CLAIMS, roles: ["admin", "analyst"] });
  assertEquals(await verifier({ secret: SECRET }).verify(header), {
    id: "user-7",
    expiresAt: (NOW_S + 630) * 1_000,
    roles: ["admin", "analyst"],
    realm: "site",
  });
});

Deno.test("peek() is null for a request without a token, undefined before the first verify", async () => {
  const tokens = verifier({ secret: SECRET });
  const header = await bearer();
  assertEquals(tokens.peek(null), null);
  assertEquals(tokens.peek(header), undefined);
  const user = await tokens.verify(header);
  assertStrictEquals(tokens.peek(header), user);
});

Deno.test("peek() forgets a good token when it expires", async () => {
  const clock = createTestClock(NOW_MS);
  const tokens = verifier({ secret: SECRET, clock });
  const header = await bearer({ ...CLAIMS, exp: NOW_S + 60 });
  await tokens.verify(header);
  clock.turn(89_999);
  assertEquals(tokens.peek(header)?.id, "user-7");
  clock.turn(1);
  assertEquals(tokens.peek(header), undefined);
  assertEquals(await tokens.verify(header), null);
});

Deno.test("peek() asks for a check again after 5 minutes", async () => {
  const clock = createTestClock(NOW_MS);
  const tokens = verifier({ secret: SECRET, clock });
  const header = await bearer({ ...CLAIMS, exp: NOW_S + 86_400 });
  await tokens.verify(header);
  clock.turn(299_999);
  assert(tokens.peek(header));
  clock.turn(1);
  assertEquals(tokens.peek(header), undefined);
});

Deno.test("peek() knows a bad token for a minute, and then asks again", async () => {
  const clock = createTestClock(NOW_MS);
  const tokens = verifier({ secret: SECRET, clock });
  const header = await bearer(CLAIMS, "another secret, of 32 bytes also");
  assertEquals(tokens.peek(header), undefined);
  assertEquals(await tokens.verify(header), null);
  assertEquals(tokens.peek(header), null);
  clock.turn(60_000);
  assertEquals(tokens.peek(header), undefined);
});

Deno.test("peek() accepts the scheme in any case, and no other scheme", async () => {
  const header = await bearer();
  const token = header.slice("Bearer ".length);
  const tokens = verifier({ secret: SECRET });
  for (const accepted of [`bearer ${token}`, `BEARER   ${token}`, `Bearer ${token} `]) {
    assertEquals((await tokens.verify(accepted))?.id, "user-7", accepted.slice(0, 12));
  }
  const refused = [
    "",
    "Bearer",
    "Bearer ",
    token,
    `Basic ${token}`,
    `Token ${token}`,
    `Bearer${token}`,
    `Bearer\t${token}`,
    ` Bearer ${token}`,
    `Bearer ${token}, Bearer ${token}`,
    `Bearer ${token} x`,
    `Bearer "${token}"`,
    `Bearer access_token=${token}&x=`,
    `?access_token=${token}`,
  ];
  for (const header of refused) assertEquals(tokens.peek(header), null, header.slice(0, 20));
});

Deno.test("verify() has no user without a key to check with", async () => {
  const tokens = verifier();
  const header = await bearer();
  assertEquals(tokens.peek(header), null);
  assertEquals(await tokens.verify(header), null);
});

Deno.test("peek() refuses a header over 8 KiB without keeping it", async () => {
  const tokens = verifier({ secret: SECRET, demoTokens: true });
  const huge = await bearer({ ...CLAIMS, filler: "x".repeat(8_192) });
  assertEquals(tokens.peek(huge), null);
  assertEquals(await tokens.verify(huge), null);
  assertEquals(tokens.peek(`Bearer ${"a".repeat(10_000_000)}`), null);
  const large = await bearer({ ...CLAIMS, filler: "x".repeat(5_500) });
  assertEquals((await tokens.verify(large))?.id, "user-7");
});

Deno.test("peek() maps demo tokens of exactly one form", () => {
  const tokens = verifier({ demoTokens: true });
  const of = (token: string) => tokens.peek(`Bearer ${token}`)?.id;
  assertEquals(of("user-token-123"), "user-token");
  assertEquals(of("alice-demo-user-token-7"), "alice-demo-user-token");
  assertEquals(tokens.peek("Bearer user-token-123"), {
    id: "user-token",
    expiresAt: NOW_MS + 300_000,
    roles: [],
    realm: "site",
  });
  const refused = [
    "user-token",
    "user-token-",
    "user-token-12a",
    "User-token-1",
    "user_token-1",
    "user--token-1",
    "-user-token-1",
    "user-1",
    "user-1-token-2",
    "a-b-c-d-e-1",
    "user-token-1234567890",
    "user-token-1.2",
    `${"a".repeat(21)}-token-1`,
  ];
  for (const token of refused) assertEquals(of(token), undefined, token);
});

Deno.test("peek() believes no demo token outside the demo", async () => {
  assertEquals(verifier().peek("Bearer user-token-123"), null);
  const tokens = verifier({ secret: SECRET });
  assertEquals(await tokens.verify("Bearer user-token-123"), null);
});

Deno.test("verify() writes nothing of a token that our log would keep", async () => {
  const header = await bearer();
  assertEquals(redact(header).includes(header.slice(40, 60)), false);
});
