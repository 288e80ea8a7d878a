import { assertEquals, assertRejects } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { createBodyPeek } from "../../routes/body_peek.ts";
import { AppError } from "../../src/errors/app_error.ts";
import { MINUTE } from "../../src/time.ts";

const peek = createBodyPeek({ headBytes: 100, tailBytes: 20 });

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
  const headers = { "content-type": type };
  const request = new Request("http://gate.example/", { method: "POST", headers, body: stream });
  return { request, seen };
}

const lookAt = (request: Request) => peek(request, request.body as ReadableStream<Uint8Array>);

for (
  const [sizeBytes, pieceBytes, head, tail, truncated] of [
    [0, 10, 0, 0, false],
    [100, 7, 100, 0, false],
    [110, 110, 100, 10, false],
    [120, 13, 100, 20, false],
    [121, 13, 100, 20, true],
    [5_000, 64, 100, 20, true],
  ] as const
) {
  Deno.test(`peek() sees both ends of ${sizeBytes} bytes of text and gives back all`, async () => {
    const { request } = bodyOf(sizeBytes, pieceBytes, "text/plain");
    const seen = await lookAt(request);
    assertEquals([seen.head.length, seen.tail.length, seen.truncated], [head, tail, truncated]);
    const whole = await seen.request.bytes();
    assertEquals(whole, Uint8Array.from({ length: sizeBytes }, (_, at) => at % 251));
    assertEquals(seen.head, whole.subarray(0, head));
    assertEquals(seen.tail, whole.subarray(sizeBytes - tail));
  });
}

Deno.test("peek() reads no more of a picture than its start", async () => {
  const { request, seen } = bodyOf(100_000, 50, "image/png");
  const { truncated, request: whole } = await lookAt(request);
  assertEquals([truncated, seen.pulls], [true, 2]);
  assertEquals((await whole.bytes()).length, 100_000);
});

Deno.test("peek() reads no more of a text than 1 MB and a piece", async () => {
  const { request, seen } = bodyOf(3 * 1024 * 1024, 65_536, "application/json");
  const { truncated, request: whole } = await lookAt(request);
  assertEquals([truncated, seen.pulls], [true, 16]);
  await whole.body?.cancel();
});

Deno.test("peek() gives up on a client that sends nothing for a minute", async () => {
  using time = new FakeTime();
  const body = new ReadableStream<Uint8Array>({ pull: () => new Promise(() => {}) });
  const request = new Request("http://gate.example/", { method: "POST", body });
  const looking = assertRejects(() => lookAt(request), AppError, "did not arrive");
  await time.tickAsync(MINUTE);
  await looking;
});
