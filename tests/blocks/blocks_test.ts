import { assert, assertEquals, assertRejects } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { createBlocks } from "../../src/blocks/blocks.ts";
import { DAY, HOUR, MINUTE, SECOND, systemClock } from "../../src/time.ts";
import { fileBackend } from "../kv/_backends.ts";
import { ADMIN, BASE, CLIENT, clientOf, createBlocksBed, refusalOf, STRIKES } from "./_bed.ts";

const { ip, subject } = CLIENT;

Deno.test("blocks.verdict() denies a blocked address at once, for an hour", async () => {
  await using bed = await createBlocksBed();
  assertEquals(bed.blocks.verdict(CLIENT), undefined);
  assertEquals(bed.blocks.consider({ subject, ...STRIKES }), "blocked");
  assertEquals(bed.blocks.verdict(CLIENT), "deny");
  assertEquals(bed.blocks.find(subject)?.times, 1);
  bed.clock.turn(HOUR - 1);
  assertEquals(bed.blocks.verdict(CLIENT), "deny");
  bed.clock.turn(1);
  assertEquals([bed.blocks.verdict(CLIENT), bed.blocks.find(subject)], [undefined, undefined]);
  assertEquals(bed.made, [ip]);
});

Deno.test("blocks.consider() leaves alone what does not deserve it", async () => {
  await using bed = await createBlocksBed();
  assertEquals(bed.blocks.consider({ subject, ...STRIKES, distinctPayloads: 1 }), undefined);
  assertEquals([bed.blocks.verdict(CLIENT), bed.made], [undefined, []]);
});

Deno.test("blocks.consider() flags a signed-in user and not the address he shares", async () => {
  await using bed = await createBlocksBed();
  assertEquals(bed.blocks.consider({ subject, user: "u1", ...STRIKES }), "flagged");
  const single = { ...STRIKES, distinctPayloads: 1 };
  assertEquals(bed.blocks.consider({ subject, user: "u1", ...single }), undefined);
  assertEquals([bed.blocks.verdict(CLIENT), bed.made], [undefined, []]);
});

Deno.test("blocks double for repeats within a day of the last one's end", async () => {
  await using bed = await createBlocksBed();
  const hoursOf = () => {
    bed.blocks.consider({ subject, ...STRIKES });
    const { at, until } = bed.blocks.find(subject)!;
    bed.clock.turn(until - at);
    return (until - at) / HOUR;
  };
  assertEquals([hoursOf(), hoursOf(), hoursOf()], [1, 2, 4]);
  await bed.blocks.flush();
  bed.clock.turn(DAY - 1);
  assertEquals([hoursOf(), hoursOf(), hoursOf()], [8, 16, 24]);
  bed.clock.turn(DAY);
  assertEquals(hoursOf(), 1, "forgiven");
});

Deno.test("blocks made by one isolate reach another with the next poll, and cost 0 trips a request", async () => {
  using time = new FakeTime();
  await using bed = await createBlocksBed({ count: 2 });
  const [other] = bed.others;
  assertEquals(other.blocks.verdict(CLIENT), undefined);
  await other.blocks.refresh();
  bed.blocks.consider({ subject, ...STRIKES });
  await bed.blocks.flush();
  other.raw.resetCounts();
  // The poll is every two seconds; what it reads comes in its own time.
  await time.tickAsync(2 * SECOND);
  await other.blocks.refresh();
  assertEquals(other.blocks.verdict(CLIENT), "deny");
  other.raw.resetCounts();
  for (let i = 0; i < 1_000; i++) other.blocks.verdict(CLIENT);
  assertEquals(other.raw.counts.trips, 0);
});

Deno.test("blocks poll with one read while requests come, and sleep ten minutes later", async () => {
  using time = new FakeTime();
  await using bed = await createBlocksBed();
  bed.blocks.verdict(CLIENT);
  const polls = async (seconds: number) => {
    bed.raw.resetCounts();
    for (let second = 0; second < seconds; second++) {
      bed.clock.turn(SECOND);
      await time.tickAsync(SECOND);
      // KV answers in order: after this the poll has its answer too.
      await bed.keys();
    }
    return bed.raw.counts.reads;
  };
  const busy = await polls(60);
  assert(busy >= 15 && busy <= 31, `${busy} reads in a minute`);
  await polls(10 * 60);
  assertEquals(await polls(60), 0);
  bed.blocks.verdict(CLIENT);
  assert(await polls(10) > 0);
});

Deno.test("blocks.catchUp() is there for the first request after an idle time only", async () => {
  await using bed = await createBlocksBed({ count: 2 });
  const [other] = bed.others;
  await other.blocks.refresh();
  assertEquals(other.blocks.catchUp(), undefined);
  bed.blocks.consider({ subject, ...STRIKES });
  await bed.blocks.flush();
  other.raw.resetCounts();
  bed.clock.turn(MINUTE);
  assertEquals(other.blocks.verdict(CLIENT), undefined, "it cannot know");
  bed.clock.turn(MINUTE);
  await other.blocks.catchUp();
  assertEquals(other.blocks.verdict(CLIENT), "deny");
  assertEquals(other.blocks.catchUp(), undefined);
});

