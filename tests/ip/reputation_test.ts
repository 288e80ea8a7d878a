import { assert, assertEquals } from "@std/assert";
import { createProviderDoor } from "../../src/ip/provider_door.ts";
import { createReputation } from "../../src/ip/reputation.ts";
import {
  type Opinion,
  ProviderError,
  type ReputationProvider,
} from "../../src/ip/reputation_provider.ts";
import { openKv } from "../../src/kv/open.ts";
import { createLog, silentLog } from "../../src/log.ts";
import { HOUR, MINUTE, SECOND } from "../../src/time.ts";
import { createTestClock } from "../_clock.ts";
import { createFaultKv } from "../_fault_kv.ts";

const CLIENT = { ip: "8.8.4.4", subject: "8.8.4.4" };
const clientOf = (at: number) => ({ ip: `8.8.${at >> 8}.${at & 255}`, subject: `${at}` });

/** A provider that says what a test tells it to, and who was asked about. */
function createOracle(over: Partial<ReputationProvider> = {}) {
  const asked: string[] = [];
  const oracle = { asked, says: { score: 0, isDoubtful: false } as Opinion | ProviderError };
  const provider: ReputationProvider = {
    name: "abuseipdb",
    dailyQuota: 1_000,
    isCostly: false,
    check(ip) {
      asked.push(ip);
      const { says } = oracle;
      return says instanceof Error ? Promise.reject(says) : Promise.resolve(says);
    },
    ...over,
  };
  return Object.assign(oracle, { provider });
}

async function createBed(
  oracles = [createOracle()],
  { isolates = 1, feedScore = () => 0 }: {
    readonly isolates?: number;
    readonly feedScore?: () => number;
  } = {},
) {
  const over = await Deno.openKv(":memory:");
  const clock = createTestClock();
  const results: string[] = [];
  const lines: string[] = [];
  const log = createLog({ level: "info", clock, write: (line) => lines.push(line) });
  const fleet = await Promise.all(Array.from({ length: isolates }, async (_, seed) => {
    const raw = await createFaultKv({ over, seed });
    const kv = await openKv({ path: ":memory:", raw, clock, log: silentLog, deadlineMs: 5_000 });
    const doors = oracles.map(({ provider }) =>
      createProviderDoor({ provider, kv, clock, log, onLookup: (result) => results.push(result) })
    );
    const salt = () => Promise.resolve("salt");
    const options = { providers: doors, feedScore, kv, clock, salt, random: () => 0.5 };
    return { raw, reputation: createReputation(options) };
  }));
  const { reputation, raw } = fleet[0];
  return {
    clock,
    results,
    lines,
    raw,
    reputation,
    fleet,
    oracle: oracles[0],
    over,
    /** Looks a client up and answers what is known then. */
    async lookUp(client = CLIENT, payload?: number) {
      reputation.want(client, payload);
      await reputation.idle();
      return reputation.peek(client);
    },
    async [Symbol.asyncDispose]() {
      for (const { reputation, raw } of fleet) {
        await reputation.stop();
        raw.close();
      }
      over.close();
    },
  };
}

Deno.test("reputation.peek() knows what a look-up found, and the country", async () => {
  await using bed = await createBed();
  bed.oracle.says = { score: 0.9, country: "NL", isDoubtful: true };
  assertEquals(bed.reputation.peek(CLIENT), undefined);
  assertEquals(await bed.lookUp(), 0.9);
  assertEquals(bed.reputation.country(CLIENT), "NL");
  assertEquals(bed.results, ["abuseipdb.ok"]);
});

Deno.test("reputation keeps a clean address for 24 h, a bad one for 6 h, a failure for 1 h", async () => {
  const cases = [
    [{ score: 0, isDoubtful: false }, 24],
    [{ score: 0.9, isDoubtful: true }, 6],
    [new ProviderError("failed", "out"), 1],
    [new ProviderError("unknown", "no such address"), 1],
  ] as const;
  for (const [says, hours] of cases) {
    await using bed = await createBed();
    bed.oracle.says = says;
    await bed.lookUp();
    bed.clock.turn(hours * HOUR - 1);
    await bed.lookUp();
    assertEquals(bed.oracle.asked.length, 1, `${hours} h`);
    bed.clock.turn(1);
    await bed.lookUp();
    assertEquals(bed.oracle.asked.length, 2, `${hours} h`);
  }
});

Deno.test("reputation asks once for an address, however many requests and isolates want it", async () => {
  await using bed = await createBed([createOracle()], { isolates: 2 });
  for (let at = 0; at < 50; at++) for (const { reputation } of bed.fleet) reputation.want(CLIENT);
  for (const { reputation } of bed.fleet) await reputation.idle();
  assertEquals(bed.oracle.asked, ["8.8.4.4"]);
  bed.clock.turn(11 * SECOND);
  for (const { reputation } of bed.fleet) {
    reputation.want(CLIENT);
    await reputation.idle();
    assertEquals(reputation.peek(CLIENT), 0);
  }
  assertEquals(bed.oracle.asked.length, 1, "the other one read it from KV");
});

Deno.test("reputation asks a costly provider only about addresses that are doubtful", async () => {
  const costly = createOracle({ name: "ipqualityscore", isCostly: true });
  costly.says = { score: 0.3, isDoubtful: true };
  await using bed = await createBed([createOracle(), costly]);
  assertEquals(await bed.lookUp(clientOf(1)), 0);
  assertEquals(costly.asked.length, 0);
  assertEquals(await bed.lookUp(clientOf(2), 0.5), 0.3);
  bed.oracle.says = { score: 0.6, isDoubtful: true };
  assertEquals(await bed.lookUp(clientOf(3)), 0.6, "the higher of both");
  assertEquals(costly.asked.length, 2);
  await using alone = await createBed([costly]);
  await alone.lookUp(clientOf(4));
  assertEquals(costly.asked.length, 3, "it is asked when there is no other");
});

