import { assert, assertEquals } from "@std/assert";
import { DAY, MINUTE } from "../../src/time.ts";
import { createIncidentsBed, DAYS, threat } from "./_bed.ts";

Deno.test("incidents.indicators() joins what isolates saw: hits, confidence, first and last", async () => {
  await using bed = await createIncidentsBed();
  const startedAt = bed.clock.now();
  bed.incidents.note(threat({ score: 0.8 }));
  bed.clock.turn(MINUTE);
  bed.other.note(threat({ score: 0.95 }));
  await bed.other.flush();
  const { items } = await bed.incidents.indicators({ limit: 10, kind: "ip" });
  assertEquals(items, [{
    kind: "ip",
    value: "203.0.113.9",
    confidence: 0.95,
    firstSeenAt: startedAt,
    lastSeenAt: startedAt + MINUTE,
    hits: 2,
  }]);
});

Deno.test("incidents.indicators() names patterns of some confidence, and filters and pages", async () => {
  await using bed = await createIncidentsBed();
  const { incidents, clock } = bed;
  for (let at = 1; at <= 5; at++) {
    incidents.note(threat({ ip: `192.0.2.${at}`, score: at / 10 }));
    clock.turn(MINUTE);
  }
  const values = async (query: Parameters<typeof incidents.indicators>[0]) =>
    (await incidents.indicators(query)).items.map(({ value }) => value);
  assertEquals(await values({ limit: 9, kind: "pattern" }), ["sql/union_select"]);
  assertEquals(await values({ limit: 9, value: "192.0.2.3" }), ["192.0.2.3"]);
  assertEquals(await values({ limit: 9, kind: "ip", minConfidence: 0.4 }), [
    "192.0.2.5",
    "192.0.2.4",
  ]);
  const since = clock.now() - 2 * MINUTE;
  assertEquals(await values({ limit: 9, kind: "ip", since }), ["192.0.2.5", "192.0.2.4"]);
  const first = await incidents.indicators({ limit: 2, kind: "ip" });
  const cursor = first.next_cursor!;
  assertEquals(await values({ limit: 9, kind: "ip", cursor }), [
    "192.0.2.3",
    "192.0.2.2",
    "192.0.2.1",
  ]);
});

Deno.test("incidents.indicators() forgets what was not seen for SECURITY_EVENT_DAYS", async () => {
  await using bed = await createIncidentsBed();
  bed.incidents.note(threat());
  bed.clock.turn(DAYS * DAY + 1);
  assertEquals((await bed.incidents.indicators({ limit: 9 })).items, []);
});

Deno.test("10,000 attacking addresses leave 64 indicator keys, and no pattern is pushed out", async () => {
  await using bed = await createIncidentsBed();
  for (let at = 0; at < 10_000; at++) {
    bed.incidents.note(threat({ ip: `198.${at >> 12}.${at >> 8 & 15}.${at & 255}` }));
    if (at % 1_000 === 999) { for (let run = 0; run < 8; run++) await bed.incidents.flush(); }
  }
  const keys = await bed.keys();
  assert(keys.indicator_shard <= 64, JSON.stringify(keys));
  assertEquals(
    (await bed.incidents.indicators({ limit: 9, kind: "pattern" })).items[0].hits,
    10_000,
  );
});

Deno.test("incidents counts an indicator again after a failed write", async () => {
  await using bed = await createIncidentsBed();
  bed.raw.inject({ error: 1 });
  bed.incidents.note(threat());
  await bed.incidents.flush();
  bed.incidents.note(threat());
  bed.raw.heal();
  const { items } = await bed.incidents.indicators({ limit: 9 });
  assertEquals(items.map(({ hits }) => hits), [2, 2]);
});
