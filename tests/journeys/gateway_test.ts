/** The gateway against a real origin: two processes, real sockets, every case of issue 2. */
import { assert, assertEquals, assertLess, assertMatch, assertStringIncludes } from "@std/assert";
import { hashOf, patternHash, patternStream } from "./_bytes.ts";
import { residentBytes, startGateway, startOrigin, type TestGateway } from "./_processes.ts";
import { sendRaw } from "./_raw.ts";

const MEBI = 1024 * 1024;

const origin = await startOrigin();
const gateway = await startGateway({ ORIGIN_URL: origin.url });
const hasty = await startGateway({ ORIGIN_URL: origin.url, ORIGIN_TIMEOUT_SECONDS: "1" });
const badly = await startGateway({ ORIGIN_URL: origin.rawUrl });

// The processes belong to the file, not to one of its tests; the last test ends them.
function gatewayTest(name: string, run: () => Promise<void>): void {
  Deno.test({ name: `gateway: ${name}`, sanitizeOps: false, sanitizeResources: false, fn: run });
}

const json = async (response: Response) => await response.json() as Record<string, unknown>;
const get = (path: string, init: RequestInit = {}) =>
  fetch(gateway.url + path, { redirect: "manual", ...init });

interface Echo {
  readonly method: string;
  readonly target: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}
const echo = async (path: string, init?: RequestInit) =>
  await (await get(path, init)).json() as Echo;

gatewayTest("methods, bodies and answers pass unchanged", async () => {
  for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
    const seen = await echo("/echo/x", { method, body: `body of ${method}` });
    assertEquals([seen.method, seen.body], [method, `body of ${method}`]);
  }
  assertEquals((await echo("/echo/x", { method: "OPTIONS" })).method, "OPTIONS");
});

gatewayTest("path and query reach the origin byte for byte", async () => {
  const targets = [
    "/echo/a%2Fb/../c",
    "/echo/%2e%2e/x",
    "/echo//double",
    "/echo/?q=a+b%20c&q=%C3%BC&empty=&x",
    "/echo/semi;colon=1",
    "/echo/%F0%9F%9A%80",
  ];
  for (const target of targets) {
    const answer = await sendRaw(
      gateway.url,
      `GET ${target} HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n`,
    );
    assertEquals(JSON.parse(new TextDecoder().decode(answer.body)).target, target);
  }
});

gatewayTest("the origin learns who asked from us, and from nobody else", async () => {
  const { headers } = await echo("/echo/x", {
    headers: {
      "x-forwarded-for": "6.6.6.6",
      "x-forwarded-host": "evil.example",
      "x-forwarded-proto": "https",
      "forwarded": "for=6.6.6.6",
      "x-real-ip": "6.6.6.6",
      "true-client-ip": "6.6.6.6",
      "cf-connecting-ip": "6.6.6.6",
      "x-deno-client-address": "6.6.6.6:1",
      "x-risk-score": "0",
      "x-gatehouse-user": "admin",
      "x-request-id": "mine",
      "x-kept": "yes",
      "cookie": "a=1; b=2",
    },
  });
  assertEquals(headers["x-forwarded-for"], "127.0.0.1");
  assertEquals(headers["x-forwarded-proto"], "http");
  assertEquals(headers["x-forwarded-host"], new URL(gateway.url).host);
  // An origin on this machine hears the public host.
  assertEquals(headers["host"], new URL(gateway.url).host);
  assertEquals(headers["x-forwarded-port"], new URL(gateway.url).port);
  assertMatch(headers["x-request-id"], /^[0-9a-f]{8}-\w+$/);
  assertMatch(headers["x-risk-score"], /^[01]\.\d{3}$/);
  assertMatch(headers["cdn-loop"], /^gatehouse-\w+$/);
  assertEquals([headers["x-kept"], headers["cookie"]], ["yes", "a=1; b=2"]);
  const dropped = ["forwarded", "x-real-ip", "true-client-ip", "cf-connecting-ip"];
  dropped.push("x-deno-client-address", "x-gatehouse-user");
  for (const name of dropped) assertEquals(headers[name], undefined, name);
});

