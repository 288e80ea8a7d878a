/** The door of the gateway without a network; tests/gateway/ is about what passes through it. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import type { GateContext } from "../../src/context.ts";
import { AppError } from "../../src/errors/app_error.ts";
import { createProxy, type Proxy, type ProxyOptions } from "../../src/origin/proxy.ts";
import { createTestClock } from "../_clock.ts";

const gate: GateContext = {
  requestId: "r-1",
  path: "/",
  client: {
    ip: "203.0.113.9",
    subject: "203.0.113.9",
    peer: "203.0.113.9",
    viaTrustedProxy: false,
  },
  scheme: "http",
  host: "shop.example",
  nonce: () => "",
  remoteAddr: { transport: "tcp", hostname: "203.0.113.9", port: 1 },
};

const createTestProxy = (origin: string, options: Partial<ProxyOptions> = {}) =>
  createProxy({
    origin: new URL(origin),
    timeoutMs: 1_000,
    deploymentId: "a1",
    clock: createTestClock(),
    ...options,
  });

/** An origin of one answer to each connection. */
function listen(answer: string) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const requests: string[] = [];
  const served = (async () => {
    for await (const connection of listener) {
      const bytes = new Uint8Array(65_536);
      const count = await connection.read(bytes) ?? 0;
      requests.push(new TextDecoder().decode(bytes.subarray(0, count)));
      await connection.write(new TextEncoder().encode(answer));
      connection.close();
    }
  })();
  return {
    url: `http://127.0.0.1:${listener.addr.port}`,
    requests,
    async [Symbol.asyncDispose]() {
      listener.close();
      await served;
    },
  };
}

async function codeOf(proxy: Proxy, request: Request, context = gate): Promise<string> {
  const error = await assertRejects(() => proxy.handle(request, context), AppError);
  assert(error instanceof AppError);
  return error.code;
}

const UNUSED = "http://127.0.0.1:1";

Deno.test("proxy.handle() asks the origin as the client asked, and says who it was", async () => {
  await using origin = listen("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A: b\r\n\r\nok");
  const proxy = createTestProxy(origin.url);
  const request = new Request("http://shop.example/a/%2e%2e/b?x=+", { headers: { "x-c": "d" } });
  const response = await proxy.handle(request, gate);
  assertEquals([response.status, response.headers.get("x-a"), await response.text()], [
    200,
    "b",
    "ok",
  ]);
  // The gate writes its own headers onto the answer.
  response.headers.set("x-request-id", "r-1");
  const lines = origin.requests[0].split("\r\n");
  assertEquals(lines[0], `GET ${request.url.slice("http://shop.example".length)} HTTP/1.1`);
  for (
    const line of [
      "host: shop.example",
      "x-c: d",
      "x-forwarded-for: 203.0.113.9",
      "x-forwarded-host: shop.example",
      "x-forwarded-proto: http",
      "x-request-id: r-1",
      "cdn-loop: gatehouse-a1",
    ]
  ) assert(lines.includes(line), line);
  await proxy.close();
});

Deno.test("proxy.handle() asks for the host it was told to, and speaks of none but the public one", async () => {
  await using origin = listen(
    "HTTP/1.1 302 Found\r\nLocation: https://app.example/x\r\nContent-Length: 0\r\n\r\n",
  );
  const proxy = createTestProxy(origin.url, { toldHost: "app.example" });
  const plain = { origin: "http://shop.example" };
  const handshake = {
    ...plain,
    upgrade: "websocket",
    connection: "upgrade",
    "sec-websocket-version": "13",
    "sec-websocket-key": "x",
  };
  for (const headers of [plain, handshake]) {
    const request = new Request("http://shop.example/", { headers });
    const response = await proxy.handle(request, gate);
    assertEquals(response.headers.get("location"), "http://shop.example/x");
    const lines = origin.requests.pop()?.split("\r\n") ?? [];
    for (
      const line of [
        "host: app.example",
        "origin: http://app.example",
        "x-forwarded-host: shop.example",
        "x-forwarded-port: 80",
      ]
    ) assert(lines.includes(line), line);
  }
  await proxy.close();
});

Deno.test("proxy.handle() refuses what cannot be passed on", async () => {
  const proxy = createTestProxy(`${UNUSED}/app`);
  assertEquals(await codeOf(proxy, new Request("http://h/..%2fx")), "MALFORMED_REQUEST");
  for (const host of ["a/b", "", "u@h"]) {
    assertEquals(
      await codeOf(proxy, new Request("http://h/"), { ...gate, host }),
      "MALFORMED_REQUEST",
    );
  }
  const looped = new Request("http://h/", { headers: { "cdn-loop": "x, gatehouse-a1" } });
  assertEquals(await codeOf(proxy, looped), "LOOP_DETECTED");
});

