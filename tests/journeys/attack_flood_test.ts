/**
 * 100,000 attack requests from 10,000 addresses, as the gate tells the rooms of them, and what is
 * left of it in memory and in KV. Without HTTP, which has bounds of its own.
 */
import { assert, assertEquals } from "@std/assert";
import { createBlocks } from "../../src/blocks/blocks.ts";
import { createIncidents } from "../../src/incidents/incidents.ts";
import { canonicalRange, createRangeSet } from "../../src/ip/range_set.ts";
import { openKv } from "../../src/kv/open.ts";
import { silentLog } from "../../src/log.ts";
import { createSuspicion } from "../../src/suspicion/suspicion.ts";
import { createTestClock } from "../_clock.ts";
import { createFaultKv } from "../_fault_kv.ts";

const ADDRESSES = 10_000;
const REQUESTS = 100_000;
/** A flood of a minute: the clock moves with the requests. */
const STEP_MS = 60_000 / REQUESTS;
const STEPS_PER_FLUSH = REQUESTS / 30;

Deno.test("a flood of 100,000 attacks from 10,000 addresses leaves memory and KV bounded", async () => {
  const over = await Deno.openKv(":memory:");
  const raw = await createFaultKv({ over });
  const clock = createTestClock();
  const kv = await openKv({ path: ":memory:", raw, clock, log: silentLog, deadlineMs: 10_000 });
  const base = { kv, clock, log: silentLog };
  const heard = new Map<string, number>();
  const incidents = createIncidents({
    ...base,
    days: 30,
    onEvent: (type) => heard.set(type, (heard.get(type) ?? 0) + 1),
  });
  const suspicion = createSuspicion({
    ...base,
    onSuspicion: ({ type, subject }) => incidents.note({ type, action: "note", ip: subject }),
  });
  const blocks = createBlocks({
    ...base,
    ranges: { canonical: canonicalRange, build: createRangeSet },
    record() {},
    seconds: 3_600,
    secondsMax: 86_400,
    strikes: 2,
    onBlock: ({ target }) =>
      incidents.note({ type: "address_blocked", action: "block", ip: target }),
  });

  /** The gate's calls for one request that scores 0.97. */
  const attack = (at: number) => {
    const address = at % ADDRESSES;
    const ip = `198.18.${address >> 8}.${address & 255}`;
    if (blocks.verdict({ ip, subject: ip }) === "deny") {
      incidents.note({ type: "blocked_request", action: "refuse", ip, requestId: `r${at}` });
      return;
    }
    const distinctPayloads = suspicion.notePayload(ip, `payload ${at % 7}`, 0.97);
    const evidence = { payload: 0.97, risk: 0.97, distinctPayloads, corroborated: false };
    blocks.consider({ subject: ip, ...evidence });
    const signals = [{ name: "sql/union_select", confidence: 0.95, field: "query.q" }];
    incidents.note({
      type: "threat",
      action: "refuse",
      ip,
      requestId: `r${at}`,
      score: 0.97,
      signals,
    });
    suspicion.note(ip, 403, true);
  };

  for (let at = 0; at < REQUESTS; at++) {
    attack(at);
    clock.turn(STEP_MS);
    if (at % STEPS_PER_FLUSH >= STEPS_PER_FLUSH - 1) {
      await Promise.all([blocks.flush(), suspicion.flush(), incidents.flush()]);
    }
  }
  await Promise.all([blocks.flush(), suspicion.flush(), incidents.flush()]);

  const keys = await Array.fromAsync(over.list({ prefix: [] }));
  assertEquals(heard.get("threat")! + heard.get("blocked_request")!, REQUESTS, "all are counted");
  const { events } = await incidents.report({ from: 0, to: clock.now() });
  assertEquals(events.threat + events.blocked_request, REQUESTS);
  assert(blocks.size <= 1_200, `${blocks.size} blocks: 600 a minute`);
  assert(suspicion.size <= 20_000, `${suspicion.size} clients`);
  assert(keys.length < 1_500, `${keys.length} keys`);
  assert(raw.counts.trips < 3_000, `${raw.counts.trips} trips`);
  assertEquals(blocks.verdict({ ip: "203.0.113.9", subject: "203.0.113.9" }), undefined);
  await Promise.all([blocks.stop(), suspicion.stop(), incidents.stop()]);
  raw.close();
  over.close();
});
