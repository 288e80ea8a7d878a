import { assert, assertEquals } from "@std/assert";
import { shardOf } from "../../src/kv/shard.ts";

Deno.test("shardOf() spreads 10,000 addresses evenly over 64 shards, always the same way", () => {
  const counts = new Array<number>(64).fill(0);
  for (let at = 0; at < 10_000; at++) counts[shardOf(`198.18.${at >> 8}.${at & 255}`, 64)]++;
  assert(Math.max(...counts) < 2 * 10_000 / 64, `${Math.max(...counts)}`);
  assert(Math.min(...counts) > 10_000 / 64 / 2, `${Math.min(...counts)}`);
  assertEquals(shardOf("203.0.113.9", 64), shardOf("203.0.113.9", 64));
});
