/**
 * A web app to stand behind the gate, as a process of its own. It does what origins do, well and
 * badly, and tells what it saw: `/log` lists requests that ended early.
 */
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { hashOf, patternStream } from "./_bytes.ts";

const TEXT = "All work and no play makes Jack a dull boy. ".repeat(500);
const ENCODERS: Record<string, (text: string) => Uint8Array<ArrayBuffer>> = {
  gzip: (text) => new Uint8Array(gzipSync(text)),
  br: (text) => new Uint8Array(brotliCompressSync(text)),
  deflate: (text) => new Uint8Array(deflateSync(text)),
  zstd: (text) => new Uint8Array(zstdCompressSync(text)),
};

const log: string[] = [];

async function handle(request: Request): Promise<Response> {
  const url = new URL(request.url);
  // The path as it was sent: `new URL` resolves `..`, and the tests are about just that.
  const target = request.url.slice(request.url.indexOf("/", 8));
  const [, route, argument = ""] = target.split("?")[0].split("/");
  switch (route) {
    case "echo":
      return Response.json({
        method: request.method,
        target,
        headers: Object.fromEntries(request.headers),
        body: await request.text(),
      });
    case "bytes":
      return new Response(patternStream(Number(argument)), {
        headers: { "content-type": "application/octet-stream" },
      });
    case "sized":
      return new Response(patternStream(Number(argument)), {
        headers: { "content-length": argument },
      });
    case "hash":
      return await hashBody(request);
    case "encoded": {
      const body = ENCODERS[argument](TEXT);
      return new Response(body, {
        headers: { "content-encoding": argument, "content-type": "text/plain", etag: '"strong"' },
      });
    }
    case "status":
      return new Response(["204", "304"].includes(argument) ? null : `status ${argument}`, {
        status: Number(argument),
        headers: { etag: '"e1"' },
      });
    case "redirect":
      return new Response(null, { status: 302, headers: { location: locationOf(argument, url) } });
    case "cookies":
      return new Response("two", {
        headers: [["set-cookie", "a=1; Path=/"], [
          "set-cookie",
          "b=2; Expires=Thu, 01 Jan 2037 00:00:00 GMT",
        ]],
      });
    case "claims":
      return new Response("claims", {
        headers: {
          "cdn-cache-control": "max-age=9",
          "deno-cdn-cache-control": "max-age=9",
          "x-request-id": "of-the-origin",
          "x-powered-by": "Origin 1.0",
          "keep-alive": "timeout=5",
        },
      });
    case "range":
      return rangeOf(request);
    case "events":
      return events(request);
    case "socket":
      return socket(request);
    case "refuse-socket":
      return new Response("no sockets here", { status: 403 });
    case "slow":
      await new Promise((resolve) => setTimeout(resolve, Number(argument)));
      return new Response("at last");
    case "trickle":
      return trickle(request);
    case "early":
      // Answers without having read the body.
      return new Response("early", { status: 413 });
    case "big-header":
      return new Response("big", { headers: { "x-big": "x".repeat(Number(argument)) } });
    case "log":
      return Response.json(log);
    default:
      return new Response("nothing", { status: 404 });
  }
}

async function hashBody(request: Request): Promise<Response> {
  const { hash, length } = await hashOf(request.body);
  return Response.json({ hash, length, declared: request.headers.get("content-length") });
}

function locationOf(kind: string, url: URL): string {
  return {
    absolute: `${url.origin}/echo/there?a=1#part`,
    relative: "/echo/there",
    foreign: "https://elsewhere.example/x",
  }[kind] ?? "/";
}

function rangeOf(request: Request): Response {
  const [, from, to] = /bytes=(\d+)-(\d+)/.exec(request.headers.get("range") ?? "") ?? [];
  if (!from) return new Response("0123456789", { headers: { "accept-ranges": "bytes" } });
  return new Response("0123456789".slice(Number(from), Number(to) + 1), {
    status: 206,
    headers: { "content-range": `bytes ${from}-${to}/10` },
  });
}

function noteAbort(request: Request, what: string): void {
  request.signal.addEventListener("abort", () => log.push(`${what} aborted`));
}

function events(request: Request): Response {
  noteAbort(request, "events");
  let timer: ReturnType<typeof setInterval>;
  let count = 0;
  const body = new ReadableStream({
    start(controller) {
      const send = () => controller.enqueue(new TextEncoder().encode(`data: ${count++}\n\n`));
      send();
      timer = setInterval(send, 100);
    },
    cancel() {
      clearInterval(timer);
      log.push("events left");
    },
  });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}

/** Ten bytes, one each 100 ms. */
function trickle(request: Request): Response {
  noteAbort(request, "trickle");
  let count = 0;
  const body = new ReadableStream({
    async pull(controller) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      controller.enqueue(new TextEncoder().encode(String(count++)));
      if (count === 100) controller.close();
    },
    cancel() {
      log.push("trickle left");
    },
  });
  return new Response(body);
}

function socket(request: Request): Response {
  const wanted = new URL(request.url).searchParams.get("choose") ?? undefined;
  const who = request.headers.get("cookie") ?? "stranger";
  const { socket, response } = Deno.upgradeWebSocket(request, { protocol: wanted });
  socket.binaryType = "arraybuffer";
  socket.onopen = () => socket.send(`hello ${who}`);
  socket.onmessage = ({ data }) => {
    if (typeof data === "string" && data.startsWith("close ")) {
      socket.close(Number(data.slice(6)), "asked");
    } else socket.send(data);
  };
  socket.onclose = ({ code, reason }) => log.push(`socket closed ${code} ${reason}`);
  return response;
}

/** Speaks HTTP badly: what a server framework would not let one do. */
async function rawServer(): Promise<number> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  (async () => {
    for await (const connection of listener) speakBadly(connection).catch(() => {});
  })();
  return await Promise.resolve(listener.addr.port);
}

async function speakBadly(connection: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(16_384);
  const length = await connection.read(buffer) ?? 0;
  const [, route] = /^\S+ \/(\S*)/.exec(new TextDecoder().decode(buffer.subarray(0, length))) ?? [];
  const say = (text: string) => connection.write(new TextEncoder().encode(text));
  if (route === "dies") {
    await say("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nonly this much");
    await new Promise((resolve) => setTimeout(resolve, 50));
  } else if (route === "dies-chunked") {
    await say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
    await new Promise((resolve) => setTimeout(resolve, 50));
  } else if (route === "garbage") await say("this is no HTTP\r\n\r\n");
  else if (route === "hop") {
    await say(
      "HTTP/1.1 200 OK\r\nConnection: close, X-Secret-Hop\r\nX-Secret-Hop: 1\r\n" +
        "X-Kept: 1\r\nContent-Length: 2\r\n\r\nok",
    );
  } else if (route === "odd-status") await say("HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n");
  connection.close();
}

const rawPort = await rawServer();
Deno.serve({
  hostname: "127.0.0.1",
  port: 0,
  onListen: ({ port }) => console.log(JSON.stringify({ port, rawPort })),
}, handle);
