/** A small flood through the whole app; bench/threats/flood.ts sends the large one. */
import { assert, assertEquals, assertLess } from "@std/assert";
import { flood } from "../../bench/threats/flood.ts";

const MEBI = 1024 * 1024;

Deno.test("a flood of 5,000 attacks from 500 addresses leaves honest visitors and KV in peace", async () => {
  const result = await flood({ requests: 5_000, addresses: 500 });
  assertEquals([result.refused, result.turnedAway], [5_000, 0]);
  const { threat, blocked_request, address_blocked } = result.events;
  assertEquals(threat + blocked_request, 5_000, "every one is counted");
  assertEquals([address_blocked, result.blocks], [500, 500]);
  // 30 a minute of each type, and the flood may begin in one minute and end in the next.
  assert(result.kept >= 30 && result.kept <= 180, `${result.kept} kept`);
  assertLess(result.limitKeys, 2_600);
  assertLess(result.otherKeys, 500);
  assertLess(result.heapAfter - result.heapBefore, 64 * MEBI);
  // Twice is the aim, and what the bench shows; a busy test machine gets some slack.
  const { quiet, flooded } = result;
  assertLess(flooded.p50, 2 * quiet.p50 + 0.5);
  assertLess(flooded.p99, 4 * quiet.p99 + 5);
});
