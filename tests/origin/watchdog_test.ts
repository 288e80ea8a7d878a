import { assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { type Silent, Watchdog } from "../../src/origin/watchdog.ts";
import { createTestClock } from "../_clock.ts";

function createTestWatchdog(time: FakeTime) {
  const clock = createTestClock();
  const barks: Silent[] = [];
  const watchdog = new Watchdog({
    clock,
    patienceMs: { origin: 1_000, client: 5_000 },
    onSilence: (who) => barks.push(who),
  });
  const pass = (ms: number) => {
    clock.turn(ms);
    time.tick(ms);
  };
  return { clock, watchdog, barks, pass };
}

Deno.test("Watchdog barks at whoever was waited for too long", () => {
  for (const [who, patience] of [["origin", 1_000], ["client", 5_000]] as const) {
    using time = new FakeTime();
    const { watchdog, barks, pass } = createTestWatchdog(time);
    watchdog.expect(who);
    pass(patience - 1);
    assertEquals(barks, []);
    pass(22);
    assertEquals(barks, [who]);
    pass(100_000);
    assertEquals(barks, [who]);
  }
});

Deno.test("Watchdog starts anew with every turn, whose patience may be shorter or longer", () => {
  using time = new FakeTime();
  const { watchdog, barks, pass } = createTestWatchdog(time);
  for (let turn = 0; turn < 20; turn++) {
    watchdog.expect("origin");
    pass(900);
    watchdog.expect("client");
    pass(4_900);
  }
  assertEquals(barks, []);
  watchdog.expect("origin");
  pass(1_021);
  assertEquals(barks, ["origin"]);
});

Deno.test("Watchdog that rings late lets the answer be read first that came meanwhile", () => {
  for (const comes of [true, false]) {
    using time = new FakeTime();
    const { clock, watchdog, barks } = createTestWatchdog(time);
    watchdog.expect("origin");
    // The process did not run for ten minutes.
    clock.turn(600_000);
    time.tick(1_000);
    assertEquals(barks, []);
    if (comes) watchdog.stop();
    time.tick(20);
    assertEquals(barks, comes ? [] : ["origin"]);
  }
});

Deno.test("Watchdog stops for good", () => {
  using time = new FakeTime();
  const { watchdog, barks, pass } = createTestWatchdog(time);
  watchdog.expect("origin");
  watchdog.stop();
  watchdog.expect("client");
  pass(100_000);
  assertEquals(barks, []);
});

Deno.test("Watchdog rests until it is told to expect somebody again", () => {
  for (const restsAt of [0, 500, 4_999]) {
    using time = new FakeTime();
    const { watchdog, barks, pass } = createTestWatchdog(time);
    watchdog.expect("client");
    pass(restsAt);
    watchdog.rest();
    pass(100_000);
    assertEquals(barks, []);
    watchdog.expect("client");
    pass(4_999);
    assertEquals(barks, []);
    pass(22);
    assertEquals(barks, ["client"]);
  }
});
