import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { createBodyHolds } from "../../routes/body_holds.ts";

Deno.test("whatever is taken and given back, no bound is passed and nothing is left over", () => {
  const step = fc.record({
    sender: fc.nat(4),
    slot: fc.nat(9),
    sizeBytes: fc.nat(120),
    releases: fc.boolean(),
  });
  fc.assert(fc.property(fc.array(step), (steps) => {
    const holds = createBodyHolds({ totalBytesMax: 400, shareBytesMax: 150 });
    const ousted = new Set<string>();
    const open = new Map<string, { hold: ReturnType<typeof holds.open>; bytes: number }>();
    for (const { sender, slot, sizeBytes, releases } of steps) {
      const key = `${sender}/${slot}`;
      const entry = open.get(key) ??
        { hold: holds.open(`${sender}`, () => ousted.add(key)), bytes: 0 };
      open.set(key, entry);
      if (releases) {
        entry.hold.release();
        entry.bytes = 0;
      } else if (entry.hold.take(sizeBytes)) entry.bytes += sizeBytes;
      for (const name of ousted) open.get(name)!.bytes = 0;
      ousted.clear();
      const total = [...open.values()].reduce((sum, { bytes }) => sum + bytes, 0);
      const own = [...open].filter(([name]) => name.startsWith(`${sender}/`))
        .reduce((sum, [, { bytes }]) => sum + bytes, 0);
      assertEquals(holds.heldBytes, total);
      assert(total <= 400 && own <= 150);
    }
    for (const { hold } of open.values()) hold.release();
    assertEquals(holds.heldBytes, 0);
  }));
});

Deno.test("where there is no room, the oldest body of whoever holds the most gives way", () => {
  const holds = createBodyHolds({ totalBytesMax: 100, shareBytesMax: 60 });
  const ousted: string[] = [];
  const hold = (sender: string, name: string, sizeBytes: number) => {
    const held = holds.open(sender, () => ousted.push(name));
    assert(held.take(sizeBytes), name);
    return held;
  };
  const settled = hold("a", "a1", 20);
  settled.settle();
  hold("a", "a2", 20);
  hold("a", "a3", 20);
  hold("b", "b1", 30);
  hold("c", "c1", 15);
  assertEquals(ousted, ["a2"]);
  hold("d", "d1", 5);
  hold("e", "e1", 20);
  assertEquals(ousted, ["a2", "a3"]);
  // Nobody gives way to one who would hold more, nor with what is read already.
  assertEquals(holds.open("f", () => {}).take(40), false);
  assertEquals(ousted, ["a2", "a3"]);
  settled.release();
  assertEquals([holds.heldBytes, holds.senders], [70, 4]);
});
