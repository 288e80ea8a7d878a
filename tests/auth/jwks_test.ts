import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import type { JWK } from "jose";
import { createLog } from "../../src/log.ts";
import { bearer, CLAIMS, NOW_MS, type Pair, pair, SECRET, verifier } from "./_tokens.ts";
import { createTestClock } from "../_clock.ts";

const JWKS_URL = new URL("https://id.example/jwks.json");

/** An issuer whose answers the test chooses, and which counts how often it is asked. */
function issuer(first: () => Response | Promise<Response>) {
  const state = { answer: first, asked: 0, open: 0, openMax: 0 };
  const fetch: typeof globalThis.fetch = async (input, init) => {
    assertEquals(String(input), JWKS_URL.href);
    state.asked++;
    state.openMax = Math.max(state.openMax, ++state.open);
    const aborted = new Promise<never>((_, reject) => {
      init?.signal?.addEventListener("abort", () => reject(init.signal?.reason));
    });
    try {
      return await Promise.race([aborted, Promise.resolve().then(state.answer)]);
    } finally {
      state.open--;
    }
  };
  return { state, fetch };
}

const published = (...keys: readonly JWK[]) => () => Response.json({ keys });
const failing = () => new Response("down", { status: 503 });

const signed = ({ privateKey }: Pair, alg: string, kid?: string, sub = "user-7") =>
  bearer({ ...CLAIMS, exp: CLAIMS.exp + 172_800, sub }, privateKey, { alg, kid });

Deno.test("verify() finds the key by its id in the published set", async () => {
  const [old, current] = [await pair("RS256", "old"), await pair("ES256", "new")];
  const { fetch, state } = issuer(published(old.jwk, current.jwk));
  const tokens = verifier({ jwksUrl: JWKS_URL, fetch });
  assertEquals((await tokens.verify(await signed(old, "RS256", "old", "a")))?.id, "a");
  assertEquals((await tokens.verify(await signed(current, "ES256", "new", "b")))?.id, "b");
  assertEquals(state.asked, 1);
});

Deno.test("verify() asks the issuer once, however many tokens come at once", async () => {
  const key = await pair("EdDSA", "k");
  const { fetch, state } = issuer(published(key.jwk));
  const tokens = verifier({ jwksUrl: JWKS_URL, fetch });
  const headers = await Promise.all(
    Array.from({ length: 50 }, (_, index) => signed(key, "EdDSA", "k", `user-${index}`)),
  );
  const users = await Promise.all(headers.map((header) => tokens.verify(header)));
  assert(users.every((user) => user !== null));
  assertEquals([state.asked, state.openMax], [1, 1]);
});

Deno.test("verify() tries each key of a kind for a token without key id", async () => {
  const [one, two] = [await pair("ES256"), await pair("ES256")];
  const { fetch } = issuer(published(one.jwk, two.jwk));
  const tokens = verifier({ jwksUrl: JWKS_URL, fetch });
  assertEquals((await tokens.verify(await signed(two, "ES256")))?.id, "user-7");
  assertEquals(await tokens.verify(await signed(await pair("ES256"), "ES256")), null);
});

Deno.test("verify() fetches again for a new key id, but not twice in 30 seconds", async () => {
  const [old, next] = [await pair("ES256", "old"), await pair("ES256", "next")];
  const { fetch, state } = issuer(published(old.jwk));
  const clock = createTestClock(NOW_MS);
  const tokens = verifier({ jwksUrl: JWKS_URL, fetch, clock });
  assert(await tokens.verify(await signed(old, "ES256", "old")));
  state.answer = published(old.jwk, next.jwk);
  const header = await signed(next, "ES256", "next");
  assertEquals(await tokens.verify(header), null);
  assertEquals(tokens.peek(header), undefined, "not known to be bad, as it could not be looked up");
  clock.turn(30_000);
  assertEquals((await tokens.verify(header))?.id, "user-7");
  assertEquals(state.asked, 2);
});

Deno.test("verify() cannot be made to hammer the issuer by invented key ids", async () => {
  const key = await pair("ES256", "k");
  const { fetch, state } = issuer(published(key.jwk));
  const clock = createTestClock(NOW_MS);
  const tokens = verifier({ jwksUrl: JWKS_URL, fetch, clock });
  const header = await signed(key, "ES256", "invented");
  for (let second = 0; second < 120; second++) {
    await tokens.verify(header);
    clock.turn(1_000);
  }
  assertLessOrEqual(state.asked, 5);
});

Deno.test("verify() refreshes old keys beside the request, and notices a withdrawn one", async () => {
  const [old, next] = [await pair("ES256", "old"), await pair("ES256", "next")];
  const { fetch, state } = issuer(published(old.jwk));
  const clock = createTestClock(NOW_MS);
  const tokens = verifier({ jwksUrl: JWKS_URL, fetch, clock });
  await tokens.verify(await signed(old, "ES256", "old", "a"));
  state.answer = published(next.jwk);
  clock.turn(600_001);
  assert(await tokens.verify(await signed(old, "ES256", "old", "b")), "answered with the old set");
  await new Promise((resolve) => setTimeout(resolve, 5));
  assertEquals(state.asked, 2);
  assertEquals(await tokens.verify(await signed(old, "ES256", "old", "c")), null);
});

