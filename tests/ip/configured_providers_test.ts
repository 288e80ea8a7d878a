import { assert, assertEquals } from "@std/assert";
import abuse from "../../fixtures/providers/abuseipdb.json" with { type: "json" };
import quality from "../../fixtures/providers/ipqualityscore.json" with { type: "json" };
import { parseConfig } from "../../src/config.ts";
import { configuredProviders } from "../../src/ip/configured_providers.ts";
import { createReputation } from "../../src/ip/reputation.ts";
import { openKv } from "../../src/kv/open.ts";
import { createLog, silentLog } from "../../src/log.ts";
import { createTestClock } from "../_clock.ts";
import { serveProvider } from "./_provider_server.ts";

const KEYS = { ABUSEIPDB_KEY: "abuse-key-1", IPQUALITYSCORE_KEY: "quality-key-1" };
const CLIENT = { ip: "8.8.4.4", subject: "8.8.4.4" };

async function createBed(env: Record<string, string>) {
  const clock = createTestClock();
  const lines: string[] = [];
  const log = createLog({ level: "debug", clock, write: (line) => lines.push(line) });
  const kv = await openKv({ path: ":memory:", clock, log: silentLog });
  const config = parseConfig(env);
  const providers = configuredProviders({ config, fetch, kv, clock, log, onLookup() {} });
  const salt = () => Promise.resolve("s");
  const reputation = createReputation({ providers, feedScore: () => 0, kv, clock, salt });
  return {
    providers,
    reputation,
    lines,
    async [Symbol.asyncDispose]() {
      await reputation.stop();
      kv.close();
    },
  };
}

Deno.test("configuredProviders() are those with a key", async () => {
  await using none = await createBed({});
  await using both = await createBed(KEYS);
  assertEquals([none.providers.length, both.providers.length], [0, 2]);
  assertEquals(both.providers.map(({ isCostly }) => isCostly), [false, true]);
});

Deno.test("both providers, as they are configured, make one reputation", async () => {
  await using abuseIpdb = serveProvider({ body: abuse.bad });
  await using ipQualityScore = serveProvider({ body: quality.bad });
  const urls = { ABUSEIPDB_URL: abuseIpdb.url.href, IPQUALITYSCORE_URL: ipQualityScore.url.href };
  await using bed = await createBed({ ...KEYS, ...urls });
  bed.reputation.want(CLIENT);
  await bed.reputation.idle();
  assertEquals([bed.reputation.peek(CLIENT), bed.reputation.country(CLIENT)], [0.9, "NL"]);
  assertEquals([abuseIpdb.requests.length, ipQualityScore.requests.length], [1, 1]);
});

Deno.test("providers that are down, slow or talk nonsense change no reputation and leak no key", async () => {
  for (const reply of [{ status: 500 }, { hang: true }, { body: "<html>" }, { status: 401 }]) {
    await using server = serveProvider(reply);
    const urls = { ABUSEIPDB_URL: server.url.href, IPQUALITYSCORE_URL: server.url.href };
    await using bed = await createBed({ ...KEYS, ...urls });
    bed.reputation.want(CLIENT, 0.9);
    const startedAt = performance.now();
    assertEquals(bed.reputation.peek(CLIENT), undefined);
    assert(performance.now() - startedAt < 50, "a request's own look is into memory");
    await bed.reputation.idle();
    assertEquals(bed.reputation.peek(CLIENT), undefined);
    assert(!bed.lines.join().includes("-key-1"));
  }
});
