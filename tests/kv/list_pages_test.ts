import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import fc from "fast-check";
import { pageOfList, timeKey } from "../../src/kv/list_pages.ts";

const keyOf = (key: string) => key;

Deno.test("pageOfList() shows every row once, last key first, in pages of any size", () => {
  const rows = fc.uniqueArray(fc.string({ unit: "grapheme", maxLength: 20 }), { maxLength: 50 });
  fc.assert(fc.property(rows, fc.integer({ min: 1, max: 20 }), (items, limit) => {
    const shown: string[] = [];
    let cursor: string | undefined;
    do {
      const page = pageOfList(items, keyOf, { limit, cursor });
      shown.push(...page.items);
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
    assertEquals(shown, [...items].sort((a, b) => a < b ? 1 : -1));
  }));
});

Deno.test("pageOfList() goes on behind the last row shown, though rows came and went", () => {
  const { next_cursor } = pageOfList(["d", "c", "b", "a"], keyOf, { limit: 2 });
  const page = pageOfList(["e", "d", "b", "a"], keyOf, { limit: 2, cursor: next_cursor! });
  assertEquals(page, { items: ["b", "a"], next_cursor: null });
});

Deno.test("pageOfList() refuses cursors and sizes that cannot be", async () => {
  for (const cursor of ["", "%", "a", "x".repeat(2_000)]) {
    const list = () => Promise.resolve().then(() => pageOfList([], keyOf, { limit: 1, cursor }));
    await assertRejects(list, Error, "cursor", cursor);
  }
  for (const limit of [0, 201, 1.5]) {
    assertThrows(() => pageOfList([], keyOf, { limit }), RangeError);
  }
});

Deno.test("timeKey() sorts as the times do", () => {
  const times = [-5, 0, 999, 1_000, Date.UTC(2026, 10, 21), 9e14];
  const sorted = times.map(timeKey).toSorted();
  assertEquals(times.map(timeKey), sorted);
});
