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
  const { host } = new URL(origin.url);
  const lines = origin.requests[0].split("\r\n");
  assertEquals(lines[0], `GET ${request.url.slice("http://shop.example".length)} HTTP/1.1`);
  for (
    const line of [
      `host: ${host}`,
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
