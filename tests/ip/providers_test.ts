import { assert, assertEquals, assertRejects } from "@std/assert";
import abuse from "../../fixtures/providers/abuseipdb.json" with { type: "json" };
import quality from "../../fixtures/providers/ipqualityscore.json" with { type: "json" };
import { createAbuseIpdb } from "../../src/ip/abuseipdb.ts";
import { createIpQualityScore } from "../../src/ip/ipqualityscore.ts";
import { ProviderError } from "../../src/ip/reputation_provider.ts";
import { DAY } from "../../src/time.ts";
import { createTestClock } from "../_clock.ts";
import { type Reply, serveProvider } from "./_provider_server.ts";

const KEY = "k3y-of-the-test";
const IP = "8.8.4.4";
const signal = new AbortController().signal;
const clock = createTestClock();

const CREATE = { abuseipdb: createAbuseIpdb, ipqualityscore: createIpQualityScore };
type Name = keyof typeof CREATE;

/** What the provider makes of one reply, and the request it sent for it. */
async function check(name: Name, reply: Reply, ip = IP) {
  await using server = serveProvider(reply);
  const options = { key: KEY, baseUrl: server.url, dailyQuota: 10, fetch, clock };
  const opinion = await CREATE[name](options).check(ip, signal);
  return { opinion, request: server.requests[0] };
}

const opinion = async (name: Name, body: unknown) => (await check(name, { body })).opinion;

/** The error a reply leads to; it never quotes the key. */
async function errorOf(name: Name, reply: Reply): Promise<ProviderError> {
  const error = await assertRejects(() => check(name, reply));
  assert(error instanceof ProviderError, String(error));
  assert(!`${error} ${error.stack} ${error.cause}`.includes(KEY), "the key is in the error");
  return error;
}

const kindOf = async (name: Name, reply: Reply) => (await errorOf(name, reply)).kind;

Deno.test("abuseipdb.check() asks as its documentation says", async () => {
  const { opinion, request } = await check("abuseipdb", { body: abuse.clean }, "2001:4860::1");
  assertEquals(opinion, { score: 0, country: "US", isDoubtful: false });
  assertEquals(request.path, "/api/v2/check?ipAddress=2001%3A4860%3A%3A1&maxAgeInDays=90");
  assertEquals([request.headers.get("key"), request.headers.get("accept")], [
    KEY,
    "application/json",
  ]);
});

Deno.test("abuseipdb.check() weighs confidence, age, reporters, Tor and its white list", async () => {
  const data = abuse.bad.data;
  const scoreOf = async (change: object) =>
    (await opinion("abuseipdb", { data: { ...data, ...change } })).score;
  assertEquals(await scoreOf({}), 0.9);
  assertEquals(await scoreOf({ abuseConfidenceScore: 50 }), 0.45);
  assertEquals(await scoreOf({ numDistinctUsers: 2 }), 0.45);
  const old = new Date(clock.now() - 31 * DAY).toISOString();
  assertEquals(await scoreOf({ lastReportedAt: old }), 0.45);
  assertEquals(await scoreOf({ isTor: true }), 1);
  assertEquals(await scoreOf({ isWhitelisted: true }), 0);
  assertEquals((await opinion("abuseipdb", abuse.bad)).isDoubtful, true);
});

Deno.test("ipqualityscore.check() asks as its documentation says", async () => {
  const { opinion, request } = await check("ipqualityscore", { body: quality.clean });
  assertEquals(opinion, { score: 0, country: "US", isDoubtful: false });
  assertEquals(
    request.path,
    `/api/json/ip/${KEY}/${IP}?strictness=0&allow_public_access_points=true&fast=true`,
  );
});

Deno.test("ipqualityscore.check() follows its scale, and lets search engines be", async () => {
  const scoreOf = async (change: object) =>
    (await opinion("ipqualityscore", { ...quality.bad, ...change })).score;
  const scale = [100, 90, 89, 85, 84, 75, 74, 0].map((fraud_score) => scoreOf({ fraud_score }));
  assertEquals(await Promise.all(scale), [0.8, 0.8, 0.6, 0.6, 0.3, 0.3, 0, 0]);
  assertEquals(await scoreOf({ is_crawler: true }), 0);
  assertEquals(await scoreOf({ tor: true }), 1);
});

const FAILURES: readonly (readonly [string, Reply, ProviderError["kind"]])[] = [
  ["401", { status: 401, body: abuse.invalidKey }, "refused"],
  ["422", { status: 422, body: abuse.invalidAddress }, "unknown"],
  ["429", { status: 429, body: abuse.quota, headers: { "retry-after": "120" } }, "quota"],
  ["500", { status: 500, body: "oops" }, "failed"],
  ["a redirect", { status: 302, headers: { location: "http://127.0.0.1:1/" } }, "failed"],
  ["nonsense", { body: "<html>nonsense" }, "failed"],
  ["another JSON", { body: { hello: "world" } }, "failed"],
  ["a list", { body: [] }, "failed"],
  ["a huge body", { body: "[" + " ".repeat(70_000) + "]" }, "failed"],
  ["a score out of range", {
    body: { success: true, fraud_score: 101, data: { abuseConfidenceScore: 101 } },
  }, "failed"],
];

for (const name of ["abuseipdb", "ipqualityscore"] as const) {
  for (const [what, reply, kind] of FAILURES) {
    Deno.test(`${name}.check() answers ${what} with the error "${kind}"`, async () => {
      assertEquals(await kindOf(name, reply), kind);
    });
  }

  Deno.test(`${name}.check() gives up on silence after 1.5 s, and on a server that is not there`, async () => {
    const startedAt = performance.now();
    assertEquals(await kindOf(name, { hang: true }), "failed");
    assert(performance.now() - startedAt < 4_000);
    const baseUrl = new URL("http://127.0.0.1:1/");
    const provider = CREATE[name]({ key: KEY, baseUrl, dailyQuota: 10, fetch, clock });
    await assertRejects(() => provider.check(IP, signal), ProviderError, "no answer");
  });
}

Deno.test("ipqualityscore.check() understands refusals that come with status 200", async () => {
  assertEquals(await kindOf("ipqualityscore", { body: quality.quota }), "quota");
  assertEquals(await kindOf("ipqualityscore", { body: quality.invalidKey }), "refused");
  assertEquals(await kindOf("ipqualityscore", { body: quality.invalidAddress }), "unknown");
  assertEquals(await kindOf("ipqualityscore", { body: { success: false } }), "failed");
  assertEquals(await kindOf("ipqualityscore", { body: { success: true } }), "failed");
});

Deno.test("a provider's Retry-After is believed up to a day", async () => {
  const retryAfterMs = async (seconds: string) => {
    const reply = { status: 429, headers: { "retry-after": seconds } };
    return (await errorOf("abuseipdb", reply)).retryAfterMs;
  };
  assertEquals(await retryAfterMs("120"), 120_000);
  assertEquals(await retryAfterMs("9999999"), DAY);
  assertEquals(await retryAfterMs("soon"), 3_600_000);
});
