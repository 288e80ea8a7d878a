import { assert, assertEquals, assertGreater, assertRejects } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { UNKNOWN_VERSIONSTAMP } from "../../src/kv/commit.ts";
import { KvUnavailableError } from "../../src/kv/failure.ts";
import type { Atomic, Kv } from "../../src/kv/kv.ts";
import { MINUTE } from "../../src/time.ts";
import { seededRandom } from "../_fault_kv.ts";
import { pass, passUntilSettled } from "../_fake_time.ts";
import { openFaulty, testKey } from "./_faulty.ts";

const key = testKey<string>("record");

async function reason(call: () => Promise<unknown>): Promise<string> {
  const error = await assertRejects(call, KvUnavailableError);
  assert(error instanceof KvUnavailableError);
  return error.reason;
}

Deno.test("commit() retries a locked file until it is free, below the breaker", async () => {
  using faulty = await openFaulty();
  const { kv, raw, breaker, outcomes } = faulty;
  raw.inject({ locked: 0.8 });
  let builds = 0;
  for (let round = 0; round < 10; round++) {
    const { versionstamp } = await kv.get(key);
    const commit = await kv.commit((atomic) => {
      builds++;
      atomic.check(key, versionstamp).set(key, `round ${round}`);
    });
    assert(commit.ok);
  }
  assertGreater(raw.counts.faults, 10);
  assertEquals(builds, 10 + raw.counts.faults);
  assertEquals(outcomes().filter((outcome) => outcome === "commit ok").length, 10);
  assertEquals(breaker.state, "closed");
  assertEquals((await kv.get(key)).value, "round 9");
});

Deno.test("commit() waits 2 to 17 ms between tries of a locked file", async () => {
  for (const [random, firstMs] of [[0, 2], [1 / 3, 7], [1, 17]]) {
    using time = new FakeTime();
    using faulty = await openFaulty({ random: () => random });
    const { kv, raw } = faulty;
    raw.inject({ locked: 1 });
    const commit = kv.commit((atomic) => atomic.check(key, null).set(key, "x"));
    await pass(time, firstMs - 1);
    assertEquals(raw.counts.commits, 1);
    await pass(time, 1);
    assertEquals(raw.counts.commits, 2);
    raw.heal();
    await pass(time, firstMs);
    assert((await commit).ok);
  }
});

Deno.test("commit() gives up on a file that stays locked after 100 tries, and that is a failure", async () => {
  using time = new FakeTime();
  using faulty = await openFaulty({ random: () => 0 });
  const { kv, raw, outcomes } = faulty;
  raw.inject({ locked: 1 });
  const given = reason(() => kv.commit((atomic) => atomic.check(key, null).set(key, "x")));
  await passUntilSettled(time, given);
  assertEquals(await given, "contended");
  assertEquals(raw.counts.commits, 100);
  assertEquals(outcomes(), ["commit contended"]);
});

Deno.test("commit() gives up on a locked file after 2 s, however few the tries", async () => {
  using time = new FakeTime();
  using faulty = await openFaulty();
  const { kv, raw, clock } = faulty;
  raw.inject({ locked: 1, slowMs: 200 });
  const given = reason(() => kv.commit((atomic) => atomic.check(key, null).set(key, "x")));
  await passUntilSettled(time, given, () => {
    clock.turn(10);
    return pass(time, 10);
  });
  assertEquals(await given, "contended");
  assert(raw.counts.commits >= 9 && raw.counts.commits <= 11, String(raw.counts.commits));
});

Deno.test("commit() does not retry other failures: the caller knows what is safe", async () => {
  using faulty = await openFaulty();
  const { kv, raw } = faulty;
  raw.inject({ error: 1 });
  assertEquals(await reason(() => kv.commit((atomic) => atomic.set(key, "x"))), "failed");
  assertEquals(raw.counts.commits, 1);
});

Deno.test("commit() throws what building throws, before the breaker hears of it", async () => {
  using faulty = await openFaulty();
  const { kv, raw, outcomes } = faulty;
  const build = () => {
    throw new SyntaxError("from the caller");
  };
  await assertRejects(() => kv.commit(build), SyntaxError, "from the caller");
  assertEquals([raw.counts.trips, outcomes()], [0, []]);
});

/** A record that holds the token of who wrote it, as tasks and limits do. */
function sureWriter(kv: Kv, token: string) {
  const build = (version: string | null) => (atomic: Atomic) =>
    atomic.check(key, version).set(key, token).sum(testKey<Deno.KvU64>("writes"), 1n);
  const landed = async () => (await kv.get(key)).value === token;
  return { build, landed };
}

const writes = async (kv: Kv) =>
  Number((await kv.get(testKey<Deno.KvU64>("writes"))).value?.value ?? 0n);

Deno.test("commitSure() finds that a commit landed whose reply was lost, and writes once", async () => {
  using faulty = await openFaulty();
  const { kv, raw } = faulty;
  const { build, landed } = sureWriter(kv, "mine");
  raw.inject({ lostReply: 1 });
  const commit = await kv.commitSure(build(null), landed);
  raw.heal();
  assertEquals(commit, { ok: true, versionstamp: UNKNOWN_VERSIONSTAMP });
  assertEquals([(await kv.get(key)).value, await writes(kv)], ["mine", 1]);
});