gatewayTest("fields of one connection stay on it, both ways", async () => {
  const answer = await sendRaw(
    gateway.url,
    "GET /echo/x HTTP/1.1\r\nHost: h\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nTE: trailers\r\n" +
      "Proxy-Authorization: Basic eDp5\r\nKeep-Alive: timeout=9\r\n\r\n",
  );
  const { headers } = JSON.parse(new TextDecoder().decode(answer.body));
  for (const name of ["x-hop", "te", "proxy-authorization", "keep-alive"]) {
    assertEquals(headers[name], undefined, name);
  }
  const back = await fetch(`${badly.url}/hop`);
  assertEquals(await back.text(), "ok");
  assertEquals([back.headers.get("x-secret-hop"), back.headers.get("x-kept")], [null, "1"]);
});

gatewayTest("what the origin may not say is dropped, the rest and our own are there", async () => {
  const response = await get("/claims");
  await response.text();
  const { headers } = response;
  for (const name of ["cdn-cache-control", "deno-cdn-cache-control", "keep-alive"]) {
    assertEquals(headers.get(name), null, name);
  }
  assertMatch(headers.get("x-request-id") ?? "", /^[0-9a-f]{8}-\w+$/);
  assertEquals(headers.get("x-powered-by"), "Origin 1.0");
  assertEquals(headers.get("x-content-type-options"), "nosniff");
  assert(headers.has("ratelimit-policy"));
});

gatewayTest("redirects pass on, those to the origin itself lead through the gate", async () => {
  const locations: [string, string][] = [
    ["absolute", `${gateway.url}/echo/there?a=1#part`],
    ["relative", "/echo/there"],
    ["foreign", "https://elsewhere.example/x"],
  ];
  for (const [kind, expected] of locations) {
    const response = await get(`/redirect/${kind}`);
    assertEquals([response.status, response.headers.get("location")], [302, expected]);
    await response.body?.cancel();
  }
});

gatewayTest("two cookies arrive as two", async () => {
  const response = await get("/cookies");
  await response.text();
  assertEquals(response.headers.getSetCookie(), [
    "a=1; Path=/",
    "b=2; Expires=Thu, 01 Jan 2037 00:00:00 GMT",
  ]);
});

gatewayTest("HEAD, 204, 304 and 206 keep their shape", async () => {
  const ask = (line: string, more = "") =>
    sendRaw(gateway.url, `${line} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n${more}\r\n`);
  const head = await ask("HEAD /sized/1000");
  assertEquals([head.status, head.body.length], [200, 0]);
  assertEquals(Object.fromEntries(head.headers)["content-length"], "1000");
  for (const status of [204, 304]) {
    const answer = await ask(`GET /status/${status}`);
    assertEquals([answer.status, answer.body.length, answer.cut], [status, 0, false]);
    assertEquals(Object.fromEntries(answer.headers).etag, '"e1"');
  }
  const part = await ask("GET /range", "Range: bytes=2-5\r\n");
  assertEquals([part.status, new TextDecoder().decode(part.body)], [206, "2345"]);
  assertEquals(Object.fromEntries(part.headers)["content-range"], "bytes 2-5/10");
});

gatewayTest("errors of the origin are the origin's", async () => {
  for (const status of [400, 401, 404, 410, 429, 500, 503]) {
    const response = await get(`/status/${status}`);
    assertEquals([response.status, await response.text()], [status, `status ${status}`]);
  }
});

for (const encoding of ["gzip", "br", "deflate", "zstd"]) {
  gatewayTest(`a ${encoding} answer arrives as the origin made it`, async () => {
    const request = `GET /encoded/${encoding} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n` +
      `Accept-Encoding: ${encoding}\r\n\r\n`;
    const [direct, through] = [
      await sendRaw(origin.url, request),
      await sendRaw(gateway.url, request),
    ];
    assertEquals(through.body, direct.body);
    for (const name of ["content-encoding", "content-length", "etag"]) {
      assertEquals(
        Object.fromEntries(through.headers)[name],
        Object.fromEntries(direct.headers)[name],
        name,
      );
    }
  });
}

