import { assert, assertEquals } from "@std/assert";
import { openKv } from "../../src/kv/open.ts";
import { createLog, silentLog } from "../../src/log.ts";
import { createSuspicion, type SuspicionOptions } from "../../src/suspicion/suspicion.ts";
import { MINUTE, SECOND } from "../../src/time.ts";
import { createTestClock } from "../_clock.ts";
import { createFaultKv } from "../_fault_kv.ts";

const CLIENT = "203.0.113.9";

/** Isolates on one KV and one clock, and what they raised: `isolate:type`. */
async function createFleet(count = 1, options: Partial<SuspicionOptions> = {}) {
  const over = await Deno.openKv(":memory:");
  const clock = createTestClock();
  const raised: string[] = [];
  const fleet = await Promise.all(Array.from({ length: count }, async (_, at) => {
    const raw = await createFaultKv({ over, seed: at });
    const kv = await openKv({ path: ":memory:", raw, clock, log: silentLog });
    const watch = createSuspicion({
      kv,
      clock,
      log: silentLog,
      isolates: () => count,
      markKey: new Uint8Array(32),
      onSuspicion: ({ type }) => raised.push(`${at}:${type}`),
      ...options,
    });
    return { watch, raw };
  }));
  return {
    clock,
    raised,
    fleet,
    watch: fleet[0].watch,
    raw: fleet[0].raw,
    over,
    stored: () => Array.fromAsync(over.list({ prefix: ["activity"] }), ({ value }) => value),
    keys: async () => (await Array.fromAsync(over.list({ prefix: ["activity"] }))).length,
    async flush() {
      for (const { watch } of fleet) await watch.flush();
    },
    async [Symbol.asyncDispose]() {
      for (const { watch, raw } of fleet) {
        await watch.stop();
        raw.close();
      }
      over.close();
    },
  };
}

const times = (count: number, act: (at: number) => void) => {
  for (let at = 0; at < count; at++) act(at);
};

Deno.test("suspicion.note() raises each suspicion once: 6 of 401, 11 of 404, 21 of 4xx", async () => {
  await using bed = await createFleet();
  const { watch, raised } = bed;
  times(4, () => watch.note(CLIENT, 401));
  assertEquals(raised, []);
  times(2, () => watch.note(CLIENT, 401));
  assertEquals(raised, ["0:credential_stuffing"]);
  times(9, () => watch.note("198.51.100.1", 404));
  assertEquals(raised.length, 1);
  times(2, () => watch.note("198.51.100.1", 404));
  assertEquals(raised, ["0:credential_stuffing", "0:endpoint_scanning"]);
  times(19, () => watch.note("192.0.2.1", 422));
  assertEquals(raised.length, 2);
  times(2, () => watch.note("192.0.2.1", 400));
  assertEquals(raised, ["0:credential_stuffing", "0:endpoint_scanning", "0:abuse"]);
});

Deno.test("suspicion.note() counts 401s and 404s as 4xx too", async () => {
  await using bed = await createFleet();
  times(4, () => bed.watch.note(CLIENT, 401));
  times(9, () => bed.watch.note(CLIENT, 404));
  times(7, () => bed.watch.note(CLIENT, 400));
  assertEquals(bed.raised, ["0:abuse"]);
});

Deno.test("suspicion.note() looks at any five minutes, not at fixed ones", async () => {
  await using bed = await createFleet();
  times(10, () => {
    bed.watch.note(CLIENT, 401);
    bed.clock.turn(75 * SECOND);
  });
  assertEquals(bed.raised, [], "four in any five minutes");
  times(2, () => bed.watch.note(CLIENT, 401));
  assertEquals(bed.raised, ["0:credential_stuffing"], "three of the last five minutes, and two");
});

