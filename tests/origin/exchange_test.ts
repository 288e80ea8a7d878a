import { assert, assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { AppError } from "../../src/errors/app_error.ts";
import { ClientGone, Exchange, type OriginRequest } from "../../src/origin/exchange.ts";
import { createPool } from "../../src/origin/pool.ts";
import { createTestClock } from "../_clock.ts";
import { bytesOf, createTestSocket, settle, type TestSocket, textOf } from "./_socket.ts";

const OK = "HTTP/1.1 200 OK\r\n";
const SIZED = `${OK}Content-Length: 4\r\n\r\nbody`;

/** An origin whose connections say, one after the other, what they are given. */
function createTestOrigin(...connections: readonly (readonly string[])[]) {
  const clock = createTestClock();
  const sockets: TestSocket[] = [];
  const dial = () => {
    const says = connections[sockets.length];
    if (!says) return Promise.reject(new Deno.errors.ConnectionRefused("refused"));
    const socket = createTestSocket(...says);
    sockets.push(socket);
    return Promise.resolve(socket);
  };
  const pool = createPool({ dial, clock, openMax: 10 });
  let ended = 0;
  const start = (request: Partial<OriginRequest> = {}) =>
    new Exchange({
      method: "GET",
      head: "GET / HTTP/1.1\r\n\r\n",
      body: undefined,
      signal: new AbortController().signal,
      ...request,
    }, {
      pool,
      clock,
      patienceMs: { origin: 1_000, client: 5_000 },
      onEnd: () => ended++,
    });
  return { start, sockets, pool, clock, ended: () => ended };
}

const bodyOf = async (body: unknown) => await new Response(body as BodyInit).text();

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error = await assertRejects(() => promise, AppError);
  assertInstanceOf(error, AppError);
  return error.code;
}

Deno.test("Exchange.run() asks, answers and gives the connection back once", async () => {
  const { start, sockets, pool, ended } = createTestOrigin([SIZED]);
  const { head, body } = await start().run();
  assertEquals([head.status, await bodyOf(body)], [200, "body"]);
  assertEquals([sockets[0].written, ended()], ["GET / HTTP/1.1\r\n\r\n", 1]);
  sockets[0].say(SIZED);
  await settle();
  // What came unasked ended the connection.
  assertEquals([pool.size, sockets[0].isClosed], [0, true]);
});

Deno.test("Exchange.run() uses a connection again", async () => {
  const { start, sockets, pool } = createTestOrigin([SIZED]);
  for (let i = 0; i < 3; i++) {
    const answering = start().run();
    if (i > 0) {
      await settle();
      sockets[0].say(SIZED);
    }
    await answering;
  }
  assertEquals([sockets.length, pool.size], [1, 1]);
  pool.close();
});

Deno.test("Exchange.run() streams a body and ends with it", async () => {
  const { start, sockets, pool, ended } = createTestOrigin([`${OK}Content-Length: 8\r\n\r\n`]);
  const { body } = await start().run();
  assert(body instanceof ReadableStream);
  assertEquals(ended(), 0);
  const text = bodyOf(body);
  sockets[0].say("half");
  await settle();
  sockets[0].say("full");
  assertEquals([await text, ended(), pool.size], ["halffull", 1, 1]);
  pool.close();
});

Deno.test("Exchange.run() reads over interim answers, up to ten", async () => {
  const interim = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
  const { start, pool } = createTestOrigin([interim, interim, SIZED], [interim.repeat(11)]);
  assertEquals((await start().run()).head.status, 200);
  pool.close();
  assertEquals(await codeOf(start().run()), "ORIGIN_UNREACHABLE");
});

Deno.test("Exchange.run() asks again where an idle connection turns out dead", async () => {
  for (const method of ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"]) {
    const { start, sockets, pool } = createTestOrigin([SIZED], [SIZED]);
    await start().run();
    const answering = start({ method }).run();
    sockets[0].end();
    assertEquals((await answering).head.status, 200, method);
    assertEquals([sockets.length, sockets[0].isClosed], [2, true]);
    pool.close();
  }
});

Deno.test("Exchange.run() asks nothing twice that may have been done", async () => {
  const body = () => ({ pieces: new Blob(["x"]).stream().getReader(), bytes: 1 });
  for (const request of [{ method: "POST" }, { method: "PUT", body: body() }]) {
    const { start, sockets } = createTestOrigin([SIZED], [SIZED]);
    await start().run();
    const answering = codeOf(start(request).run());
    await settle();
    sockets[0].end();
    assertEquals(await answering, "ORIGIN_UNREACHABLE");
    assertEquals(sockets.length, 1);
  }
});