gatewayTest("300 MB down and 300 MB up pass in flat memory", async () => {
  const size = 300 * MEBI;
  const expected = await patternHash(size);
  await (await get("/bytes/1000000")).arrayBuffer();
  const before = residentBytes(gateway.pid);
  let peak = before;
  const watch = setInterval(() => peak = Math.max(peak, residentBytes(gateway.pid)), 50);
  const down = await hashOf((await get(`/bytes/${size}`)).body);
  assertEquals(down, { hash: expected, length: size });
  const up = await get("/hash", { method: "POST", body: patternStream(size) });
  assertEquals(await json(up), { hash: expected, length: size, declared: null });
  clearInterval(watch);
  console.log(`300 MB each way: ${Math.round((peak - before) / MEBI)} MiB more at the peak`);
  // Garbage of a few hundred chunks; a body held whole would be 300 MiB and stay.
  assertLess(peak - before, 256 * MEBI);
});

gatewayTest("a declared length stays declared", async () => {
  const body = "x".repeat(5_000);
  const seen = await json(await get("/hash", { method: "POST", body }));
  assertEquals([seen.length, seen.declared], [5_000, "5000"]);
  assertEquals((await get("/sized/70000")).headers.get("content-length"), "70000");
});

gatewayTest(
  "an event stream starts at once, and the origin hears when its reader leaves",
  async () => {
    const response = await get("/events");
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    assertStringIncludes((await reader.read()).value ?? "", "data: 0");
    assertStringIncludes((await reader.read()).value ?? "", "data: 1");
    await reader.cancel();
    await untilLogged("events left");
  },
);

gatewayTest("a client that leaves a download ends it at the origin", async () => {
  const response = await get("/trickle");
  const reader = response.body!.getReader();
  await reader.read();
  await reader.cancel();
  await untilLogged("trickle left");
});

gatewayTest("a client that leaves before the answer ends the request at the origin", async () => {
  const leave = new AbortController();
  const asked = get("/events", { signal: leave.signal });
  setTimeout(() => leave.abort(), 100);
  await asked.then((response) => response.text()).catch(() => {});
  await untilLogged("events aborted");
});

