import { assertEquals, assertLessOrEqual } from "@std/assert";
import fc from "fast-check";
import { createRecent } from "../../src/resilience/recent.ts";

Deno.test("createRecent() answers what it was given and forgets nothing below half its bound", () => {
  fc.assert(fc.property(fc.integer({ min: 2, max: 40 }), fc.array(fc.nat(60)), (max, keys) => {
    const recent = createRecent<number>(max);
    keys.forEach((key) => recent.set(String(key), key));
    const lastFirst = [...new Set(keys.toReversed())];
    for (const key of lastFirst.slice(0, Math.floor(max / 2))) {
      assertEquals(recent.get(String(key)), key);
    }
  }));
});

Deno.test("createRecent() never holds more than its bound under a flood of fresh keys", () => {
  const recent = createRecent<number>(1_000);
  for (let index = 0; index < 100_000; index++) {
    recent.set(`key-${index}`, index);
    assertLessOrEqual(recent.size, 1_000);
  }
});

Deno.test("createRecent() keeps a key that is asked for while others pass through", () => {
  const recent = createRecent<number>(100);
  recent.set("kept", 1);
  for (let index = 0; index < 10_000; index++) {
    recent.set(`key-${index}`, index);
    if (index % 40 === 0) assertEquals(recent.get("kept"), 1);
  }
});
