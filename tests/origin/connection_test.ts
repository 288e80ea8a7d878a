import { assert, assertEquals, assertRejects } from "@std/assert";
import { MalformedAnswer } from "../../src/origin/answer_head.ts";
import { Connection, HEAD_BYTES_MAX } from "../../src/origin/connection.ts";
import { bytesOf, createTestSocket, settle, textOf } from "./_socket.ts";

Deno.test("Connection.fill() adds to what is unread", async () => {
  const connection = new Connection(createTestSocket("head", " and ", "body"));
  assertEquals(textOf(connection.unread), "");
  assert(await connection.fill());
  assert(await connection.fill());
  assertEquals(textOf(connection.unread), "head and ");
  connection.consume(5);
  assert(await connection.fill());
  assertEquals(textOf(connection.unread), "and body");
});

Deno.test("Connection.fill() says when the other side ended", async () => {
  const socket = createTestSocket("last");
  const connection = new Connection(socket);
  await connection.fill();
  socket.end();
  assertEquals(await connection.fill(), false);
  assertEquals(textOf(connection.unread), "last");
});

Deno.test("Connection.fill() makes room up to 64 KiB and no further", async () => {
  const socket = createTestSocket("x".repeat(HEAD_BYTES_MAX + 10));
  const connection = new Connection(socket);
  while (connection.unread.length < HEAD_BYTES_MAX) await connection.fill();
  await assertRejects(() => connection.fill(), MalformedAnswer, "too large");
  connection.consume(10);
  await connection.fill();
  assertEquals(connection.unread.length, HEAD_BYTES_MAX);
});

Deno.test("Connection.read() hands out what was read before, then the rest", async () => {
  const connection = new Connection(createTestSocket("head|body", "more"));
  await connection.fill();
  connection.consume(5);
  const read = async (max: number) => textOf(await connection.read(max) ?? bytesOf("(end)"));
  assertEquals([await read(2), await read(100), await read(3), await read(9)], [
    "bo",
    "dy",
    "mor",
    "e",
  ]);
});

Deno.test("Connection.read() gives arrays that nobody writes to again", async () => {
  const socket = createTestSocket("first");
  const connection = new Connection(socket);
  await connection.fill();
  const first = await connection.read(100);
  socket.say("other");
  await connection.fill();
  assertEquals(textOf(first ?? bytesOf("")), "first");
});

Deno.test("Connection.read() takes larger pieces while they are full", async () => {
  const socket = createTestSocket("x".repeat(1_000_000));
  const connection = new Connection(socket);
  const sizes: number[] = [];
  for (let i = 0; i < 5; i++) sizes.push((await connection.read(1_000_000))?.length ?? 0);
  assertEquals(sizes, [16_384, 32_768, 65_536, 65_536, 65_536]);
});

Deno.test("Connection.write() writes all of it", async () => {
  const socket = createTestSocket();
  await new Connection(socket).write(bytesOf("x".repeat(100_000)));
  assertEquals(socket.written.length, 100_000);
});

Deno.test("Connection.watch() notices the end, and an unasked word", async () => {
  for (const happens of [(s: ReturnType<typeof createTestSocket>) => s.end(), undefined]) {
    const socket = createTestSocket();
    let noticed = 0;
    new Connection(socket).watch(() => noticed++);
    await settle();
    assertEquals(noticed, 0);
    if (happens) happens(socket);
    else socket.say("unasked");
    await settle();
    assertEquals(noticed, 1);
  }
});

Deno.test("Connection.watch() gives its read to the next answer", async () => {
  const socket = createTestSocket();
  const connection = new Connection(socket);
  connection.watch(() => {});
  socket.say("answer");
  await connection.fill();
  assertEquals(textOf(connection.unread), "answer");
});

Deno.test("Connection.close() may be called twice, and fails what is under way", async () => {
  const socket = createTestSocket();
  const connection = new Connection(socket);
  const reading = connection.fill();
  connection.close();
  connection.close();
  await assertRejects(() => reading, Deno.errors.BadResource);
  assert(socket.isClosed);
});
