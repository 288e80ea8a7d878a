import { assert, assertEquals } from "@std/assert";
import { DAY, HOUR } from "../../src/time.ts";
import { createIncidentsBed, threat } from "./_bed.ts";

Deno.test("incidents.report() adds up the fleet's hours by type, action, address and pattern", async () => {
  await using bed = await createIncidentsBed();
  const from = bed.clock.now();
  for (let at = 0; at < 3; at++) bed.incidents.note(threat());
  bed.clock.turn(HOUR);
  bed.other.note(threat({ ip: "192.0.2.1", country: "FR", action: "monitor" }));
  bed.other.note({ type: "abuse", action: "note", ip: "192.0.2.1" });
  await bed.other.flush();
  const report = await bed.incidents.report({ from, to: bed.clock.now() });
  assertEquals(report.events, { threat: 4, abuse: 1 });
  assertEquals(report.actions, { refuse: 3, monitor: 1, note: 1 });
  assertEquals(report.suspicious, { credential_stuffing: 0, endpoint_scanning: 0, abuse: 1 });
  assertEquals(report.topOffenders, [
    { ip: "203.0.113.9", count: 3 },
    { ip: "192.0.2.1", count: 2 },
  ]);
  assertEquals(report.topPatterns[0], { pattern: "sql/comment", count: 4 });
  assertEquals(report.topCountries[0], { country: "NZ", count: 3 });
  const last = await bed.incidents.report({ from: from + HOUR, to: bed.clock.now() });
  assertEquals(last.events, { threat: 1, abuse: 1 });
});

Deno.test("incidents.report() reads 31 days at most, and none that are not there yet", async () => {
  await using bed = await createIncidentsBed();
  bed.raw.resetCounts();
  const { from, to } = await bed.incidents.report({ from: 0, to: bed.clock.now() + 90 * DAY });
  assertEquals((to - from) / HOUR, 31 * 24);
  assert(bed.raw.counts.reads <= 31 * 24);
  const none = await bed.incidents.report({ from: bed.clock.now() + DAY, to: 0 });
  assertEquals([none.events, none.topOffenders], [{}, []]);
});

Deno.test("incidents counts a flood of addresses within bounds, the loudest named", async () => {
  await using bed = await createIncidentsBed();
  for (let at = 0; at < 5_000; at++) {
    bed.incidents.note(threat());
    bed.incidents.note(threat({ ip: `198.${at >> 8}.${at & 255}.1`, country: undefined }));
  }
  const report = await bed.incidents.report({ from: 0, to: bed.clock.now() });
  assertEquals(report.events.threat, 10_000);
  assertEquals(report.topOffenders.length, 20);
  assertEquals(report.topOffenders[0], { ip: "203.0.113.9", count: 5_000 });
});
