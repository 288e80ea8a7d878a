import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { keySizeBytes, valueSizeBytes } from "../../src/kv/size.ts";

const anyPart = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60, size: "max" }),
  fc.uint8Array({ maxLength: 60, size: "max" }),
  fc.double(),
  fc.bigInt({ min: -(2n ** 200n), max: 2n ** 200n }),
  fc.boolean(),
);

/** Fills a key up to exactly `sizeBytes` by what our own count says. */
function filled(parts: Deno.KvKey, sizeBytes: number): Deno.KvKey {
  return [...parts, "x".repeat(sizeBytes - keySizeBytes(parts) - 2)];
}

Deno.test("keySizeBytes() agrees with KV: 2048 bytes are written, 2049 are not", async () => {
  using kv = await Deno.openKv(":memory:");
  await fc.assert(
    fc.asyncProperty(fc.array(anyPart, { maxLength: 6 }), async (parts) => {
      await kv.set(filled(parts, 2_048), 1);
      const error = await kv.set(filled(parts, 2_049), 1).catch((error) => error);
      assert(error instanceof TypeError, "2049 bytes were written");
    }),
    { numRuns: 300 },
  );
});

Deno.test("keySizeBytes() counts bytes, not characters, and a zero twice", () => {
  assertEquals(keySizeBytes([]), 0);
  assertEquals(keySizeBytes(["abc"]), 5);
  assertEquals(keySizeBytes(["✓"]), 5);
  assertEquals(keySizeBytes(["\0"]), 4);
  assertEquals(keySizeBytes([new Uint8Array([0, 1])]), 5);
  assertEquals(keySizeBytes([1, true]), 10);
});

Deno.test("valueSizeBytes() agrees with KV at its own limit of 65,536 bytes", async () => {
  using kv = await Deno.openKv(":memory:");
  const shapes: ((length: number) => unknown)[] = [
    (length) => "x".repeat(length),
    (length) => "✓".repeat(Math.floor(length / 2)),
    (length) => ({ list: Array.from({ length: 100 }, (_, n) => n), text: "x".repeat(length) }),
    (length) => new Uint8Array(length),
    (length) => new Map([["blob", new Uint8Array(length)]]),
    (length) => Array.from({ length: Math.floor(length / 11) }, (_, n) => n + 0.5),
  ];
  for (const shape of shapes) {
    for (let length = 65_000; length <= 65_600; length++) {
      const value = shape(length);
      const sizeBytes = valueSizeBytes(value);
      // Bytes inside of other things are described in a few bytes less by Deno than by node:v8.
      if (value instanceof Map && Math.abs(sizeBytes - 65_536) < 8) continue;
      if (Math.abs(sizeBytes - 65_536) > 16) continue;
      const stored = await kv.set(["v"], value).then(() => true, () => false);
      assertEquals(stored, sizeBytes <= 65_536, `${shape} ${length}: ${sizeBytes}`);
    }
  }
});

Deno.test("valueSizeBytes() throws for what cannot be stored", () => {
  assertThrows(() => valueSizeBytes(() => 1), Error, "could not be cloned");
});