Deno.test("commitSure() answers an unknown version that no later check accepts", async () => {
  using faulty = await openFaulty();
  const { kv, raw } = faulty;
  const { build, landed } = sureWriter(kv, "mine");
  raw.inject({ lostReply: 1 });
  const commit = await kv.commitSure(build(null), landed);
  raw.heal();
  assert(commit.ok);
  assertEquals(await kv.commit(build(commit.versionstamp)), { ok: false });
});

Deno.test("commitSure() tries again when the commit did not land", async () => {
  using faulty = await openFaulty();
  const { kv, raw } = faulty;
  const { build, landed } = sureWriter(kv, "mine");
  raw.inject({ error: 1, only: ["commit"] });
  const sure = kv.commitSure(build(null), async () => {
    raw.heal();
    return await landed();
  });
  const commit = await sure;
  assert(commit.ok && commit.versionstamp !== UNKNOWN_VERSIONSTAMP);
  assertEquals([(await kv.get(key)).value, await writes(kv)], ["mine", 1]);
});

Deno.test("commitSure() answers that it lost when another writer was first", async () => {
  using faulty = await openFaulty();
  const { kv, raw } = faulty;
  const { build, landed } = sureWriter(kv, "mine");
  raw.inject({ error: 1, only: ["commit"] });
  const commit = await kv.commitSure(build(null), async () => {
    raw.heal();
    await raw.set(key.parts, "theirs");
    return await landed();
  });
  assertEquals([commit, (await kv.get(key)).value], [{ ok: false }, "theirs"]);
});

Deno.test("commitSure() recognises its own commit that hung and landed after the second try began", async () => {
  using time = new FakeTime();
  using faulty = await openFaulty();
  const { kv, raw } = faulty;
  const { build, landed } = sureWriter(kv, "mine");
  raw.inject({ hang: 1, only: ["commit"] });
  let asked = 0;
  const sure = kv.commitSure(build(null), () => {
    asked++;
    // The first look comes too early; then the hung commit lands before the second try does.
    if (asked > 1) return landed();
    raw.heal();
    return Promise.resolve(false);
  });
  await passUntilSettled(time, sure);
  assertEquals(await sure, { ok: true, versionstamp: UNKNOWN_VERSIONSTAMP });
  assertEquals([asked, await writes(kv)], [2, 1]);
});

Deno.test("commitSure() throws the doubt, not the last refusal, when it stays unknown", async () => {
  using faulty = await openFaulty();
  const { kv, raw } = faulty;
  const { build, landed } = sureWriter(kv, "mine");
  raw.inject({ error: 1 });
  const error = await assertRejects(
    () => kv.commitSure(build(null), landed, { attempts: 20 }),
    KvUnavailableError,
  );
  assert(error instanceof KvUnavailableError);
  assertEquals([error.reason, error.mayHaveLanded], ["failed", true]);
  // The breaker opened on the way: then there is nothing to wait for.
  assertEquals(raw.counts.trips, 5);
});

Deno.test("commitSure() gives up after as many attempts as it was given", async () => {
  using faulty = await openFaulty({ breaker: undefined });
  const { kv, raw } = faulty;
  const { build, landed } = sureWriter(kv, "mine");
  raw.inject({ error: 1 });
  assertEquals(await reason(() => kv.commitSure(build(null), landed, { attempts: 3 })), "failed");
  assertEquals([raw.counts.commits, raw.counts.reads], [1, 2]);
});

Deno.test("commitSure() does not wait for a breaker that is open", async () => {
  using faulty = await openFaulty();
  const { kv, raw, clock, breaker } = faulty;
  const { build, landed } = sureWriter(kv, "mine");
  raw.inject({ error: 1 });
  for (let call = 0; call < 5; call++) await reason(() => kv.get(key));
  raw.heal();
  assertEquals(await reason(() => kv.commitSure(build(null), landed)), "open");
  clock.turn(5 * MINUTE);
  assert((await kv.commitSure(build(null), landed)).ok);
  assertEquals(breaker.state, "closed");
});

Deno.test("commitSure() passes on what landed() throws", async () => {
  using faulty = await openFaulty();
  const { kv, raw } = faulty;
  raw.inject({ lostReply: 1 });
  const landed = () => Promise.reject(new SyntaxError("from the caller"));
  const call = () => kv.commitSure((atomic) => atomic.set(key, "x"), landed);
  await assertRejects(call, SyntaxError, "from the caller");
});

Deno.test("commitSure() is never wrong in 150 histories of lost, silent and failing commits", async () => {
  let lost = 0;
  for (let seed = 1; seed <= 150; seed++) {
    using faulty = await openFaulty({
      seed,
      breaker: undefined,
      deadlineMs: 3,
      random: seededRandom(seed),
    });
    const { kv, raw } = faulty;
    const { build, landed } = sureWriter(kv, "mine");
    raw.inject({ error: 0.15, lostReply: 0.15, silentReply: 0.05, locked: 0.1 });
    const outcome = await kv.commitSure(build(null), landed, { attempts: 12 })
      .catch((error) => error);
    lost += raw.counts.faults;
    raw.heal();
    const [stored, count] = await raw.getMany<[string, Deno.KvU64]>([
      key.parts,
      testKey("writes").parts,
    ]);
    if (!(outcome instanceof KvUnavailableError)) {
      assertEquals([outcome.ok, stored.value, count.value?.value], [true, "mine", 1n], `${seed}`);
    }
  }
  assertGreater(lost, 50);
});
