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
    const open = new Map<string, { hold: ReturnType<typeof holds.open>; bytes: number }>();
    for (const { sender, slot, sizeBytes, releases } of steps) {
      const key = `${sender}/${slot}`;
      const entry = open.get(key) ?? { hold: holds.open(`${sender}`), bytes: 0 };
      open.set(key, entry);
      if (releases) {
        entry.hold.release();
        entry.bytes = 0;
      } else if (entry.hold.take(sizeBytes)) entry.bytes += sizeBytes;
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