Deno.test("suspicion.note() raises again only after five quiet minutes", async () => {
  await using bed = await createFleet();
  times(40, () => {
    bed.watch.note(CLIENT, 401);
    bed.clock.turn(MINUTE);
  });
  assertEquals(bed.raised, ["0:credential_stuffing"]);
  bed.clock.turn(5 * MINUTE);
  times(5, () => bed.watch.note(CLIENT, 401));
  assertEquals(bed.raised, ["0:credential_stuffing", "0:credential_stuffing"]);
});

Deno.test("suspicion.note() leaves out our own refusals, 5xx and good answers", async () => {
  await using bed = await createFleet();
  times(100, () => {
    for (const status of [429, 403, 499]) bed.watch.note(CLIENT, status, true);
    for (const status of [200, 304, 500, 502, 503]) bed.watch.note(CLIENT, status);
  });
  assertEquals([bed.raised, bed.watch.size, bed.watch.riskOf(CLIENT)], [[], 0, 0]);
});

Deno.test("suspicion.riskOf() grows with failures and sinks as the window empties", async () => {
  await using bed = await createFleet();
  const { watch, clock } = bed;
  watch.note(CLIENT, 404);
  assertEquals(watch.riskOf(CLIENT), 0, "one wrong link is nothing");
  times(9, () => {
    clock.turn(10 * SECOND);
    watch.note(CLIENT, 404);
  });
  const raised = watch.riskOf(CLIENT);
  assert(raised > 0.55 && raised < 0.7, `${raised}`);
  clock.turn(4 * MINUTE);
  const later = watch.riskOf(CLIENT);
  assert(later < raised && later > 0, `${later}`);
  clock.turn(MINUTE);
  assertEquals(watch.riskOf(CLIENT), 0);
});

Deno.test("suspicion.notePayload() counts different strong payloads of ten minutes", async () => {
  await using bed = await createFleet();
  const { watch, clock } = bed;
  assertEquals(watch.notePayload(CLIENT, "weak", 0.89), 0);
  assertEquals(watch.notePayload(CLIENT, "one", 0.9), 1);
  assertEquals(watch.notePayload(CLIENT, "one", 0.95), 1);
  assertEquals(watch.riskOf(CLIENT), 0.5);
  assertEquals(watch.notePayload(CLIENT, "two", 0.99), 2);
  assertEquals([watch.riskOf(CLIENT), watch.behaviourOf(CLIENT)], [1, 0]);
  clock.turn(10 * MINUTE);
  assertEquals(watch.notePayload(CLIENT, "three", 0.99), 1);
  times(50, (at) => watch.notePayload(CLIENT, `p${at}`, 1));
  assertEquals(watch.notePayload(CLIENT, "last", 1), 8, "no more are kept");
});

Deno.test("suspicion finds a client that spreads its failures over four isolates, once", async () => {
  await using bed = await createFleet(4);
  const fail = (at: number) => {
    bed.clock.turn(1);
    bed.fleet[at % 4].watch.note(CLIENT, 404);
  };
  times(12, fail);
  assertEquals(bed.raised, []);
  await bed.flush();
  assertEquals(bed.raised.map((text) => text.slice(2)), ["endpoint_scanning"]);
  times(8, fail);
  await bed.flush();
  await bed.flush();
  assertEquals(
    bed.raised.map((text) => text.slice(2)).sort(),
    ["abuse", "endpoint_scanning"],
    "what one raised the others do not raise again",
  );
});

