import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { MalformedAnswer } from "../../src/origin/answer_head.ts";
import { ChunkedDecoder } from "../../src/origin/chunked.ts";
import { bytesOf, textOf } from "./_socket.ts";

/** The body of chunks that come in pieces of `size` bytes. */
function decode(wire: string, size = wire.length): { text: string; decoder: ChunkedDecoder } {
  const decoder = new ChunkedDecoder();
  let text = "";
  for (let at = 0; at < wire.length; at += size) {
    text += textOf(decoder.decode(bytesOf(wire.slice(at, at + size))));
  }
  return { text, decoder };
}

Deno.test("ChunkedDecoder takes the coding off, however the pieces fall", () => {
  const wire =
    '4\r\nWiki\r\n6;ext="a"\r\npedia \r\nE \r\nin \r\n\r\nchunks.\r\n0\r\nX-Sum: 1\r\n\r\n';
  for (let size = 1; size <= wire.length; size++) {
    const { text, decoder } = decode(wire, size);
    assertEquals([text, decoder.finished, decoder.surplus], [
      "Wikipedia in \r\n\r\nchunks.",
      true,
      0,
    ]);
  }
});

Deno.test("ChunkedDecoder gives back any body in any chunks and any pieces", () => {
  const chunk = fc.string({ unit: fc.constantFrom("a", "\r", "\n", "0"), minLength: 1 });
  fc.assert(
    fc.property(fc.array(chunk), fc.integer({ min: 1, max: 50 }), (chunks, size) => {
      const wire = chunks.map((text) => `${text.length.toString(16)}\r\n${text}\r\n`).join("");
      const { text, decoder } = decode(`${wire}0\r\n\r\n`, size);
      assertEquals([text, decoder.finished], [chunks.join(""), true]);
    }),
  );
});

Deno.test("ChunkedDecoder counts what comes behind the end", () => {
  const { text, decoder } = decode("2\r\nok\r\n0\r\n\r\nHTTP/1.1 200");
  assertEquals([text, decoder.finished, decoder.surplus], ["ok", true, 12]);
  assertEquals(textOf(decoder.decode(bytesOf("more"))), "");
  assertEquals(decoder.surplus, 4);
});

Deno.test("ChunkedDecoder is not finished before the last empty line", () => {
  for (const wire of ["", "2", "2\r\nok", "2\r\nok\r\n", "2\r\nok\r\n0\r\n", "0\r\nX: y\r\n"]) {
    assertEquals(decode(wire).decoder.finished, false, wire);
  }
});

Deno.test("ChunkedDecoder refuses what is no chunk", () => {
  const wires = [
    "\r\n",
    "x\r\n",
    "-1\r\n",
    "+1\r\n",
    "0x2\r\nok\r\n",
    "2 3\r\nok\r\n",
    "2\r\nokay\r\n",
    "1000000000000\r\n",
    "ffffffffffffffff\r\n",
  ];
  for (const wire of wires) assertThrows(() => decode(wire), MalformedAnswer, "", wire);
});

Deno.test("ChunkedDecoder bounds lines and trailers", () => {
  decode(`2;${"x".repeat(1_000)}\r\nok\r\n`);
  for (const size of [1, 100, 5_000]) {
    assertThrows(() => decode(`2;${"x".repeat(2_000)}`, size), MalformedAnswer);
    const trailers = "X-Trailer: x\r\n".repeat(2_000);
    assertThrows(() => decode(`0\r\n${trailers}`, size), MalformedAnswer, "trailers");
  }
});