async function untilLogged(line: string): Promise<void> {
  for (let attempt = 0; attempt < 60; attempt++) {
    const log: string[] = await (await fetch(`${origin.url}/log`)).json();
    if (log.includes(line)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`The origin never noted: ${line}`);
}

gatewayTest("an origin that is slow to begin is 504, one that is slow to end is not", async () => {
  const late = await fetch(`${hasty.url}/slow/3000`);
  assertEquals(late.status, 504);
  assertEquals((await json(late)).code, "ORIGIN_TIMEOUT");
  const slow = await fetch(`${hasty.url}/trickle`);
  const reader = slow.body!.getReader();
  const startedAt = Date.now();
  while (Date.now() - startedAt < 1_500) assert(!(await reader.read()).done);
  await reader.cancel();
});

gatewayTest("a gate that was frozen for a while does not blame the origin", async () => {
  const answering = [1, 2, 3, 4].map((n) => fetch(`${hasty.url}/slow/${n * 200}`));
  await new Promise((resolve) => setTimeout(resolve, 100));
  Deno.kill(hasty.pid, "SIGSTOP");
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  Deno.kill(hasty.pid, "SIGCONT");
  for (const answer of answering) assertEquals(await (await answer).text(), "at last");
});

gatewayTest("an origin that is down, or speaks no HTTP, is 502", async () => {
  await using down = await startGateway({ ORIGIN_URL: "http://127.0.0.1:1" });
  for (const url of [`${down.url}/x`, `${badly.url}/garbage`, `${badly.url}/odd-status`]) {
    const response = await fetch(url);
    assertEquals(response.status, 502, url);
    const problem = await json(response);
    assertEquals([problem.code, problem.status], ["ORIGIN_UNREACHABLE", 502]);
    assertEquals(response.headers.get("x-frame-options"), "DENY");
  }
  const page = await fetch(`${down.url}/x`, { headers: { accept: "text/html" } });
  const html = await page.text();
  assertStringIncludes(html, "<h1>The site cannot be reached</h1>");
  assertStringIncludes(html, "Please try again in a moment.");
});

gatewayTest("an origin that dies in the middle cuts the client off", async () => {
  for (const path of ["/dies", "/dies-chunked"]) {
    const request = `GET ${path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`;
    const answer = await sendRaw(badly.url, request);
    assertEquals([answer.status, answer.cut], [200, true], path);
  }
});

gatewayTest("a gate whose origin is itself answers 508", async () => {
  await using first = await startGateway({ ORIGIN_URL: origin.url });
  const port = new URL(first.url).port;
  await first.stop();
  await using loop = await startGateway({ PORT: port, ORIGIN_URL: `http://127.0.0.1:${port}` });
  const response = await fetch(`${loop.url}/x`);
  assertEquals(response.status, 508);
  assertEquals((await json(response)).code, "LOOP_DETECTED");
});

gatewayTest("an origin below a path is reached there, and its redirects lead back", async () => {
  await using below = await startGateway({ ORIGIN_URL: `${origin.url}/echo/app/` });
  const seen = await json(await fetch(`${below.url}/page?a=1`));
  assertEquals(seen.target, "/echo/app/page?a=1");
});

gatewayTest("TRACE and CONNECT go nowhere", async () => {
  const answer = await sendRaw(
    gateway.url,
    "TRACE /echo/x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
  );
  assertEquals(answer.status, 405);
});

gatewayTest("smuggling shapes are refused before they reach the origin", async () => {
  const shapes = [
    "Content-Length: 5\r\nTransfer-Encoding: chunked",
    "Content-Length: 5\r\nContent-Length: 6",
    "Transfer-Encoding: chunked, identity",
    "Transfer-Encoding: xchunked",
  ];
  for (const shape of shapes) {
    const request =
      `POST /echo/x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n${shape}\r\n\r\n0\r\n\r\n`;
    assertEquals((await sendRaw(gateway.url, request)).status, 400, shape);
  }
});

gatewayTest("an answer that does not wait for the body reaches the client", async () => {
  const response = await get("/early", { method: "POST", body: patternStream(2 * MEBI) });
  assertEquals([response.status, await response.text()], [413, "early"]);
});

gatewayTest("large header fields pass or are a clear 502, and never hang", async () => {
  assertEquals((await get("/big-header/6000")).headers.get("x-big")?.length, 6_000);
  const huge = await get("/big-header/200000");
  assert(huge.status === 502 || huge.headers.get("x-big")?.length === 200_000, `${huge.status}`);
  await huge.body?.cancel();
});

gatewayTest("a WebSocket passes text, bytes, subprotocol, cookies and closing codes", async () => {
  const url = `${gateway.url.replace("http", "ws")}/socket?choose=b`;
  const socket = await openSocket(url, ["a", "b"]);
  assertEquals(socket.protocol, "b");
  assertEquals(await socket.next(), "hello session=1");
  socket.send("text");
  assertEquals(await socket.next(), "text");
  socket.send(new Uint8Array([1, 2, 255]));
  assertEquals(new Uint8Array(await socket.next() as ArrayBuffer), new Uint8Array([1, 2, 255]));
  const large = "x".repeat(2 * MEBI);
  socket.send(large);
  assertEquals(await socket.next(), large);
  socket.close(4001, "bye");
  assertEquals(await socket.closed, [4001, "bye"]);
  await untilLogged("socket closed 4001 bye");
});

gatewayTest("a WebSocket hears the origin's closing code", async () => {
  for (const code of [1000, 1011, 4002]) {
    const socket = await openSocket(`${gateway.url.replace("http", "ws")}/socket`, []);
    await socket.next();
    socket.send(`close ${code}`);
    assertEquals(await socket.closed, [code, "asked"]);
  }
});

gatewayTest("a WebSocket the origin refuses is refused", async () => {
  const refused = new WebSocket(`${gateway.url.replace("http", "ws")}/refuse-socket`);
  const outcome = await new Promise((resolve) => {
    refused.onopen = () => resolve("open");
    refused.onerror = (event) => {
      event.preventDefault();
      resolve("refused");
    };
  });
  assertEquals(outcome, "refused");
});

async function openSocket(url: string, protocols: string[]) {
  const socket = new WebSocket(url, { protocols, headers: { cookie: "session=1" } });
  socket.binaryType = "arraybuffer";
  const waiting: ((data: unknown) => void)[] = [];
  const arrived: unknown[] = [];
  const closed = Promise.withResolvers<[number, string]>();
  socket.onmessage = ({ data }) => {
    const wanted = waiting.shift();
    if (wanted) wanted(data);
    else arrived.push(data);
  };
  socket.onclose = ({ code, reason }) => closed.resolve([code, reason]);
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = reject;
  });
  return {
    protocol: socket.protocol,
    send: (data: string | Uint8Array<ArrayBuffer>) => socket.send(data),
    next: () =>
      arrived.length > 0
        ? Promise.resolve(arrived.shift())
        : new Promise<unknown>((resolve) => waiting.push(resolve)),
    close: (code: number, reason: string) => socket.close(code, reason),
    closed: closed.promise,
  };
}

