import { assert, assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import fc from "fast-check";
import { Connection } from "../../src/origin/connection.ts";
import {
  encodeClose,
  encodeFrame,
  FrameError,
  isSendableCode,
  MessageReader,
} from "../../src/origin/websocket_frames.ts";
import { createTestSocket } from "./_socket.ts";

/** A server's frame: without a mask. */
function frame(first: number, payload: Uint8Array | string, claimed?: number): Uint8Array {
  const body = typeof payload === "string" ? new TextEncoder().encode(payload) : payload;
  const size = claimed ?? body.length;
  const length = size < 126
    ? [size]
    : size < 65_536
    ? [126, size >> 8, size & 255]
    : [127, 0, 0, 0, 0, size >>> 24, (size >> 16) & 255, (size >> 8) & 255, size & 255];
  return new Uint8Array([first, ...length, ...body]);
}

const TEXT = 0x81;
const BINARY = 0x82;

function readerOf(frames: readonly Uint8Array[], pieceBytes = 1_000_000, bytesMax = 1_000_000) {
  const socket = createTestSocket();
  const wire = new Uint8Array(frames.flatMap((bytes) => [...bytes]));
  for (let at = 0; at < wire.length; at += pieceBytes) {
    socket.sayBytes(wire.slice(at, at + pieceBytes));
  }
  socket.end();
  return new MessageReader(new Connection(socket), bytesMax);
}

/** Takes the mask off a client's frame, by the letter of RFC 6455, 5.3. */
function unmask(bytes: Uint8Array): { first: number; payload: Uint8Array } {
  const short = bytes[1] & 0x7f;
  assert((bytes[1] & 0x80) !== 0, "A client's frame is masked");
  const start = short === 126 ? 4 : short === 127 ? 10 : 2;
  const mask = bytes.subarray(start, start + 4);
  return {
    first: bytes[0],
    payload: bytes.slice(start + 4).map((byte, at) => byte ^ mask[at % 4]),
  };
}

Deno.test("encodeFrame() masks a whole message of any length", () => {
  for (const length of [0, 1, 125, 126, 65_535, 65_536, 70_000]) {
    const payload = new Uint8Array(length).map((_, at) => at);
    const bytes = encodeFrame("binary", payload);
    assertEquals(unmask(bytes), { first: 0x82, payload });
  }
  assertEquals(unmask(encodeFrame("text", new Uint8Array([65]))).first, 0x81);
  assertEquals(unmask(encodeFrame("pong", new Uint8Array())).first, 0x8a);
});

Deno.test("encodeClose() carries a code and as much of the reason as fits", () => {
  assertEquals(unmask(encodeClose(undefined, "lost")), { first: 0x88, payload: new Uint8Array() });
  const { payload } = unmask(encodeClose(1_001, "x".repeat(200)));
  assertEquals([payload.length, payload[0] * 256 + payload[1]], [125, 1_001]);
});

Deno.test("MessageReader puts messages together, however the pieces fall", async () => {
  const long = "\u00fc".repeat(40_000);
  const frames = [
    frame(TEXT, "\ufeffhello"),
    frame(0x01, "in "),
    frame(0x89, "ping"),
    frame(0x00, "three "),
    frame(0x80, "parts"),
    frame(BINARY, new Uint8Array([0, 255])),
    frame(TEXT, long),
    frame(0x8a, ""),
    frame(0x88, new Uint8Array([0x0f, 0xa1, 98, 121, 101])),
  ];
  for (const pieceBytes of [1, 7, 1_000, 1_000_000]) {
    const reader = readerOf(pieceBytes === 1 ? frames.toSpliced(6, 1) : frames, pieceBytes);
    assertEquals(await reader.next(), { kind: "text", text: "\ufeffhello" });
    assertEquals(await reader.next(), { kind: "ping", bytes: new TextEncoder().encode("ping") });
    assertEquals(await reader.next(), { kind: "text", text: "in three parts" });
    assertEquals(await reader.next(), { kind: "binary", bytes: new Uint8Array([0, 255]) });
    if (pieceBytes > 1) assertEquals(await reader.next(), { kind: "text", text: long });
    assertEquals(await reader.next(), { kind: "pong", bytes: new Uint8Array() });
    assertEquals(await reader.next(), { kind: "close", code: 4_001, reason: "bye" });
    assertEquals(await reader.next(), undefined);
  }
});

Deno.test("MessageReader reads what any server may send", async () => {
  const message = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(fc.array(message, { maxLength: 4 }), async (messages) => {
      const frames = messages.flatMap((parts) =>
        parts.map((part, i) => frame((i === 0 ? 2 : 0) | (i === parts.length - 1 ? 0x80 : 0), part))
      );
      const reader = readerOf(frames, 11);
      for (const parts of messages) {
        const bytes = new Uint8Array(parts.flatMap((part) => [...part]));
        assertEquals(await reader.next(), { kind: "binary", bytes });
      }
      assertEquals(await reader.next(), undefined);
    }),
    { numRuns: 50 },
  );
});