/** What one client sent, in order: text and places; and how many of it stand apart. */
const APART: readonly (readonly [string, (readonly [string, ...string[]])[], number])[] = [
  ["two texts in one field", [["a", "in q: sqli"], ["b", "in q: sqli"]], 1],
  ["eight texts in one field", "abcdefgh".split("").map((text) => [text, "in q: xss"] as const), 1],
  ["one text in two fields", [["a", "in q: sqli"], ["a", "in title: sqli"]], 1],
  ["two texts in two fields", [["a", "in q: sqli"], ["b", "in title: sqli"]], 2],
  ["two families in one field", [["a", "in q: sqli"], ["b", "in q: xss"]], 2],
  ["a text of many families, edited", [
    ["a", "in q: sqli", "in q: xss", "in q: lfi"],
    ["b", "in q: xss", "in q: lfi"],
    ["c", "in q: lfi"],
  ], 1],
  ["parts of one text", [["a", "b", "in q: sqli", "in p: xss"], ["b", "in r: xss"]], 1],
  ["a third that joins two", [
    ["a", "in q: sqli"],
    ["b", "in p: xss"],
    ["c", "in q: sqli", "in p: xss"],
  ], 2],
  ["two texts without a place, as scanners send them", [["a"], ["b"]], 2],
];

Deno.test("suspicion.notePayload() counts what stands apart, by text and by place", async () => {
  await using bed = await createFleet();
  for (const [at, [name, sent, apart]] of APART.entries()) {
    let counted = 0;
    for (const [payload, ...marks] of sent) {
      counted = bed.watch.notePayload(`198.51.100.${at}`, payload, 1, marks);
    }
    assertEquals(counted, apart, name);
  }
});

Deno.test("suspicion counts the same apart over two isolates, and keeps nothing that can be read", async () => {
  await using bed = await createFleet(2);
  for (const [at, [name, sent, apart]] of APART.entries()) {
    const client = `198.51.100.${at}`;
    for (const [turn, [payload, ...marks]] of sent.entries()) {
      bed.fleet[turn % 2].watch.notePayload(client, payload, 1, marks);
      await bed.flush();
    }
    // The one that spoke last has heard of everything.
    const [payload, ...marks] = sent[0];
    const { watch } = bed.fleet[(sent.length - 1) % 2];
    assertEquals(watch.notePayload(client, payload, 1, marks), apart, name);
  }
  assertEquals(/sqli|in q/.test(JSON.stringify(await bed.stored())), false);
});

Deno.test("suspicion reads records of earlier releases, and writes none of their text back", async () => {
  await using bed = await createFleet(2);
  const payloads = [{ hash: "sql_grammar/union query.q hunter2", at: bed.clock.now() }];
  await bed.over.set(["activity", CLIENT], { notes: [], heldUntil: [0, 0, 0], payloads });
  assertEquals(bed.watch.notePayload(CLIENT, "a", 1), 1);
  await bed.flush();
  assertEquals(bed.watch.notePayload(CLIENT, "b", 1), 2);
  await bed.flush();
  const stored = JSON.stringify(await bed.stored());
  assertEquals([stored.includes("hunter2"), stored.length < 2_000], [false, true]);
});

Deno.test("an isolate without the deployment's key counts alone and leaves the others' marks", async () => {
  await using bed = await createFleet(1, { markKey: undefined });
  const payloads = [{ hash: "kept", at: bed.clock.now(), marks: ["as it was"] }];
  await bed.over.set(["activity", CLIENT], { notes: [], heldUntil: [0, 0, 0], payloads });
  times(2, (at) => bed.watch.notePayload(CLIENT, `p${at}`, 1));
  times(5, () => bed.watch.note(CLIENT, 401));
  await bed.flush();
  assertEquals(bed.watch.notePayload(CLIENT, "p1", 1), 2);
  assert(JSON.stringify(await bed.stored()).includes("as it was"));
});

Deno.test("suspicion bounds what is kept of one client's payloads", async () => {
  await using bed = await createFleet();
  const marks = Array.from({ length: 200 }, (_, at) => `in ${"x".repeat(1_000)}${at}: sqli`);
  times(100, (at) => bed.watch.notePayload(CLIENT, `p${at}`.repeat(1_000), 1, marks));
  await bed.flush();
  const length = JSON.stringify(await bed.stored()).length;
  assert(length < 5_000, `${length} characters`);
});

