import { assert, assertEquals, assertRejects } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { createBodyHolds } from "../../routes/body_holds.ts";
import { createBodyPeek } from "../../routes/body_peek.ts";
import { AppError } from "../../src/errors/app_error.ts";
import { MINUTE, SECOND } from "../../src/time.ts";

const MIB = 1024 * 1024;
const TEXT = "text/plain";
const PICTURE = "image/png";
const SENDER = { subject: "203.0.113.1", refuses: true };

function createPeek(holds = createBodyHolds()) {
  return createBodyPeek({
    startBytes: 100,
    holds,
    wantsWhole: (headers) => headers.get("content-type") === TEXT,
  });
}

/** A body of as many bytes, in pieces; `pulls` counts the pieces that were asked for. */
function bodyOf(sizeBytes: number, pieceBytes: number, type: string) {
  let at = 0;
  const seen = { pulls: 0 };
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      seen.pulls++;
      const length = Math.min(pieceBytes, sizeBytes - at);
      if (length > 0) {
        controller.enqueue(Uint8Array.from({ length }, (_, byte) => (at + byte) % 251));
      }
      at += length;
      if (at >= sizeBytes) controller.close();
    },
  }, { highWaterMark: 0 });
  return { request: post(stream, type), seen };
}

function post(body: ReadableStream<Uint8Array>, type = TEXT): Request {
  const headers = { "content-type": type };
  return new Request("http://gate.example/", { method: "POST", headers, body });
}

/** A body of which `first` comes at once and then a piece in each `everyMs`, for ever. */
function drip(first: number, pieceBytes: number, everyMs: number): Request {
  let timer: ReturnType<typeof setInterval>;
  return post(
    new ReadableStream({
      start(controller) {
        controller.enqueue(new Uint8Array(first));
        timer = setInterval(() => controller.enqueue(new Uint8Array(pieceBytes)), everyMs);
      },
      cancel: () => clearInterval(timer),
    }),
  );
}

const lookAt = (request: Request, peek = createPeek(), sender = SENDER) =>
  peek(request, request.body!, sender);

for (
  const [sizeBytes, pieceBytes, type, read, whole] of [
    [0, 10, TEXT, 0, true],
    [100, 7, TEXT, 100, true],
    [110, 110, TEXT, 110, true],
    [5_000, 64, TEXT, 5_000, true],
    [5_000, 1, TEXT, 5_000, true],
    [110, 110, PICTURE, 110, false],
    [5_000, 64, PICTURE, 128, false],
    [MIB + 10, MIB, TEXT, MIB, false],
  ] as const
) {
  Deno.test(`peek() reads ${read} of ${sizeBytes} bytes of ${type} in pieces of ${pieceBytes}, and gives back all`, async () => {
    const { request } = bodyOf(sizeBytes, pieceBytes, type);
    const holds = createBodyHolds();
    const seen = await lookAt(request, createPeek(holds));
    assertEquals([seen.bytes.length, seen.whole], [read, whole]);
    assertEquals(holds.heldBytes, read);
    const all = await seen.request.bytes();
    assertEquals(all, Uint8Array.from({ length: sizeBytes }, (_, at) => at % 251));
    assertEquals(seen.bytes, all.subarray(0, read));
    seen.release();
    assertEquals([holds.heldBytes, holds.senders], [0, 0]);
  });
}

Deno.test("peek() reads no more of a text than 1 MB and a piece", async () => {
  const { request, seen } = bodyOf(3 * MIB, 65_536, TEXT);
  const { whole, request: given } = await lookAt(request);
  assertEquals([whole, seen.pulls], [false, 16]);
  await given.body?.cancel();
});

Deno.test("what was read is released when the next piece is asked for, or when nobody wants it", async () => {
  for (const end of ["read", "cancel"] as const) {
    const holds = createBodyHolds();
    const { request } = bodyOf(3 * MIB, MIB, TEXT);
    const seen = await lookAt(request, createPeek(holds));
    const reader = seen.request.body!.getReader();
    await reader.read();
    assertEquals(holds.heldBytes, MIB, end);
    await (end === "read" ? reader.read() : reader.cancel());
    assertEquals(holds.heldBytes, 0, end);
    await reader.cancel();
  }
});

const SLOW: readonly (readonly [what: string, first: number, piece: number, everyMs: number])[] = [
  ["nothing at all", 0, 0, 7 * SECOND],
  ["a byte in 20 seconds", 10, 1, 20 * SECOND],
  ["nearly all, then a byte in 20 seconds", MIB - 100, 1, 20 * SECOND],
  ["a hundred bytes a second", 10, 100, SECOND],
  ["as much as each window asks for, for ever", 10, 700, SECOND],
];

