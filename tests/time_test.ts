import { assertEquals } from "@std/assert";
import { createMomentClock } from "../src/time.ts";
import { createTestClock } from "./_clock.ts";

Deno.test("createMomentClock() stands still from hold to release, but not for durations", () => {
  const world = createTestClock(1_000);
  const clock = createMomentClock(world);
  const read = (ms: number) => {
    world.turn(ms);
    return [clock.now(), clock.monotonic()];
  };
  assertEquals(read(1), [1_001, 1_001]);
  clock.hold();
  assertEquals([read(10), read(10)], [[1_001, 1_011], [1_001, 1_021]]);
  clock.release();
  assertEquals(read(10), [1_031, 1_031]);
  clock.hold();
  assertEquals(read(10), [1_031, 1_041]);
});