Deno.test("MessageReader says goodbye as it was said", async () => {
  const read = (payload: number[]) => readerOf([frame(0x88, new Uint8Array(payload))]).next();
  assertEquals(await read([]), { kind: "close", code: undefined, reason: "" });
  assertEquals(await read([0x03, 0xe8]), { kind: "close", code: 1_000, reason: "" });
});

Deno.test("MessageReader ends where the connection does, in the middle of anything", async () => {
  const whole = frame(BINARY, new Uint8Array(200));
  for (const length of [0, 1, 2, 3, 4, 100, 203]) {
    assertEquals(await readerOf([whole.slice(0, length)]).next(), undefined, `${length}`);
  }
});

Deno.test("MessageReader throws for what breaks the protocol, with the code that says so", async () => {
  const breaches: readonly (readonly [code: number, ...frames: Uint8Array[]])[] = [
    [1_002, frame(0x80, "continues nothing")],
    [1_002, frame(0x01, "begun"), frame(TEXT, "and begun again")],
    [1_002, frame(0x83, "unknown kind")],
    [1_002, frame(0x8b, "unknown control")],
    [1_002, frame(0xc1, "compressed")],
    [1_002, new Uint8Array([TEXT, 0x81, 0, 0, 0, 0, 65])],
    [1_002, frame(0x09, "control in parts")],
    [1_002, frame(0x89, "x".repeat(126))],
    [1_002, frame(0x88, new Uint8Array([3]))],
    ...[0, 999, 1_005, 1_006, 1_015, 2_000, 5_000].map((code) =>
      [1_002, frame(0x88, new Uint8Array([code >> 8, code & 255]))] as const
    ),
    [1_007, frame(TEXT, new Uint8Array([0xc3, 0x28]))],
    [1_007, frame(0x88, new Uint8Array([0x03, 0xe8, 0xff]))],
    [1_009, frame(BINARY, "", 1_001)],
    [1_009, frame(0x02, new Uint8Array(600)), frame(0x80, "", 600)],
    [1_009, new Uint8Array([BINARY, 127, 255, 255, 255, 255, 255, 255, 255, 255])],
  ];
  for (const [code, ...frames] of breaches) {
    const reader = readerOf(frames, 1_000_000, 1_000);
    const error = await assertRejects(() => reader.next(), FrameError);
    assertInstanceOf(error, FrameError);
    assertEquals(error.code, code, error.message);
  }
});

Deno.test("isSendableCode() knows the codes a close frame may carry", () => {
  const sendable = [1_000, 1_001, 1_002, 1_003, 1_007, 1_011, 1_014, 3_000, 4_999];
  for (const code of sendable) assert(isSendableCode(code), `${code}`);
  for (const code of [0, 999, 1_004, 1_005, 1_006, 1_015, 2_999, 5_000, 65_535]) {
    assert(!isSendableCode(code), `${code}`);
  }
});
