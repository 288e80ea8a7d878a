import { assertEquals } from "@std/assert";
import { blockMs, deservesBlock } from "../../src/blocks/rule.ts";
import { RULE } from "./_bed.ts";

const strong = { payload: 0.95, risk: 0.95, distinctPayloads: 1, corroborated: false };

Deno.test("deservesBlock() spares an address for one strong payload", () => {
  assertEquals(deservesBlock(strong, RULE), false);
  assertEquals(deservesBlock({ ...strong, payload: 1, risk: 1 }, RULE), false);
});

Deno.test("deservesBlock() blocks for two different strong payloads", () => {
  assertEquals(deservesBlock({ ...strong, distinctPayloads: 2 }, RULE), true);
});

Deno.test("deservesBlock() blocks for one when something else speaks against the address", () => {
  assertEquals(deservesBlock({ ...strong, corroborated: true }, RULE), true);
  assertEquals(deservesBlock({ ...strong, risk: 0.9, corroborated: true }, RULE), false);
});

Deno.test("deservesBlock() never blocks without a strong payload", () => {
  const weak = { payload: 0.89, risk: 0.99, distinctPayloads: 9, corroborated: true };
  assertEquals(deservesBlock(weak, RULE), false);
});

Deno.test("deservesBlock() blocks at the first strong payload when BLOCK_STRIKES is 1", () => {
  assertEquals(deservesBlock(strong, { ...RULE, strikes: 1 }), true);
});

Deno.test("blockMs() doubles from an hour to a day", () => {
  const hours = [1, 2, 3, 4, 5, 6, 40].map((times) => blockMs(times, RULE) / 3_600_000);
  assertEquals(hours, [1, 2, 4, 8, 16, 24, 24]);
});