Deno.test("blocks.catchUp() lets nobody wait twice for a KV that is out", async () => {
  await using bed = await createBlocksBed();
  bed.raw.inject({ error: 1 });
  await bed.blocks.catchUp();
  assertEquals(bed.blocks.catchUp(), undefined);
  bed.raw.inject({ hang: 1 });
  bed.clock.turn(MINUTE);
  const startedAt = performance.now();
  await bed.blocks.catchUp();
  assert(performance.now() - startedAt < 2_000, "300 ms, and what a busy machine adds");
  bed.raw.heal();
  await bed.blocks.refresh();
});

Deno.test("blocks hold here while KV fails, and are written when it is back", async () => {
  await using bed = await createBlocksBed({ count: 2 });
  const [other] = bed.others;
  bed.raw.inject({ error: 1 });
  bed.blocks.consider({ subject, ...STRIKES });
  await bed.blocks.flush();
  await assertRejects(() => bed.blocks.refresh());
  assertEquals(bed.blocks.verdict(CLIENT), "deny");
  bed.raw.heal();
  await bed.blocks.refresh();
  assertEquals(bed.blocks.verdict(CLIENT), "deny", "reading the others' shards takes nothing away");
  await bed.blocks.flush();
  await other.blocks.refresh();
  assertEquals(other.blocks.verdict(CLIENT), "deny");
});

Deno.test("two isolates that block the same address at once make one block of it", async () => {
  await using bed = await createBlocksBed({ count: 2 });
  const [other] = bed.others;
  bed.blocks.consider({ subject, ...STRIKES });
  bed.clock.turn(SECOND);
  other.blocks.consider({ subject, ...STRIKES });
  await Promise.all([bed.blocks.flush(), other.blocks.flush()]);
  await Promise.all([bed.blocks.refresh(), other.blocks.refresh()]);
  assertEquals(bed.blocks.find(subject)?.times, 1);
  assertEquals(bed.blocks.find(subject), other.blocks.find(subject));
});

Deno.test("a repeat that only another isolate knew of doubles too", async () => {
  await using bed = await createBlocksBed({ count: 2 });
  const [other] = bed.others;
  bed.blocks.consider({ subject, ...STRIKES });
  await bed.blocks.flush();
  bed.clock.turn(2 * HOUR);
  other.blocks.consider({ subject, ...STRIKES });
  await other.blocks.flush();
  const block = other.blocks.find(subject)!;
  assertEquals([block.times, block.until - block.at], [2, 2 * HOUR]);
});

Deno.test("blocks.add() and lift() work on addresses, /64s and ranges, everywhere, audited", async () => {
  await using bed = await createBlocksBed({ count: 2 });
  const [other] = bed.others;
  const host6 = clientOf("2001:db8:1:2::7", "2001:db8:1:2::/64");
  const reason = "because";
  const inRange = clientOf("198.51.100.77");
  for (const target of ["203.0.113.9", "2001:DB8:1:2::/64", "198.51.100.0/24"]) {
    const block = await bed.blocks.add({ target, seconds: 60, reason }, ADMIN);
    assertEquals([block.author, block.automatic], ["acc_1", false]);
  }
  for (const { blocks } of [bed, other]) {
    await blocks.refresh();
    for (const client of [CLIENT, host6, inRange]) assertEquals(blocks.verdict(client), "deny");
  }
  assertEquals(await other.blocks.lift("198.51.100.0/24", ADMIN), true);
  assertEquals(await other.blocks.lift("198.51.100.0/24", ADMIN), false);
  await bed.blocks.refresh();
  assertEquals(bed.blocks.verdict(inRange), undefined);
  bed.clock.turn(MINUTE);
  assertEquals(bed.blocks.verdict(host6), undefined);
  assertEquals(bed.audit.at(-1), "block.lift 198.51.100.0/24 acc_1");
});

Deno.test("a blocked range ends in memory without another read", async () => {
  await using bed = await createBlocksBed();
  await bed.blocks.add({ target: "203.0.113.0/24", seconds: 60, reason: "" }, ADMIN);
  await bed.blocks.add({ target: "203.0.112.0/24", seconds: 120, reason: "" }, ADMIN);
  bed.raw.resetCounts();
  bed.clock.turn(MINUTE);
  const verdicts = [CLIENT, clientOf("203.0.112.9")].map(bed.blocks.verdict);
  assertEquals([verdicts, bed.raw.counts.reads], [[undefined, "deny"], 0]);
});

