import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  append,
  join,
  NO_USES,
  onlyUnbacked,
  repay,
  since,
  unbackedIn,
  type Uses,
} from "../../src/limits/lease_uses.ts";

const uses = (slot: number, backed: number, unbacked = 0): Uses => ({ slot, backed, unbacked });

const lists = fc.array(
  fc.record({
    slot: fc.nat(20),
    backed: fc.nat(50),
    unbacked: fc.nat(50),
  }),
  { maxLength: 12 },
).map((list) => list.sort((one, other) => one.slot - other.slot).reduce(append, NO_USES));

const sum = (list: readonly Uses[]) =>
  list.reduce((all, { backed, unbacked }) => all + backed + unbacked, 0);

Deno.test("append() keeps one entry a slot", () => {
  const list = [uses(1, 2), uses(1, 0, 3), uses(2, 4)].reduce(append, NO_USES);
  assertEquals(list, [uses(1, 2, 3), uses(2, 4)]);
});

Deno.test("join() merges the slot where the older list ends and the newer begins", () => {
  assertEquals(join([uses(1, 1), uses(2, 1)], [uses(2, 0, 5), uses(3, 1)]), [
    uses(1, 1),
    uses(2, 1, 5),
    uses(3, 1),
  ]);
  assertEquals(join(NO_USES, [uses(3, 1)]), [uses(3, 1)]);
});

Deno.test("since() drops the slots before, and only those", () => {
  const list = [uses(1, 1), uses(2, 1), uses(5, 1)];
  assertEquals(since(list, 0), list);
  assertEquals(since(list, 2), [uses(2, 1), uses(5, 1)]);
  assertEquals(since(list, 9), []);
  assertEquals(since(NO_USES, 9), []);
});

Deno.test("onlyUnbacked() keeps what the record may not hold", () => {
  assertEquals(onlyUnbacked([uses(1, 4), uses(2, 4, 3)]), [uses(2, 0, 3)]);
});

Deno.test("repay() moves uses from unbacked to backed, never more than there are permits", () => {
  fc.assert(fc.property(lists, fc.nat(100), fc.nat(20), (list, permits, until) => {
    const repaid = repay(list, permits, until);
    assertEquals(sum(repaid.uses), sum(list));
    assertEquals(unbackedIn(list) - unbackedIn(repaid.uses), permits - repaid.left);
    assertEquals(repaid.left >= 0, true);
    repaid.uses.forEach(({ slot, unbacked }, index) => {
      if (slot > until) assertEquals(unbacked, list[index].unbacked, "the lease ends before it");
    });
  }));
});

Deno.test("repay() repays the oldest uses first", () => {
  const { uses: list, left } = repay([uses(1, 0, 3), uses(2, 1, 3)], 4, 9);
  assertEquals(list, [uses(1, 3, 0), uses(2, 2, 2)]);
  assertEquals(left, 0);
});
