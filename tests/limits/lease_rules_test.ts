import { assertEquals, assertThrows } from "@std/assert";
import { checkSame, leaseRules } from "../../src/limits/lease_rules.ts";
import { DAY, MINUTE, SECOND } from "../../src/time.ts";

const limit = { name: "store:ip", quota: 200, windowMs: MINUTE, strict: false };

Deno.test("leaseRules() takes limits of 1 to 10,000,000 in 1 s to 1 day", () => {
  for (const quota of [1, 200, 10_000_000]) {
    for (const windowMs of [SECOND, MINUTE, DAY]) {
      assertEquals(leaseRules({ ...limit, quota, windowMs }, 0).limit.quota, quota);
    }
  }
});

Deno.test("leaseRules() names the limit and the number it cannot count with", () => {
  for (const quota of [0, -1, 1.5, NaN, 10_000_001]) {
    assertThrows(
      () => leaseRules({ ...limit, quota }, 0),
      RangeError,
      `"store:ip" as 'quota' must be 1 to 10000000: current value is ${quota}`,
    );
  }
  for (const windowMs of [0, 999, DAY + 1, NaN]) {
    assertThrows(
      () => leaseRules({ ...limit, windowMs }, 0),
      RangeError,
      `"store:ip" as 'windowMs' must be 1 s to 1 day: current value is ${windowMs}`,
    );
  }
});

Deno.test("checkSame() accepts an equal limit and refuses another one of that name", () => {
  checkSame(limit, { ...limit });
  for (const change of [{ quota: 60 }, { windowMs: SECOND }, { strict: true }]) {
    assertThrows(() => checkSame(limit, { ...limit, ...change }), RangeError, "store:ip");
  }
});