Deno.test("reputation stops at 90 % of the daily quota, for all isolates, until the next UTC day", async () => {
  await using bed = await createBed([createOracle({ dailyQuota: 10 })], { isolates: 2 });
  for (let at = 0; at < 20; at++) {
    const { reputation } = bed.fleet[at % 2];
    reputation.want(clientOf(at));
    await reputation.idle();
  }
  assertEquals(bed.oracle.asked.length, 9);
  assertEquals(bed.results.filter((result) => result === "abuseipdb.spared").length, 11);
  bed.clock.turn(24 * HOUR);
  await bed.lookUp(clientOf(99));
  assertEquals(bed.oracle.asked.length, 10);
});

Deno.test("reputation pauses as long as the provider says, and an hour for a refused key", async () => {
  await using bed = await createBed();
  bed.oracle.says = new ProviderError("quota", "status 429", 120_000);
  await bed.lookUp(clientOf(1));
  bed.clock.turn(119_999);
  await bed.lookUp(clientOf(2));
  assertEquals(bed.oracle.asked.length, 1);
  bed.clock.turn(1);
  bed.oracle.says = new ProviderError("refused", "status 401");
  await bed.lookUp(clientOf(3));
  bed.clock.turn(HOUR - 1);
  await bed.lookUp(clientOf(4));
  assertEquals(bed.oracle.asked.length, 2);
  assertEquals(bed.results, [
    "abuseipdb.quota",
    "abuseipdb.spared",
    "abuseipdb.refused",
    "abuseipdb.spared",
  ]);
  assertEquals(bed.lines.length, 2);
});

Deno.test("reputation spares a provider that failed five times in a row", async () => {
  await using bed = await createBed();
  bed.oracle.says = new ProviderError("failed", "out");
  for (let at = 0; at < 20; at++) {
    bed.clock.turn(SECOND);
    await bed.lookUp(clientOf(at));
  }
  assertEquals(bed.oracle.asked.length, 5);
  bed.clock.turn(6 * MINUTE);
  bed.oracle.says = { score: 0.5, isDoubtful: true };
  assertEquals(await bed.lookUp(clientOf(99)), 0.5);
});

Deno.test("reputation never holds a failure against an address", async () => {
  await using bed = await createBed();
  bed.oracle.says = new ProviderError("failed", "out");
  assertEquals(await bed.lookUp(), undefined);
});

Deno.test("reputation looks nothing up for private and documentation addresses", async () => {
  await using bed = await createBed();
  for (
    const ip of [
      "10.0.0.1",
      "127.0.0.1",
      "100.64.0.1",
      "203.0.113.9",
      "::1",
      "fd00::1",
      "2001:db8::1",
    ]
  ) {
    await bed.lookUp({ ip, subject: ip });
  }
  assertEquals([bed.oracle.asked, bed.raw.counts.trips], [[], 0]);
});

Deno.test("reputation does without KV: nothing is asked, nothing throws", async () => {
  await using bed = await createBed();
  bed.raw.inject({ error: 1 });
  assertEquals(await bed.lookUp(), undefined);
  assertEquals(bed.oracle.asked, []);
});

Deno.test("reputation.want() bounds what waits", async () => {
  await using bed = await createBed();
  for (let at = 0; at < 10_000; at++) bed.reputation.want(clientOf(at));
  await bed.reputation.idle();
  assert(bed.oracle.asked.length <= 202, `${bed.oracle.asked.length}`);
});

Deno.test("reputation.stop() ends a question under way", async () => {
  const asked = Promise.withResolvers<void>();
  const check = (_ip: string, signal: AbortSignal) => {
    asked.resolve();
    return new Promise<Opinion>((_, reject) => signal.addEventListener("abort", reject));
  };
  await using bed = await createBed([createOracle({ check })]);
  bed.reputation.want(CLIENT);
  await asked.promise;
  assertEquals(bed.reputation.peek(CLIENT), undefined, "and nobody waits for it");
  await bed.reputation.stop();
});

Deno.test("reputation.peek() takes the higher of feeds and providers, never for private addresses", async () => {
  await using bed = await createBed([createOracle()], { feedScore: () => 0.7 });
  assertEquals(bed.reputation.peek(CLIENT), 0.7);
  bed.oracle.says = { score: 0.9, isDoubtful: true };
  assertEquals(await bed.lookUp(), 0.9);
  assertEquals(bed.reputation.peek({ ip: "10.0.0.1", subject: "10.0.0.1" }), undefined);
});

Deno.test("reputation keeps no address in KV, only a salted hash and the verdict", async () => {
  await using bed = await createBed();
  bed.oracle.says = { score: 0.9, country: "NL", isDoubtful: true };
  await bed.lookUp();
  const stored = await Array.fromAsync(bed.over.list({ prefix: ["reputation"] }));
  assertEquals(stored.length, 1);
  const text = JSON.stringify(stored, (_, value) => typeof value === "bigint" ? `${value}` : value);
  assertEquals(text.includes("8.8.4.4"), false);
  assertEquals(Object.keys(stored[0].value as object).sort(), ["country", "score", "until"]);
});