Deno.test("Exchange.run() asks once only over a connection of its own", async () => {
  const { start, sockets } = createTestOrigin([], [SIZED]);
  const answering = codeOf(start().run());
  await settle();
  sockets[0].end();
  assertEquals([await answering, sockets.length], ["ORIGIN_UNREACHABLE", 1]);
});

Deno.test("Exchange.run() says that the origin cannot be reached or understood", async () => {
  assertEquals(await codeOf(createTestOrigin().start().run()), "ORIGIN_UNREACHABLE");
  for (const said of ["220 hello\r\n\r\n", "HTTP/1.1 101 Switching Protocols\r\n\r\n"]) {
    const { start, sockets, ended } = createTestOrigin([said]);
    assertEquals(await codeOf(start().run()), "ORIGIN_UNREACHABLE");
    assertEquals([sockets[0].isClosed, ended()], [true, 1]);
  }
});

Deno.test("Exchange.run() gives up on a silent origin", async () => {
  using time = new FakeTime();
  const { start, sockets, clock } = createTestOrigin([]);
  const code = codeOf(start().run());
  for (let i = 0; i < 3; i++) await time.runMicrotasks();
  clock.turn(1_021);
  await time.tickAsync(1_021);
  assertEquals([await code, sockets[0].isClosed], ["ORIGIN_TIMEOUT", true]);
});

Deno.test("Exchange.run() gives up on an origin that cannot be dialled in time", async () => {
  using time = new FakeTime();
  const clock = createTestClock();
  const dialled = Promise.withResolvers<TestSocket>();
  const pool = createPool({ dial: () => dialled.promise, clock, openMax: 1 });
  const { signal } = new AbortController();
  const patienceMs = { origin: 1_000, client: 1_000 };
  const code = codeOf(
    new Exchange({ method: "GET", head: "", body: undefined, signal }, {
      pool,
      clock,
      patienceMs,
      onEnd() {},
    }).run(),
  );
  clock.turn(1_021);
  await time.tickAsync(1_021);
  assertEquals(await code, "ORIGIN_TIMEOUT");
  const late = createTestSocket();
  dialled.resolve(late);
  await time.runMicrotasks();
  assertEquals([late.isClosed, pool.size], [true, 0]);
});

Deno.test("Exchange.run() gives up on a client that stops sending", async () => {
  using time = new FakeTime();
  const { start, clock } = createTestOrigin([]);
  const pieces = new ReadableStream<Uint8Array>().getReader();
  const code = codeOf(start({ method: "POST", body: { pieces, bytes: 5 } }).run());
  for (let i = 0; i < 5; i++) await time.runMicrotasks();
  clock.turn(5_021);
  await time.tickAsync(5_021);
  assertEquals(await code, "REQUEST_TIMEOUT");
});

const LONG_ANSWERS: readonly (readonly [kind: string, head: string, piece: string])[] = [
  ["of a length", `${OK}Content-Length: 900\r\n\r\n`, "some"],
  ["in chunks", `${OK}Transfer-Encoding: chunked\r\n\r\n`, "4\r\nsome\r\n"],
  ["until the end of the connection", `${OK}\r\n`, "some"],
  ["of events", `${OK}Content-Type: text/event-stream\r\n\r\n`, "data: 1\n\n"],
];

for (const [kind, head, piece] of LONG_ANSWERS) {
  const begun = async (time: FakeTime) => {
    const origin = createTestOrigin([head]);
    const { body } = await origin.start().run();
    assert(body instanceof ReadableStream);
    const [socket] = origin.sockets;
    const pass = async (ms: number) => {
      origin.clock.turn(ms);
      await time.tickAsync(ms);
    };
    return { ...origin, socket, pass, reader: body.getReader() };
  };

  Deno.test(`Exchange gives up on a client that takes no more of an answer ${kind}`, async () => {
    for (const taken of [0, 1, 3]) {
      using time = new FakeTime();
      const { socket, pass, reader, pool, ended } = await begun(time);
      for (let i = 0; i < taken; i++) {
        socket.say(piece);
        await reader.read();
      }
      socket.say(piece);
      await pass(4_999);
      assertEquals([socket.isClosed, ended()], [false, 0]);
      await pass(22);
      assertEquals([socket.isClosed, ended(), pool.size], [true, 1, 0]);
      await assertRejects(() => reader.read(), AppError);
    }
  });

  Deno.test(`Exchange waits for a slow client and a silent origin ${kind}`, async () => {
    using time = new FakeTime();
    const { socket, pass, reader } = await begun(time);
    for (let i = 0; i < 5; i++) {
      await pass(4_900);
      const reading = reader.read();
      await pass(60_000);
      socket.say(piece);
      assertEquals((await reading).done, false);
    }
    assertEquals(socket.isClosed, false);
    await reader.cancel();
  });
}

