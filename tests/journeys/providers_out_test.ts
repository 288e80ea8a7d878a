/** Reputation providers that fail in every way: no request waits for them, none is refused. */
import { assert, assertEquals, assertLess } from "@std/assert";
import { createTestApp, type TestApp } from "../_app.ts";
import { type Reply, serveProvider } from "../ip/_provider_server.ts";
import { searchFor } from "../routes/_attacks.ts";

const ROUNDS = 300;
/** Passes, but is worth looking its sender up for. */
const DOUBTFUL = searchFor("../x");

const KEYS = {
  ABUSEIPDB_KEY: "key-of-abuseipdb",
  ABUSEIPDB_DAILY_QUOTA: "1000000",
  IPQUALITYSCORE_KEY: "key-of-ipqualityscore",
  IPQUALITYSCORE_DAILY_QUOTA: "1000000",
};

const FAULTS: readonly (readonly [name: string, reply: Reply | undefined])[] = [
  ["down", undefined],
  ["slow", { hang: true }],
  ["over quota", { status: 429, headers: { "retry-after": "60" } }],
  ["refusing the key", { status: 401 }],
  ["failing", { status: 500, body: "no" }],
  ["answering a page", { body: "<html>Welcome</html>" }],
  ["answering other JSON", { body: { data: [1, 2, 3], fraud_score: null } }],
  ["answering absurd scores", {
    body: { data: { abuseConfidenceScore: 9_999 }, success: true, fraud_score: -5 },
  }],
  ["answering scores as words", {
    body: { data: { abuseConfidenceScore: "100" }, success: true, fraud_score: "100" },
  }],
];

async function closedUrl(): Promise<URL> {
  await using server = serveProvider();
  return server.url;
}

/** Both asked the same in turn; answers each one's median in milliseconds. */
async function medians(apps: readonly TestApp[]): Promise<number[]> {
  const times = apps.map((): number[] => []);
  for (let round = 0; round < ROUNDS; round++) {
    const from = `9.9.${round >> 8}.${round & 255}`;
    for (const [at, app] of apps.entries()) {
      const startedAt = performance.now();
      const { status } = await app.ask(DOUBTFUL, { from });
      times[at].push(performance.now() - startedAt);
      assertEquals(status, 200, from);
    }
    // The look-ups run between the requests, as they do in life.
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return times.map((list) => list.sort((a, b) => a - b)[ROUNDS >> 1]);
}

for (const [name, reply] of FAULTS) {
  Deno.test(`providers that are ${name} delay no request and have nobody blocked`, async () => {
    await using server = serveProvider(reply);
    const url = String(reply ? server.url : await closedUrl());
    const env = { ...KEYS, ABUSEIPDB_URL: url, IPQUALITYSCORE_URL: url };
    await using without = await createTestApp();
    await using app = await createTestApp({ env });
    app.services.tasks.start();
    const [quiet, faulty] = await medians([without, app]);
    assertLess(faulty - quiet, 1, `${faulty.toFixed(2)} ms for ${quiet.toFixed(2)} ms`);
    // Who was looked up is treated as before.
    assertEquals((await app.ask(DOUBTFUL, { from: "9.9.0.0" })).status, 200);
    assertEquals(app.services.blocks.size, 0);
    const { counts } = app.services.metrics.reputationLookups;
    const wereAsked = () => [...counts.values()].some((count) => count > 0);
    // A task asks them, which is nobody's hurry.
    for (let turn = 0; turn < 100 && !wereAsked() && !reply?.hang; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assert(wereAsked() || reply?.hang, "they were asked");
    assertEquals([...counts].filter(([key, count]) => key.endsWith(".ok") && count > 0), []);
    if (reply) assert(server.requests.length > 0);
  });
}
