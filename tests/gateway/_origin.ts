/**
 * The site behind the gateway in these tests: a process of its own that answers what it is asked
 * by its path, and remembers who left. Prints the URL it listens at.
 */
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { environment } from "../../src/config.ts";
import { sha256 } from "./_client.ts";
import { handleSocket } from "./_origin_sockets.ts";
import { seededBytes } from "./_seeded.ts";

/** What happened to requests, by the name they gave themselves. */
const happened = new Map<string, string[]>();
const note = (name: string, what: string) => {
  happened.set(name, [...happened.get(name) ?? [], what]);
};

type Handler = (request: Request, url: URL) => Response | Promise<Response>;

const text = (length: number) => new TextEncoder().encode("All work and no play. ".repeat(length));

const ENCODINGS: Readonly<Record<string, Uint8Array<ArrayBuffer>>> = {
  gzip: new Uint8Array(gzipSync(text(500))),
  br: new Uint8Array(brotliCompressSync(text(500))),
  deflate: new Uint8Array(deflateSync(text(500))),
  // Nothing here can make it, and nothing on the way may care.
  zstd: new Uint8Array([0x28, 0xb5, 0x2f, 0xfd, ...seededBytes(3_000, 7)]),
};

const PIECE_BYTES = 262_144;

/** Pieces that are made as they are asked for. */
function piecesOf(total: number, pauseMs = 0): ReadableStream<Uint8Array> {
  const piece = new Uint8Array(PIECE_BYTES).fill(97);
  let left = total;
  return new ReadableStream({
    async pull(controller) {
      if (pauseMs) await new Promise((resolve) => setTimeout(resolve, pauseMs));
      controller.enqueue(piece.slice(0, left));
      left -= Math.min(left, PIECE_BYTES);
      if (left === 0) controller.close();
    },
  });
}

function eventStream(name: string, everyMs: number): Response {
  let timer: ReturnType<typeof setInterval>;
  let count = 0;
  const event = () => new TextEncoder().encode(`id: ${++count}\ndata: ${name}\n\n`);
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(event());
      timer = setInterval(() => controller.enqueue(event()), everyMs);
    },
    cancel() {
      clearInterval(timer);
      note(name, "left");
    },
  });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}

async function receive(request: Request, name: string): Promise<Response> {
  let bytes = 0;
  try {
    for await (const piece of request.body ?? []) {
      if (bytes === 0) note(name, "began");
      bytes += piece.length;
    }
  } catch {
    note(name, "broken");
  }
  return Response.json({ bytes });
}

function partOf(request: Request): Response {
  const all = seededBytes(10_000, 1);
  const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.get("range") ?? "") ?? [];
  const headers = { "accept-ranges": "bytes", etag: '"strong"' };
  if (from === undefined) return new Response(all, { headers });
  return new Response(all.slice(Number(from), Number(to) + 1), {
    status: 206,
    headers: { ...headers, "content-range": `bytes ${from}-${to}/${all.length}` },
  });
}

async function echo(request: Request): Promise<Response> {
  const body = await request.bytes();
  return Response.json({
    method: request.method,
    target: request.url.slice(request.url.indexOf("/", 8)),
    headers: Object.fromEntries(request.headers),
    bytes: body.length,
    sha256: await sha256(body),
  });
}

function statusOf(status: number): Response {
  const headers = { etag: '"kept"', "content-length": "0" };
  return new Response(null, { status, headers: status === 204 ? { etag: '"kept"' } : headers });
}

const HANDLERS: Readonly<Record<string, Handler>> = {
  "/bytes": (_request, { searchParams }) =>
    new Response(seededBytes(Number(searchParams.get("n")), Number(searchParams.get("seed")))),
  "/pieces": (_request, { searchParams }) => {
    const bytes = seededBytes(Number(searchParams.get("n")), Number(searchParams.get("seed")));
    return new Response(new Blob([bytes]).stream());
  },
  "/stream": (_request, { searchParams }) => {
    const bytes = Number(searchParams.get("n"));
    const headers = searchParams.has("length") ? { "content-length": `${bytes}` } : undefined;
    return new Response(piecesOf(bytes, Number(searchParams.get("pause"))), { headers });
  },
  "/encoded": (_request, { searchParams }) => {
    const encoding = searchParams.get("as") ?? "";
    return new Response(ENCODINGS[encoding], {
      headers: {
        "content-type": "text/html",
        "content-encoding": encoding,
        "etag": `"${encoding}"`,
        "vary": "Accept-Encoding",
      },
    });
  },
  "/redirect": (request, { searchParams }) => {
    const location = searchParams.get("to")?.replace("{origin}", new URL(request.url).host) ?? "";
    return new Response("moved", { status: 302, headers: { location } });
  },
  "/cookies": () => {
    const headers = new Headers({ "content-type": "text/plain" });
    for (const cookie of ["a=1; Path=/", "b=2; Expires=Wed, 21 Oct 2030 07:28:00 GMT"]) {
      headers.append("set-cookie", cookie);
    }
    return new Response("two", { headers });
  },
  "/head": () =>
    new Response("x".repeat(1_234), {
      headers: { etag: '"h"', "x-odd": "caf\u00e9 \u00c3\u00a0" },
    }),
  "/status": (_request, { searchParams }) => statusOf(Number(searchParams.get("code"))),
  "/part": partOf,
  "/duplex": (request) => new Response(request.body),
  "/early": () => new Response("too much", { status: 413 }),
  "/events": (_request, { searchParams }) =>
    eventStream(searchParams.get("name") ?? "", Number(searchParams.get("every") ?? 100)),
  "/receive": (request, { searchParams }) => receive(request, searchParams.get("name") ?? ""),
  "/slow": async (request, { searchParams }) => {
    const name = searchParams.get("name") ?? "";
    request.signal.addEventListener("abort", () => note(name, "left"));
    note(name, "came");
    await new Promise((resolve) => setTimeout(resolve, Number(searchParams.get("ms"))));
    return new Response("at last");
  },
  "/happened": (_request, { searchParams }) =>
    Response.json(happened.get(searchParams.get("name") ?? "") ?? []),
  "/fields": () =>
    new Response("fields", {
      headers: {
        "keep-alive": "timeout=5",
        "proxy-authenticate": "Basic",
        "alt-svc": 'h3=":443"',
        "deno-cdn-cache-control": "max-age=9",
        "cdn-cache-control": "max-age=9",
        "deno-cache-tag": "t",
        "deno-cache-id": "i",
        "x-kept": "yes",
        "server": "origin/1",
      },
    }),
};

const { PORT, CERT, KEY } = environment();
Deno.serve({
  hostname: "127.0.0.1",
  port: Number(PORT),
  ...(CERT && KEY ? { cert: CERT, key: KEY } : {}),
  onListen: ({ port }) => console.log(`http://127.0.0.1:${port}`),
  onError: () => new Response(null, { status: 500 }),
}, (request) => {
  const url = new URL(request.url);
  if (url.pathname.startsWith("/socket")) return handleSocket(request, url);
  return (HANDLERS[url.pathname] ?? echo)(request, url);
});