Deno.test("suspicion adds up the payloads of two isolates", async () => {
  await using bed = await createFleet(2);
  bed.fleet[0].watch.notePayload(CLIENT, "one", 1);
  await bed.flush();
  bed.fleet[1].watch.notePayload(CLIENT, "two", 1);
  await bed.flush();
  assertEquals(bed.fleet[1].watch.notePayload(CLIENT, "two", 1), 2);
});

Deno.test("suspicion goes on alone while KV fails, and tells the others afterwards", async () => {
  await using bed = await createFleet(2);
  for (const { raw } of bed.fleet) raw.inject({ error: 1 });
  times(3, () => bed.fleet[0].watch.note(CLIENT, 401));
  await bed.flush();
  for (const { raw } of bed.fleet) raw.heal();
  bed.fleet[0].watch.note(CLIENT, 401);
  bed.fleet[1].watch.note(CLIENT, 401);
  await bed.flush();
  assertEquals(bed.raised, ["1:credential_stuffing"]);
});

Deno.test("suspicion raises alone what it saw of a shared client when the exchange fails", async () => {
  await using bed = await createFleet(2);
  times(3, () => bed.fleet[0].watch.note(CLIENT, 401));
  times(1, () => bed.fleet[1].watch.note(CLIENT, 401));
  await bed.flush();
  bed.fleet[1].raw.inject({ error: 1 });
  times(1, () => bed.fleet[1].watch.note(CLIENT, 401));
  assertEquals(bed.raised, []);
  await bed.flush();
  assertEquals(bed.raised, ["1:credential_stuffing"]);
});

Deno.test("suspicion counts nothing twice when the answer of a commit is lost", async () => {
  await using bed = await createFleet(1);
  bed.raw.inject({ lostReply: 1 });
  times(3, () => bed.watch.note(CLIENT, 401));
  await bed.flush();
  bed.raw.heal();
  bed.watch.note(CLIENT, 401);
  await bed.flush();
  assertEquals(bed.raised, []);
  bed.watch.note(CLIENT, 401);
  assertEquals(bed.raised, ["0:credential_stuffing"]);
});

Deno.test("suspicion asks KV nothing for clients that are far from a threshold", async () => {
  await using bed = await createFleet();
  times(1_000, (at) => bed.watch.note(`198.51.100.${at}`, 404));
  await bed.flush();
  assertEquals(bed.raw.counts.trips, 0);
});

Deno.test("suspicion bounds its memory, its trips and its keys in a flood", async () => {
  await using bed = await createFleet(1, { clientsMax: 1_000 });
  times(10_000, (at) => times(12, () => bed.watch.note(`198.18.${at >> 8}.${at & 255}`, 404)));
  assert(bed.watch.size <= 1_000, `${bed.watch.size}`);
  await bed.flush();
  assertEquals(await bed.keys(), 25, "one run's worth");
});

Deno.test("suspicion.forget() makes a client new, here and in KV", async () => {
  await using bed = await createFleet();
  times(9, () => bed.watch.note(CLIENT, 404));
  await bed.flush();
  await bed.watch.forget(CLIENT);
  assertEquals([bed.watch.riskOf(CLIENT), await bed.keys()], [0, 0]);
  bed.raw.inject({ error: 1 });
  await bed.watch.forget(CLIENT);
});

Deno.test("suspicion logs a flood of suspicions as one line a second, without addresses", async () => {
  const lines: string[] = [];
  const clock = createTestClock();
  const log = createLog({ level: "info", clock, write: (line) => lines.push(line) });
  await using bed = await createFleet(1, { log, clock });
  times(50, (at) => times(5, () => bed.watch.note(`192.0.2.${at}`, 401)));
  clock.turn(SECOND);
  times(5, () => bed.watch.note(CLIENT, 401));
  assertEquals(lines.length, 2);
  assertEquals(lines.join().includes("192.0.2"), false);
  assert(
    lines[1].includes('"event":"Suspicious activity"') && lines[1].includes('"suppressed":49'),
  );
});