Deno.test("verify() goes on with the keys it has while the issuer is down, for a day", async () => {
  const key = await pair("ES256", "k");
  const { fetch, state } = issuer(published(key.jwk));
  const clock = createTestClock(NOW_MS);
  const tokens = verifier({ jwksUrl: JWKS_URL, fetch, clock });
  await tokens.verify(await signed(key, "ES256", "k", "a"));
  state.answer = failing;
  for (let hour = 1; hour <= 23; hour++) {
    clock.turn(3_600_000);
    assert(await tokens.verify(await signed(key, "ES256", "k", `user-${hour}`)), `hour ${hour}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  clock.turn(3_600_001);
  assertEquals(await tokens.verify(await signed(key, "ES256", "k", "late")), null);
});

Deno.test("verify() has no user while keys were never read, and asks every 5 seconds", async () => {
  const key = await pair("ES256", "k");
  const { fetch, state } = issuer(failing);
  const clock = createTestClock(NOW_MS);
  const lines: string[] = [];
  const log = createLog({ level: "info", clock, write: (line) => lines.push(line) });
  const tokens = verifier({ jwksUrl: JWKS_URL, fetch, clock, log });
  const header = await signed(key, "ES256", "k");
  for (let second = 0; second < 10; second++) {
    assertEquals(await tokens.verify(header), null);
    clock.turn(1_000);
  }
  assertEquals([state.asked, lines.length], [2, 2]);
  state.answer = published(key.jwk);
  assertEquals((await tokens.verify(header))?.id, "user-7");
});

Deno.test("verify() waits at most 3 seconds for an issuer that does not answer", async () => {
  const key = await pair("ES256", "k");
  const header = await signed(key, "ES256", "k");
  const { fetch, state } = issuer(() => new Promise<Response>(() => {}));
  const tokens = verifier({ jwksUrl: JWKS_URL, fetch });
  using time = new FakeTime();
  let answer: unknown = "waiting";
  const settled = tokens.verify(header).then((user) => answer = user);
  await time.tickAsync(2_999);
  assertEquals([answer, state.open], ["waiting", 1]);
  await time.tickAsync(1);
  await settled;
  assertEquals([answer, state.open], [null, 0]);
});

Deno.test("verify() takes no answer that is not a set of public keys", async () => {
  const key = await pair("ES256", "k");
  const answers: readonly (() => Response)[] = [
    () => new Response("not json"),
    () => Response.json(null),
    () => Response.json({ keys: [] }),
    () => Response.json({ keys: "many" }),
    () => Response.json({ keys: [{ kty: "oct", k: "AAAA" }] }),
    () => Response.json({ keys: Array.from({ length: 101 }, () => key.jwk) }),
    () => Response.json({ keys: [key.jwk], filler: "x".repeat(300_000) }),
    () => Response.json({ keys: [key.jwk] }, { status: 404 }),
  ];
  for (const answer of answers) {
    const tokens = verifier({ jwksUrl: JWKS_URL, fetch: issuer(answer).fetch });
    assertEquals(await tokens.verify(await signed(key, "ES256", "k")), null);
  }
});

Deno.test("verify() never takes a published key for a shared secret", async () => {
  const secret = new TextEncoder().encode(SECRET);
  const oct = { kty: "oct", kid: "k", alg: "HS256", k: secret.toBase64({ alphabet: "base64url" }) };
  const key = await pair("RS256", "k");
  const { fetch, state } = issuer(published(oct, key.jwk));
  const tokens = verifier({ jwksUrl: JWKS_URL, fetch });
  assertEquals(await tokens.verify(await bearer(CLAIMS, SECRET, { kid: "k" })), null);
  assertEquals(state.asked, 0, "HS256 is not even looked up");
});

Deno.test("verify() survives keys that cannot be used, and says so at most once a minute", async () => {
  const [whole, strong] = [await pair("ES256", "whole"), await pair("RS256", "small")];
  const clock = createTestClock(NOW_MS);
  const lines: string[] = [];
  const log = createLog({ level: "info", clock, write: (line) => lines.push(line) });
  const broken = { kty: "EC", crv: "P-256", kid: "broken", x: "AAAA", y: "AAAA" };
  const small = { ...strong.jwk, n: strong.jwk.n?.slice(0, 171) };
  const { fetch } = issuer(published(broken, small, whole.jwk));
  const tokens = verifier({ jwksUrl: JWKS_URL, fetch, clock, log });
  for (let index = 0; index < 10; index++) {
    const sub = `user-${index}`;
    assertEquals(await tokens.verify(await signed(whole, "ES256", "broken", sub)), null);
    assertEquals(await tokens.verify(await signed(strong, "RS256", "small", sub)), null);
  }
  assertEquals(lines.length, 1);
  clock.turn(60_000);
  await tokens.verify(await signed(strong, "RS256", "small"));
  assertEquals(lines.length, 2);
  assert(await tokens.verify(await signed(whole, "ES256", "whole")));
});
