import { assertEquals, assertLessOrEqual } from "@std/assert";
import { createTokenCache } from "../../src/auth/token_cache.ts";
import { NOW_MS } from "./_tokens.ts";
import { createTestClock } from "../_clock.ts";

Deno.test("createTokenCache() answers until the time it was told", () => {
  const clock = createTestClock(NOW_MS);
  const cache = createTokenCache<number>({ clock, entriesMax: 10, charsMax: 1_000 });
  cache.set("a", 1, NOW_MS + 100);
  clock.turn(99);
  assertEquals(cache.get("a"), 1);
  clock.turn(1);
  assertEquals(cache.get("a"), undefined);
});

Deno.test("createTokenCache() holds at most its entries under a flood", () => {
  const cache = createTokenCache<number>({
    clock: createTestClock(NOW_MS),
    entriesMax: 100,
    charsMax: 1_000_000,
  });
  for (let index = 0; index < 10_000; index++) {
    cache.set(`key-${index}`, index, NOW_MS + 1);
    assertLessOrEqual(cache.size, 101);
  }
  assertEquals(cache.get("key-9999"), 9_999);
});

Deno.test("createTokenCache() holds at most its characters, however long the keys", () => {
  const cache = createTokenCache<number>({
    clock: createTestClock(NOW_MS),
    entriesMax: 1_000,
    charsMax: 10_000,
  });
  const filler = "x".repeat(995);
  for (let index = 0; index < 500; index++) {
    cache.set(filler + String(index).padStart(5), index, NOW_MS + 1);
    assertLessOrEqual(cache.size * 1_000, 10_000);
  }
});

Deno.test("createTokenCache() keeps what is asked for while others pass through", () => {
  const clock = createTestClock(NOW_MS);
  const cache = createTokenCache<number>({ clock, entriesMax: 20, charsMax: 1_000_000 });
  cache.set("kept", 1, NOW_MS + 1_000);
  for (let index = 0; index < 1_000; index++) {
    cache.set(`key-${index}`, index, NOW_MS + 1_000);
    if (index % 5 === 0) assertEquals(cache.get("kept"), 1);
  }
});

Deno.test("createTokenCache() does not carry what has expired into the next generation", () => {
  const clock = createTestClock(NOW_MS);
  const cache = createTokenCache<number>({ clock, entriesMax: 4, charsMax: 1_000 });
  cache.set("a", 1, NOW_MS + 1);
  cache.set("b", 2, NOW_MS + 10);
  cache.set("c", 3, NOW_MS + 10);
  clock.turn(1);
  assertEquals([cache.get("a"), cache.get("b")], [undefined, 2]);
  cache.set("d", 4, NOW_MS + 10);
  assertEquals(cache.get("a"), undefined);
});
