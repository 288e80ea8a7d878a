import { assert, assertEquals, assertInstanceOf, assertRejects, assertThrows } from "@std/assert";
import { AppError } from "../../src/errors/app_error.ts";
import { Connection } from "../../src/origin/connection.ts";
import {
  BrokenUpload,
  framingField,
  type OutgoingBody,
  outgoingBody,
  sendBody,
} from "../../src/origin/request_body.ts";
import { bytesOf, createTestSocket } from "./_socket.ts";

const post = (body: BodyInit | null, headers: HeadersInit = {}) =>
  new Request("http://h/", { method: "POST", body, headers });

function streamOf(...pieces: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  const left = [...pieces];
  return new ReadableStream({
    pull(controller) {
      const piece = left.shift();
      if (piece) controller.enqueue(piece);
      else controller.close();
    },
  });
}

const bodyOf = (bytes: number | undefined, ...pieces: string[]): OutgoingBody => ({
  pieces: streamOf(...pieces.map(bytesOf)).getReader(),
  bytes,
});

Deno.test("outgoingBody() finds a body by what announces it", async () => {
  assertEquals(await outgoingBody(new Request("http://h/")), undefined);
  assertEquals(await outgoingBody(post("", { "content-length": "0" })), undefined);
  assertEquals((await outgoingBody(post("five!", { "content-length": "5" })))?.bytes, 5);
  const chunked = await outgoingBody(post("five!", { "transfer-encoding": "chunked" }));
  assertEquals([chunked !== undefined, chunked?.bytes], [true, undefined]);
});

Deno.test("outgoingBody() looks for a body that nothing announces, as HTTP/2 has them", async () => {
  assertEquals(await outgoingBody(post("")), undefined);
  const empty = new Uint8Array();
  assertEquals(await outgoingBody(post(streamOf(empty, empty))), undefined);
  const body = await outgoingBody(post(streamOf(empty, bytesOf("some"), bytesOf("more"))));
  assertEquals([body?.bytes, body?.first], [undefined, bytesOf("some")]);
});

Deno.test("outgoingBody() refuses a body it was not given, and two ways to read one", () => {
  for (const field of [["content-length", "5"], ["transfer-encoding", "chunked"]] as const) {
    const request = new Request("http://h/", { headers: [[...field]] });
    assertThrows(() => outgoingBody(request), AppError, "GET");
  }
  const both = { "content-length": "5", "transfer-encoding": "chunked" };
  assertThrows(() => outgoingBody(post("five!", both)), AppError);
  for (const length of ["5, 5", "-5", "+5", "x", ""]) {
    assertThrows(() => outgoingBody(post("five!", { "content-length": length })), AppError);
  }
});

Deno.test("framingField() says where the body ends", () => {
  assertEquals(framingField("POST", bodyOf(5)), [["content-length", "5"]]);
  assertEquals(framingField("DELETE", bodyOf(undefined)), [["transfer-encoding", "chunked"]]);
  for (const method of ["POST", "PUT", "PATCH"]) {
    assertEquals(framingField(method, undefined), [["content-length", "0"]]);
  }
  for (const method of ["GET", "DELETE"]) assertEquals(framingField(method, undefined), []);
});

async function send(body: OutgoingBody): Promise<string> {
  const socket = createTestSocket();
  await sendBody(new Connection(socket), body, () => {});
  return socket.written;
}

Deno.test("sendBody() sends counted bodies as they are", async () => {
  assertEquals(await send(bodyOf(8, "some", "more")), "somemore");
});

Deno.test("sendBody() sends others in chunks, small and large", async () => {
  const large = "x".repeat(5_000);
  const body = { ...bodyOf(undefined, "", large), first: bytesOf("first") };
  assertEquals(await send(body), `5\r\nfirst\r\n1388\r\n${large}\r\n0\r\n\r\n`);
});

Deno.test("sendBody() takes turns, so that each side's silence is its own", async () => {
  const turns: string[] = [];
  const body = bodyOf(8, "some", "more");
  await sendBody(new Connection(createTestSocket()), body, (whose) => turns.push(whose));
  assertEquals(turns.join(" "), "client origin client origin client origin");
});

Deno.test("sendBody() throws BrokenUpload for a body of another length than announced", async () => {
  await assertRejects(() => send(bodyOf(5, "four")), BrokenUpload, "shorter");
  await assertRejects(() => send(bodyOf(5, "four", "more")), BrokenUpload, "longer");
  const broken = new ReadableStream<Uint8Array>({ pull: (c) => c.error(new Error("gone")) });
  const body = { pieces: broken.getReader(), bytes: undefined };
  const error = await assertRejects(() => send(body), BrokenUpload, "early");
  assertInstanceOf(error.cause, Error);
});

Deno.test("sendBody() frees long bodies behind it, but not what others cut from one buffer", async () => {
  const whole = Array.from({ length: 20 }, () => new Uint8Array(100_000));
  const buffer = new Uint8Array(2_000_000);
  const cut = Array.from({ length: 20 }, (_, i) => buffer.subarray(i * 100_000, (i + 1) * 100_000));
  for (const pieces of [whole, cut]) {
    const body = { pieces: streamOf(...pieces).getReader(), bytes: 2_000_000 };
    assertEquals((await send(body)).length, 2_000_000);
  }
  assert(whole.some(({ length }) => length === 0));
  assertEquals(buffer.length, 2_000_000);
});