Deno.test("blocks.lift() lifts a block that is not written yet", async () => {
  await using bed = await createBlocksBed();
  bed.blocks.consider({ subject, ...STRIKES });
  assertEquals(await bed.blocks.lift(subject, ADMIN), true);
  await bed.blocks.flush();
  await bed.blocks.refresh();
  assertEquals(bed.blocks.verdict(CLIENT), undefined);
});

Deno.test("blocks.add() names every wrong field", async () => {
  await using bed = await createBlocksBed();
  const wrong = { target: "10.0.0.1/8", seconds: 0, reason: "" };
  const error = await refusalOf(() => bed.blocks.add(wrong, ADMIN));
  assertEquals(error.code, "VALIDATION_FAILED");
  const { errors } = error.options.extensions as { errors: { pointer: string }[] };
  assertEquals(errors.map(({ pointer }) => pointer), ["/target", "/seconds"]);
});

Deno.test("blocks.list() pages newest first, by state and author", async () => {
  await using bed = await createBlocksBed();
  for (let at = 1; at <= 5; at++) {
    bed.clock.turn(SECOND);
    await bed.blocks.add({ target: `192.0.2.${at}`, seconds: at * 60, reason: "" }, ADMIN);
  }
  bed.clock.turn(SECOND);
  bed.blocks.consider({ subject, ...STRIKES });
  const targets = async (query: Parameters<typeof bed.blocks.list>[0]) =>
    (await bed.blocks.list(query)).items.map(({ target }) => target);
  const first = await bed.blocks.list({ limit: 4 });
  assertEquals(first.items.map(({ target }) => target), [
    subject,
    "192.0.2.5",
    "192.0.2.4",
    "192.0.2.3",
  ]);
  assertEquals(await targets({ limit: 4, cursor: first.next_cursor! }), ["192.0.2.2", "192.0.2.1"]);
  assertEquals(await targets({ limit: 9, automatic: true }), [subject]);
  bed.clock.turn(2 * MINUTE);
  assertEquals(await targets({ limit: 9, state: "ended" }), ["192.0.2.2", "192.0.2.1"]);
  const foreign = () => bed.blocks.list({ limit: 4, cursor: "!" });
  assertEquals((await refusalOf(foreign)).code, "INVALID_CURSOR");
  bed.raw.inject({ error: 1 });
  assertEquals(await targets({ limit: 9, automatic: true }), [subject], "as far as it knows");
});

Deno.test("10,000 addresses that attack leave blocks, keys and trips bounded", async () => {
  await using bed = await createBlocksBed();
  for (let at = 0; at < 10_000; at++) {
    bed.blocks.consider({ subject: `198.18.${at >> 8}.${at & 255}`, ...STRIKES });
  }
  assertEquals(bed.blocks.size, 600, "a minute's worth");
  await bed.blocks.flush();
  assert(bed.raw.counts.trips < 120, `${bed.raw.counts.trips} trips`);
  for (let minute = 1; minute < 40; minute++) {
    bed.clock.turn(MINUTE);
    for (let at = 0; at < 600; at++) {
      const attacker = `198.${minute}.${at >> 8}.${at & 255}`;
      bed.blocks.consider({ subject: attacker, ...STRIKES });
    }
    await bed.blocks.flush();
  }
  assert(bed.blocks.size <= 10_240, `${bed.blocks.size}`);
  assert(await bed.keys() <= 65, "64 shards and the index");
});

Deno.test("automatic blocks never push out what a person decided", async () => {
  await using bed = await createBlocksBed();
  await bed.blocks.add({ target: "192.0.2.1", seconds: 60, reason: "" }, ADMIN);
  for (let minute = 0; minute < 30; minute++) {
    bed.clock.turn(SECOND);
    for (let at = 0; at < 500; at++) {
      bed.blocks.consider({ subject: `198.${minute}.${at >> 8}.${at & 255}`, ...STRIKES });
    }
    await bed.blocks.flush();
    if (minute % 2 === 1) bed.clock.turn(SECOND);
  }
  await bed.blocks.refresh();
  assert(bed.blocks.find("192.0.2.1"));
});

Deno.test("two handles on one SQLite file lose no block while both write", async () => {
  await using backend = await fileBackend();
  const isolates = await Promise.all([1, 2].map(async () => {
    const kv = await backend.open();
    return { kv, blocks: createBlocks({ kv, ...BASE, clock: systemClock }) };
  }));
  for (let at = 0; at < 40; at++) {
    isolates[at % 2].blocks.consider({ subject: `198.18.0.${at}`, ...STRIKES });
    if (at % 10 === 9) await Promise.all(isolates.map(({ blocks }) => blocks.flush()));
  }
  for (const { blocks, kv } of isolates) {
    await blocks.refresh();
    assertEquals((await blocks.list({ limit: 200 })).items.length, 40);
    await blocks.stop();
    kv.close();
  }
});
