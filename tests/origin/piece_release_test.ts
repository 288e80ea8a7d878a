import { assertEquals } from "@std/assert";
import { PieceRelease } from "../../src/origin/piece_release.ts";

Deno.test("PieceRelease keeps the first mebibyte, and frees each piece behind it in time", () => {
  const pieces = new PieceRelease();
  const handed = Array.from({ length: 40 }, () => new Uint8Array(65_536));
  for (const piece of handed) {
    pieces.release();
    pieces.keep(piece);
  }
  const left = handed.map(({ length }) => length > 0);
  // Sixteen make the mebibyte; the last one has not been followed by another.
  assertEquals(left.lastIndexOf(false), 38);
  assertEquals(left.indexOf(false), 16);
});

Deno.test("PieceRelease frees a piece once, and none that is shared with others", () => {
  const pieces = new PieceRelease();
  const shared = new Uint8Array(new SharedArrayBuffer(2_000_000));
  for (const piece of [new Uint8Array(2_000_000), shared]) {
    pieces.keep(piece);
    pieces.release();
    pieces.release();
  }
  assertEquals(shared.length, 2_000_000);
});