Deno.test("proxy.handle() tells of each request the origin did not answer, and of no other", async () => {
  const failures: string[] = [];
  const onFailure = (code: string) => failures.push(code);
  const proxy = createTestProxy(UNUSED, { onFailure });
  assertEquals(await codeOf(proxy, new Request("http://h/")), "ORIGIN_UNREACHABLE");
  const looped = new Request("http://h/", { headers: { "cdn-loop": "gatehouse-a1" } });
  await codeOf(proxy, looped);
  assertEquals(failures, ["ORIGIN_UNREACHABLE"]);
});

Deno.test("proxy.handle() answers a client that has gone with 499, which nobody reads", async () => {
  const proxy = createTestProxy(UNUSED);
  const signal = AbortSignal.abort();
  assertEquals((await proxy.handle(new Request("http://h/", { signal }), gate)).status, 499);
});

Deno.test("proxy.handle() asks no more of the origin than it may", async () => {
  const proxy = createTestProxy(UNUSED, { connectionsMax: 0 });
  assertEquals(await codeOf(proxy, new Request("http://h/")), "TEMPORARILY_UNAVAILABLE");
});

Deno.test("proxy.handle() shows the origin's addresses as ours", async () => {
  await using origin = listen(
    "HTTP/1.1 201 Created\r\nLocation: http://localhost:1/app/x?y\r\n" +
      "Content-Location: /app/x\r\nContent-Length: 0\r\n\r\n",
  );
  // The name differs from the address, so the redirect is another site's.
  const foreign = createTestProxy(`${origin.url}/app`);
  const { headers } = await foreign.handle(new Request("http://h/"), gate);
  assertEquals(headers.get("location"), "http://localhost:1/app/x?y");
  assertEquals(headers.get("content-location"), "/x");
  await foreign.close();
});

Deno.test("proxy.handle() gives 205 as 204, which needs no length", async () => {
  for (const body of ["Content-Length: 2\r\n\r\nok", "Content-Length: 9\r\n\r\nok", "\r\n"]) {
    await using origin = listen(`HTTP/1.1 205 Reset Content\r\nX-A: b\r\n${body}`);
    const proxy = createTestProxy(origin.url);
    const response = await proxy.handle(new Request("http://h/"), gate);
    assertEquals([response.status, response.body, response.headers.get("x-a")], [204, null, "b"]);
    assertEquals(response.headers.get("content-length"), null);
    await proxy.close();
  }
});

/** A gateway in this process, for sockets, which only a server can open. */
function serve(proxy: Proxy) {
  const options = { hostname: "127.0.0.1", port: 0, onListen() {} };
  const server = Deno.serve(options, async (request) => {
    try {
      return await proxy.handle(request, gate);
    } catch (error) {
      return new Response(null, { status: error instanceof AppError ? error.spec.status : 500 });
    }
  });
  return server;
}

async function openSocket(server: Deno.HttpServer<Deno.NetAddr>, protocols: string[]) {
  const socket = new WebSocket(`ws://127.0.0.1:${server.addr.port}/`, protocols);
  const opened = Promise.withResolvers<boolean>();
  const closed = Promise.withResolvers<number>();
  socket.onopen = () => opened.resolve(true);
  socket.onerror = (event) => {
    event.preventDefault();
    opened.resolve(false);
  };
  socket.onclose = ({ code }) => closed.resolve(code);
  return { socket, isOpen: await opened.promise, closed: closed.promise };
}

Deno.test("proxy.handle() joins a client's WebSocket to the origin's until it closes", async () => {
  const origin = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    const { socket, response } = Deno.upgradeWebSocket(request, { protocol: "b" });
    socket.onmessage = ({ data }) => socket.send(data);
    return response;
  });
  const proxy = createTestProxy(`http://127.0.0.1:${origin.addr.port}`);
  const server = serve(proxy);
  const { socket, isOpen, closed } = await openSocket(server, ["a", "b"]);
  assertEquals([isOpen, socket.protocol], [true, "b"]);
  const echoed = new Promise((resolve) => socket.onmessage = ({ data }) => resolve(data));
  socket.send("hello");
  assertEquals(await echoed, "hello");
  await proxy.close();
  assertEquals(await closed, 1_001);
  await server.shutdown();
  await origin.shutdown();
});

Deno.test("proxy.handle() opens no WebSocket for an origin that agrees to another one", async () => {
  await using origin = listen(
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
      "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
  );
  const failures: string[] = [];
  const proxy = createTestProxy(origin.url, { onFailure: (code) => failures.push(code) });
  const server = serve(proxy);
  const { isOpen, closed } = await openSocket(server, []);
  await closed;
  assertEquals([isOpen, failures], [false, ["ORIGIN_UNREACHABLE"]]);
  await proxy.close();
  await server.shutdown();
});

Deno.test("proxy.close() ends event streams and lets other answers finish", async () => {
  const head = (type: string) => `HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\n`;
  await using events = listen(`${head("text/event-stream")}Transfer-Encoding: chunked\r\n\r\n`);
  const proxy = createTestProxy(events.url);
  const { body } = await proxy.handle(new Request("http://h/"), gate);
  assert(body);
  const reader = body.getReader();
  const reading = reader.read();
  await proxy.close();
  assertEquals((await reading).done, true);
});