Deno.test("Exchange ends when its client goes, at any time", async () => {
  const gone = new AbortController();
  gone.abort();
  const { start } = createTestOrigin([SIZED]);
  await assertRejects(() => start({ signal: gone.signal }).run(), ClientGone);

  const leaving = new AbortController();
  const waiting = createTestOrigin([]);
  const answering = waiting.start({ signal: leaving.signal }).run();
  await settle();
  leaving.abort();
  await assertRejects(() => answering, ClientGone);
  assertEquals([waiting.sockets[0].isClosed, waiting.ended()], [true, 1]);

  const reading = createTestOrigin([`${OK}Content-Length: 9\r\n\r\nsome`]);
  const { body } = await reading.start().run();
  assert(body instanceof ReadableStream);
  await body.cancel();
  assertEquals([reading.sockets[0].isClosed, reading.ended()], [true, 1]);
});

Deno.test("Exchange.fail() after the end does nothing", async () => {
  const { start, pool, ended } = createTestOrigin([SIZED]);
  const exchange = start();
  await exchange.run();
  exchange.fail(new Error("late"));
  assertEquals([ended(), pool.size], [1, 1]);
  pool.close();
});

Deno.test("Exchange.run() ends once when an answer and its failure come in one moment", async () => {
  for (const answer of [SIZED, `${OK}Content-Length: 8\r\n\r\nhalf`]) {
    const { start, sockets, pool, ended } = createTestOrigin([]);
    const exchange = start();
    const answering = codeOf(exchange.run());
    await settle();
    sockets[0].say(answer);
    exchange.fail(new AppError("ORIGIN_TIMEOUT"));
    assertEquals(await answering, "ORIGIN_TIMEOUT");
    assertEquals([ended(), pool.size, pool.takeIdle()], [1, 0, undefined]);
  }
});

Deno.test("Exchange errors a body that breaks off", async () => {
  const { start, sockets, ended } = createTestOrigin([`${OK}Content-Length: 9\r\n\r\nsome`]);
  const { body } = await start().run();
  sockets[0].end();
  await assertRejects(() => bodyOf(body), AppError);
  assertEquals([sockets[0].isClosed, ended()], [true, 1]);
});

Deno.test("Exchange.endStream() ends events as if they had ended, and nothing else", async () => {
  const head = (type: string) => `${OK}Content-Type: ${type}\r\n\r\n`;
  const { start, sockets, ended } = createTestOrigin(
    [head("text/event-stream; charset=utf-8"), "data: 1\n\n"],
    [head("text/plain"), "some"],
  );
  const [events, download] = [start(), start()];
  const { body } = await events.run();
  assert(body instanceof ReadableStream);
  const reader = body.getReader();
  assertEquals(textOf((await reader.read()).value ?? bytesOf("")), "data: 1\n\n");
  const next = reader.read();
  events.endStream();
  assertEquals([(await next).done, sockets[0].isClosed, ended()], [true, true, 1]);

  const answer = await download.run();
  download.endStream();
  sockets[1].end();
  assertEquals(await bodyOf(answer.body), "some");
});

Deno.test("Exchange hands its connection over when protocols are switched as asked", async () => {
  const { start, sockets, pool, ended } = createTestOrigin([
    "HTTP/1.1 101 Switching Protocols\r\n\r\nfirst",
  ]);
  const leaving = new AbortController();
  const { head, connection } = await start({ upgrades: true, signal: leaving.signal }).run();
  assertEquals([head.status, ended()], [101, 1]);
  // It is no business of the exchange any more.
  leaving.abort();
  assertEquals([textOf(connection?.unread ?? bytesOf("")), sockets[0].isClosed], ["first", false]);
  if (connection) pool.discard(connection);
});

Deno.test("Exchange passes an answer that came before the body was sent", async () => {
  let cancelled = false;
  const endless = new ReadableStream<Uint8Array>({
    cancel() {
      cancelled = true;
    },
  });
  const { start, sockets, pool } = createTestOrigin([SIZED]);
  const body = { pieces: endless.getReader(), bytes: 1_000 };
  const answer = await start({ method: "POST", body }).run();
  assertEquals(await bodyOf(answer.body), "body");
  await settle();
  assertEquals([cancelled, sockets[0].isClosed, pool.size], [true, true, 0]);
});