gatewayTest("10,000 mixed requests, 64 at a time, without one wrong byte", async () => {
  const sizes = [0, 1, 100, 1_460, 16_384, 65_537, 200_000];
  const hashes = new Map<number, string>();
  for (const size of sizes) hashes.set(size, await patternHash(size));
  let next = 0;
  let wrong = 0;
  const one = async (i: number) => {
    const size = sizes[i % sizes.length];
    if (i % 3 === 0) {
      const body = i % 2 ? patternStream(size) : await new Response(patternStream(size)).bytes();
      const answer = await json(await get("/hash", { method: "POST", body }));
      return answer.hash === hashes.get(size) && answer.length === size;
    }
    const path = i % 2 ? `/bytes/${size}` : `/sized/${size}`;
    return (await hashOf((await get(path)).body)).hash === hashes.get(size);
  };
  const worker = async () => {
    while (next < 10_000) if (!await one(next++)) wrong++;
  };
  await Promise.all(Array.from({ length: 64 }, worker));
  assertEquals(wrong, 0);
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  gatewayTest(`${signal} stops the gate within 5 s, with streams and sockets open`, async () => {
    const stopping: TestGateway = await startGateway({ ORIGIN_URL: origin.url });
    const stream = await fetch(`${stopping.url}/events`);
    const reader = stream.body!.getReader();
    await reader.read();
    const socket = await openSocket(`${stopping.url.replace("http", "ws")}/socket`, []);
    const startedAt = Date.now();
    const { code } = await stopping.stop(signal);
    assertLess(Date.now() - startedAt, 5_000);
    assertEquals(code, 0);
    assertEquals((await socket.closed)[0], 1001);
    await reader.cancel().catch(() => {});
    await stopping[Symbol.asyncDispose]();
  });
}

gatewayTest("a request under way is answered before the gate stops", async () => {
  const stopping = await startGateway({ ORIGIN_URL: origin.url });
  const asked = fetch(`${stopping.url}/slow/700`);
  await new Promise((resolve) => setTimeout(resolve, 200));
  const stopped = stopping.stop("SIGTERM");
  assertEquals(await (await asked).text(), "at last");
  assertEquals((await stopped).code, 0);
  await stopping[Symbol.asyncDispose]();
});

gatewayTest("ends its processes", async () => {
  for (const started of [gateway, hasty, badly, origin]) await started[Symbol.asyncDispose]();
});