for (const [what, ...slow] of SLOW) {
  Deno.test(`peek() gives up on a client that sends ${what}`, async () => {
    using time = new FakeTime();
    const holds = createBodyHolds();
    const looking = lookAt(drip(...slow), createPeek(holds));
    const refused = assertRejects(() => looking, AppError, "did not arrive");
    for (let at = 0; at < 4 * MINUTE; at += SECOND) await time.tickAsync(SECOND);
    await refused;
    assertEquals([holds.heldBytes, holds.senders], [0, 0]);
  });
}

const PATIENT: readonly (readonly [what: string, first: number, piece: number, everyMs: number])[] =
  [
    ["1 MiB at 50 KB a second", 0, 50_000, SECOND],
    ["1 MiB at 5 KB a second", 0, 5_000, SECOND],
    ["1 MiB with pauses of 25 seconds", 0, 200_000, 25 * SECOND],
  ];

for (const [what, ...slow] of PATIENT) {
  Deno.test(`peek() waits for ${what}`, async () => {
    using time = new FakeTime();
    const looking = lookAt(drip(...slow));
    let isDone = false;
    void looking.then(() => isDone = true);
    for (let at = 0; at < 4 * MINUTE && !isDone; at += SECOND) await time.tickAsync(SECOND);
    const { bytes, request } = await looking;
    assert(bytes.length >= MIB);
    await request.body?.cancel();
  });
}

Deno.test("where nothing may be refused, a slow body goes on as it comes", async () => {
  using time = new FakeTime();
  const late = Promise.withResolvers<void>();
  const request = post(
    new ReadableStream({
      async start(controller) {
        controller.enqueue(new Uint8Array([1]));
        await late.promise;
        controller.enqueue(new Uint8Array([2]));
        controller.close();
      },
    }),
  );
  const looking = lookAt(request, createPeek(), { ...SENDER, refuses: false });
  await time.tickAsync(30 * SECOND);
  const { bytes, whole, request: given } = await looking;
  assertEquals([[...bytes], whole], [[1], false]);
  late.resolve();
  assertEquals([...await given.bytes()], [1, 2]);
});

Deno.test("beyond its share a client is told to come back, others are not", async () => {
  const holds = createBodyHolds({ totalBytesMax: 1_000, shareBytesMax: 300 });
  const peek = createPeek(holds);
  const open = (subject: string) =>
    lookAt(bodyOf(150, 50, TEXT).request, peek, { subject, refuses: true });
  const held = [await open("a"), await open("a")];
  const refusal = await assertRejects(() => open("a"), AppError, "unavailable");
  assertEquals((refusal as AppError).options.headers, { "Retry-After": "30" });
  held.push(await open("b"), await open("b"), await open("c"), await open("c"));
  // 900 bytes are kept: the total bounds those who have something left of their share.
  await assertRejects(() => open("d"), AppError);
  held[0].release();
  held.push(await open("d"));
  for (const { release } of held) release();
  for (const { release } of held) release();
  assertEquals([holds.heldBytes, holds.senders], [0, 0]);
});

/** What the runtime says of a chunk that is none, of a head of chunks too long, of one who left. */
const BREAKS: readonly (readonly [what: string, pieces: number, reason: unknown])[] = [
  ["before its first byte", 0, new TypeError("gone")],
  ["after a piece", 1, new TypeError("invalid chunk size")],
  ["after many pieces", 40, new Deno.errors.BadResource("gone")],
  ["as an HTTP error", 1, new Deno.errors.Http("error reading a body from connection")],
  ["for no reason", 1, undefined],
];

for (const [what, pieces, reason] of BREAKS) {
  Deno.test(`a body that breaks off ${what} is its sender's fault, and gives back what it held`, async () => {
    const holds = createBodyHolds();
    let left = pieces;
    const request = post(
      new ReadableStream({
        pull(controller) {
          if (left-- > 0) controller.enqueue(new Uint8Array(1_000));
          else controller.error(reason);
        },
      }, { highWaterMark: 0 }),
    );
    const thrown = await assertRejects(() => lookAt(request, createPeek(holds)), AppError);
    assert(thrown instanceof AppError && thrown.code === "MALFORMED_REQUEST", `${thrown}`);
    assertEquals([holds.heldBytes, holds.senders], [0, 0]);
  });
}
