import { assert, assertEquals, assertRejects } from "@std/assert";
import type { EventsQuery } from "../../src/incidents/security_events.ts";
import { DAY, HOUR, MINUTE } from "../../src/time.ts";
import { createIncidentsBed, DAYS, type IncidentsBed, threat } from "./_bed.ts";

/** All pages of a query, as the scores of their events. */
async function scores({ incidents }: IncidentsBed, query: Partial<EventsQuery> = {}) {
  const found: (number | undefined)[] = [];
  let cursor: string | undefined;
  for (let pages = 0; pages < 100; pages++) {
    const page = await incidents.events({ limit: 2, ...query, cursor });
    assert(page.items.length <= (query.limit ?? 2));
    found.push(...page.items.map(({ score }) => score));
    if (page.next_cursor === null) return found;
    cursor = page.next_cursor;
  }
  throw new Error("the list does not end");
}

Deno.test("incidents.explain() tells what a refused request was about, on every isolate", async () => {
  await using bed = await createIncidentsBed();
  bed.incidents.note(threat({ requestId: "req-7" }));
  const here = await bed.incidents.explain("req-7");
  assertEquals(here?.signals?.[0].name, "sql/union_select");
  assertEquals([here?.path, here?.country, here?.action], ["/us/products", "NZ", "refuse"]);
  await bed.incidents.flush();
  assertEquals(await bed.other.explain("req-7"), here);
  assertEquals(await bed.other.explain("req-8"), undefined);
  assertEquals(await bed.other.explain(""), undefined);
  assertEquals(bed.heard, ["threat"]);
});

Deno.test("incidents.events() lists newest first over days, page by page", async () => {
  await using bed = await createIncidentsBed();
  for (let at = 1; at <= 9; at++) {
    bed.incidents.note(threat({ score: at / 10 }));
    bed.clock.turn(9 * HOUR);
  }
  assertEquals(await scores(bed), [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1]);
  assertEquals(await scores(bed, { limit: 200 }), await scores(bed));
});

Deno.test("incidents.events() filters by type, action, address, score and time", async () => {
  await using bed = await createIncidentsBed();
  const { clock, incidents } = bed;
  const startedAt = clock.now();
  incidents.note(threat({ score: 0.81 }));
  clock.turn(HOUR);
  incidents.note(threat({ score: 0.82, action: "monitor", ip: "192.0.2.1" }));
  clock.turn(HOUR);
  incidents.note(threat({ score: 0.83, type: "blocked_request" }));
  assertEquals(await scores(bed, { type: "threat" }), [0.82, 0.81]);
  assertEquals(await scores(bed, { action: "monitor" }), [0.82]);
  assertEquals(await scores(bed, { ip: "203.0.113.9" }), [0.83, 0.81]);
  assertEquals(await scores(bed, { minScore: 0.82 }), [0.83, 0.82]);
  const from = startedAt + 1;
  assertEquals(await scores(bed, { from, to: startedAt + HOUR }), [0.82]);
  assertEquals(await scores(bed, { from: clock.now() + 1 }), []);
});

Deno.test("incidents.events() goes on by its cursor where a filter finds little", async () => {
  await using bed = await createIncidentsBed();
  bed.incidents.note(threat({ score: 1, ip: "192.0.2.1" }));
  for (let minute = 0; minute < 20; minute++) {
    bed.clock.turn(MINUTE);
    for (let at = 0; at < 5; at++) bed.incidents.note(threat());
    await bed.incidents.flush();
  }
  const first = await bed.incidents.events({ limit: 2, ip: "192.0.2.1" });
  assertEquals([first.items.length, first.next_cursor === null], [0, false]);
  assertEquals(await scores(bed, { ip: "192.0.2.1" }), [1]);
});

Deno.test("incidents.events() refuses cursors that are not its own", async () => {
  await using bed = await createIncidentsBed();
  for (const cursor of ["x", "2026-99-99.", "2026-11-21.AAAA", "", "2026-11-21.a b"]) {
    await assertRejects(() => bed.incidents.events({ limit: 2, cursor }), Error, undefined, cursor);
  }
});

Deno.test("incidents shows no event older than SECURITY_EVENT_DAYS", async () => {
  await using bed = await createIncidentsBed();
  bed.incidents.note(threat());
  bed.clock.turn(DAYS * DAY + 1);
  assertEquals(await scores(bed), []);
});

Deno.test("incidents cuts what a client could make long", async () => {
  await using bed = await createIncidentsBed();
  const long = "x".repeat(100_000);
  const signals = Array.from({ length: 50 }, () => ({ name: long, confidence: 1, excerpt: long }));
  bed.incidents.note(threat({ requestId: long, path: long, method: long, user: long, signals }));
  const { items } = await bed.incidents.events({ limit: 1 });
  assert(JSON.stringify(items).length < 10_000);
  assertEquals(items[0].signals?.length, 12);
  assert(await bed.other.explain(long));
});

Deno.test("incidents keeps 5 events of an address and 30 of a type a minute, and counts all", async () => {
  await using bed = await createIncidentsBed();
  for (let at = 0; at < 100; at++) bed.incidents.note(threat({ score: 0.5 }));
  assertEquals((await scores(bed)).length, 5);
  for (let at = 0; at < 100; at++) bed.incidents.note(threat({ ip: `198.51.100.${at}` }));
  bed.incidents.note(threat({ type: "refresh_reuse", ip: undefined }));
  assertEquals((await scores(bed)).length, 31, "another type has room of its own");
  for (let minute = 0; minute < 100; minute++) {
    bed.clock.turn(MINUTE / 2);
    for (let at = 0; at < 100; at++) bed.incidents.note(threat({ ip: `198.51.100.${at}` }));
    await bed.incidents.flush();
  }
  assertEquals((await bed.keys()).security_event, 601, "600 an hour");
  const { events } = await bed.incidents.report({ from: 0, to: bed.clock.now() });
  assertEquals(events.threat, 10_200);
});

Deno.test("incidents can explain a refusal that was not kept, where it happened", async () => {
  await using bed = await createIncidentsBed();
  for (let at = 0; at < 500; at++) bed.incidents.note(threat({ requestId: `r${at}` }));
  assert(await bed.incidents.explain("r499"));
  await bed.incidents.flush();
  assertEquals(await bed.other.explain("r499"), undefined);
});

Deno.test("incidents waits for a KV that is out, within bounds, and then writes", async () => {
  await using bed = await createIncidentsBed();
  bed.raw.inject({ error: 1 });
  for (let minute = 0; minute < 30; minute++) {
    for (let at = 0; at < 40; at++) bed.incidents.note(threat({ ip: `192.0.2.${at}` }));
    bed.clock.turn(MINUTE);
  }
  await bed.incidents.flush();
  assertEquals(await bed.keys(), {});
  bed.raw.heal();
  assertEquals((await scores(bed, { limit: 200 })).length, 500);
  const { events, topOffenders } = await bed.incidents.report({ from: 0, to: bed.clock.now() });
  assertEquals([events.threat, topOffenders[0].count], [1_200, 30]);
});
