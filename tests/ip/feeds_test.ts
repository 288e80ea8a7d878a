import { assert, assertEquals } from "@std/assert";
import { createFeeds } from "../../src/ip/feeds.ts";
import { openKv } from "../../src/kv/open.ts";
import { createLog, silentLog } from "../../src/log.ts";
import { DAY, HOUR, MINUTE } from "../../src/time.ts";
import { createTestClock } from "../_clock.ts";
import { createFaultKv } from "../_fault_kv.ts";
import { serveProvider } from "./_provider_server.ts";

async function createBed(count = 1, scores = [0.7]) {
  const over = await Deno.openKv(":memory:");
  const clock = createTestClock();
  const servers = scores.map(() => serveProvider({ body: "1.10.16.0/20\n2a06:4880::/32\n" }));
  const lines: string[] = [];
  const log = createLog({ level: "info", clock, write: (line) => lines.push(line) });
  const isolates = await Promise.all(Array.from({ length: count }, async (_, seed) => {
    const raw = await createFaultKv({ over, seed });
    const kv = await openKv({ path: ":memory:", raw, clock, log: silentLog, deadlineMs: 5_000 });
    const feeds = servers.map(({ url }, at) => ({
      url: new URL("drop.netset", url),
      score: scores[at],
    }));
    return { raw, feeds: createFeeds({ feeds, fetch, kv, clock, log }) };
  }));
  return {
    clock,
    servers,
    server: servers[0],
    lines,
    isolates,
    raw: isolates[0].raw,
    feeds: isolates[0].feeds,
    keys: async () => (await Array.fromAsync(over.list({ prefix: ["feed_chunk"] }))).length,
    async [Symbol.asyncDispose]() {
      for (const server of servers) await server[Symbol.asyncDispose]();
      for (const { raw } of isolates) raw.close();
      over.close();
    },
  };
}

Deno.test("feeds.refresh() reads a feed on one isolate, and the others take it from KV", async () => {
  await using bed = await createBed(3);
  await Promise.all(bed.isolates.map(({ feeds }) => feeds.refresh()));
  assertEquals(bed.server.requests.map(({ path }) => path), ["/drop.netset"]);
  for (const { feeds } of bed.isolates) {
    await feeds.load();
    assertEquals(["1.10.20.1", "2a06:4880::9", "9.9.9.9"].map(feeds.scoreOf), [0.7, 0.7, 0]);
  }
});

Deno.test("feeds.refresh() reads again after 50 minutes, and drops what is no longer listed", async () => {
  await using bed = await createBed(2);
  const [, { feeds: other }] = bed.isolates;
  await bed.feeds.refresh();
  await other.load();
  bed.clock.turn(49 * MINUTE);
  await bed.feeds.refresh();
  assertEquals(bed.server.requests.length, 1);
  bed.clock.turn(HOUR);
  bed.server.reply = { body: "9.9.9.9\n" };
  await bed.feeds.refresh();
  await other.load();
  assertEquals(["1.10.20.1", "9.9.9.9"].map(other.scoreOf), [0, 0.7]);
  assertEquals(await bed.keys(), 1, "the old chunks are gone");
});

Deno.test("feeds keep their last content while the feed is down, slow to change, or nonsense", async () => {
  await using bed = await createBed();
  await bed.feeds.refresh();
  for (
    const reply of [{ status: 500 }, { status: 404, body: "gone" }, { body: "<html>" }, {
      body: "",
    }]
  ) {
    bed.clock.turn(HOUR);
    bed.server.reply = reply;
    await bed.feeds.refresh();
    assertEquals(bed.feeds.scoreOf("1.10.20.1"), 0.7, JSON.stringify(reply));
  }
  assertEquals(bed.lines.filter((line) => line.includes("feed.not_read")).length, 4);
});

Deno.test("feeds.scoreOf() takes the highest score of the feeds that list the address", async () => {
  await using bed = await createBed(1, [0.4, 0.9]);
  bed.servers[1].reply = { body: "1.10.16.0/24\n" };
  await bed.feeds.refresh();
  assertEquals(["1.10.16.1", "1.10.20.1", "8.8.8.8"].map(bed.feeds.scoreOf), [0.9, 0.4, 0]);
});

Deno.test("feeds store 100,000 ranges in chunks and bring them back", async () => {
  await using bed = await createBed(2);
  const body = Array.from(
    { length: 100_000 },
    (_, at) => `${1 + (at >> 15)}.${at >> 7 & 255}.${(at & 127) * 2}.0/24`,
  );
  bed.server.reply = { body: body.join("\n") };
  await bed.feeds.refresh();
  assertEquals(await bed.keys(), 14, "800,000 bytes");
  const [, { feeds: other }] = bed.isolates;
  await other.load();
  assertEquals(["1.0.2.77", "4.13.62.1", "1.0.3.77"].map(other.scoreOf), [0.7, 0.7, 0]);
});

Deno.test("feeds load by themselves when asked, and do without KV", async () => {
  await using bed = await createBed(2);
  const [, { feeds: other, raw }] = bed.isolates;
  await bed.feeds.refresh();
  raw.inject({ error: 1 });
  await other.refresh();
  await other.load();
  assertEquals(other.scoreOf("1.10.20.1"), 0);
  raw.heal();
  bed.clock.turn(10 * MINUTE);
  assertEquals(other.scoreOf("1.10.20.1"), 0, "it begins to load");
  await other.load();
  assertEquals(other.scoreOf("1.10.20.1"), 0.7);
});

Deno.test("feeds stay in force in memory when KV has forgotten their chunks", async () => {
  await using bed = await createBed(2);
  await bed.feeds.refresh();
  bed.clock.turn(8 * DAY);
  await bed.feeds.load();
  assert(bed.feeds.scoreOf("1.10.20.1") > 0);
});
