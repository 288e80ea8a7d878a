/** What a gateway must not change: methods, targets, bodies, encodings and statuses. */
import { makeCertificate } from "./_certificate.ts";
import { assert, assertEquals } from "@std/assert";
import { ask, bytesOf, Line, sha256 } from "./_client.ts";
import { type Server, type StartGateway, startOrigin } from "./_process.ts";
import { seededBytes } from "./_seeded.ts";

interface Pair {
  readonly origin: Server;
  readonly gate: Server;
}

type Step = readonly [name: string, run: (pair: Pair) => Promise<void>];

const STEPS: readonly Step[] = [
  ["methods and bodies arrive", async ({ gate }) => {
    const body = "body: \u00fc";
    for (const method of ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "QUERY"]) {
      const echo = JSON.parse((await ask(gate.url, "/echo", { method, body })).text);
      assertEquals([echo.method, echo.bytes], [method, 8], method);
    }
    for (const method of ["GET", "DELETE", "OPTIONS"]) {
      const echo = JSON.parse((await ask(gate.url, "/echo", { method })).text);
      assertEquals([echo.method, echo.bytes], [method, 0]);
      assertEquals(echo.headers["content-length"], undefined, method);
    }
    const empty = JSON.parse((await ask(gate.url, "/echo", { method: "POST" })).text);
    assertEquals(empty.headers["content-length"], "0");
  }],
  ["targets arrive byte for byte", async ({ gate }) => {
    const targets = [
      "/",
      "/a%2Fb/%2E%2e/c",
      "/a/../b/./c//d",
      "/p;v=1,2/@:!$&'()*+=~",
      "/q?a=b+c%20d&e=%C3%BC&&f==&g",
      "/q?a=/../%2f?#".slice(0, -1),
      "/%F0%9F%9A%80/%zz",
      `/${"long".repeat(2_000)}?${"q".repeat(8_000)}`,
    ];
    for (const target of targets) {
      assertEquals(JSON.parse((await ask(gate.url, target)).text).target, target);
    }
    // Not a target at all, but some servers take it: it goes on as its UTF-8, escaped.
    const odd = await ask(gate.url, "/\u00c3\u00bc");
    if (odd.status === 200) assertEquals(JSON.parse(odd.text).target, "/%C3%BC");
    const absolute = await ask(gate.url, "http://other.example/p?q");
    assertEquals(JSON.parse(absolute.text).target, "/p?q");
  }],
  ["answers of every length arrive", async ({ gate }) => {
    using line = await Line.open(gate.url);
    for (const bytes of [0, 1, 1_000, 16_383, 16_384, 65_536, 65_537, 1_000_000]) {
      const reply = await line.ask(`/bytes?n=${bytes}&seed=${bytes}`);
      assertEquals(await sha256(reply.body), await sha256(seededBytes(bytes, bytes)), `${bytes}`);
      assertEquals(reply.field("content-length"), `${bytes}`);
    }
    const stream = await line.ask("/stream?n=700000");
    assertEquals([stream.body.length, stream.complete], [700_000, true]);
  }],
  ["encoded answers stay encoded", async ({ gate, origin }) => {
    for (const encoding of ["gzip", "br", "deflate", "zstd"]) {
      for (const accepted of [encoding, "identity", undefined]) {
        const headers = accepted ? [["Accept-Encoding", accepted] as const] : [];
        const direct = await ask(origin.url, `/encoded?as=${encoding}`, { headers });
        const reply = await ask(gate.url, `/encoded?as=${encoding}`, { headers });
        assertEquals(reply.body, direct.body, encoding);
        for (const name of ["content-encoding", "content-length", "etag"]) {
          assertEquals(reply.all(name), direct.all(name), `${encoding} ${name}`);
        }
      }
    }
  }],
  ["plain answers stay plain, whatever the client accepts", async ({ gate }) => {
    const headers = [["Accept-Encoding", "gzip, br"]] as const;
    const reply = await ask(gate.url, "/head", { headers });
    assertEquals(reply.field("content-encoding"), undefined);
    assertEquals([reply.field("etag"), reply.field("content-length")], ['"h"', "1234"]);
  }],
  ["HEAD, 204, 304 and errors keep their shape on one connection", async ({ gate }) => {
    using line = await Line.open(gate.url);
    const head = await line.ask("/head", { method: "HEAD" });
    assertEquals([head.status, head.field("content-length")], [200, "1234"]);
    for (const code of [204, 304, 404, 410, 429, 500, 503]) {
      const reply = await line.ask(`/status?code=${code}`);
      assertEquals([reply.status, reply.body.length, reply.field("etag")], [code, 0, '"kept"']);
    }
  }],
  ["a range is a range", async ({ gate }) => {
    const part = await ask(gate.url, "/part", { headers: [["Range", "bytes=100-299"]] });
    assertEquals([part.status, part.field("content-range")], [206, "bytes 100-299/10000"]);
    assertEquals(part.body, seededBytes(10_000, 1).slice(100, 300));
    assertEquals((await ask(gate.url, "/part")).field("accept-ranges"), "bytes");
  }],
  ["two cookies arrive as two", async ({ gate }) => {
    assertEquals((await ask(gate.url, "/cookies")).all("set-cookie"), [
      "a=1; Path=/",
      "b=2; Expires=Wed, 21 Oct 2030 07:28:00 GMT",
    ]);
  }],
  ["redirects are passed on, those to the origin lead through the gateway", async (servers) => {
    const { host } = new URL(servers.gate.url);
    const inner = new URL(servers.origin.url);
    // `{origin}` is the host that the origin was asked for, which is the public one.
    const expected = [
      [`http://${inner.host}/there?a=1#part`, `http://${host}/there?a=1#part`],
      [`https://${inner.host}/there`, `http://${host}/there`],
      [`//${inner.host}/there`, `//${host}/there`],
      ["http://{origin}/there?a=1#part", `http://${host}/there?a=1#part`],
      ["https://{origin}/there", `https://${host}/there`],
      ["//{origin}/there", `//${host}/there`],
      ["/there", "/there"],
      ["there?x", "there?x"],
      ["https://elsewhere.example/x", "https://elsewhere.example/x"],
      ["http://{origin}.evil.example/", `http://${host}.evil.example/`],
      [`http://${inner.host}.evil.example/`, `http://${inner.host}.evil.example/`],
    ];
    for (const [to, location] of expected) {
      const reply = await ask(servers.gate.url, `/redirect?to=${encodeURIComponent(to)}`);
      assertEquals([reply.status, reply.field("location")], [302, location]);
    }
  }],
  ["uploads arrive in chunks of any size", async ({ gate }) => {
    const body = seededBytes(200_000, 3);
    for (const chunkBytes of [1_000, 4_097, 65_536, 200_000]) {
      const reply = await ask(gate.url, "/echo", { method: "POST", body, chunkBytes });
      const echo = JSON.parse(reply.text);
      assertEquals([echo.bytes, echo.sha256], [200_000, await sha256(body)]);
      assertEquals(echo.headers["content-length"], undefined);
    }
  }],
  ["a client that waits for 100 Continue is answered", async ({ gate }) => {
    using line = await Line.open(gate.url);
    await line.write(
      "POST /echo HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n",
    );
    assertEquals(await line.until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    await line.write("hello");
    assertEquals(JSON.parse((await line.reply()).text).bytes, 5);
  }],
  ["a request for too much is answered before it was sent", async ({ gate }) => {
    using line = await Line.open(gate.url);
    await line.write("POST /early HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
    await line.writeChunk(bytesOf("begun"));
    const reply = await line.reply();
    assertEquals([reply.status, reply.text], [413, "too much"]);
  }],
  ["many fields and long ones pass", async ({ gate }) => {
    const headers = Array.from({ length: 90 }, (_, i) => [`X-Many-${i}`, `${i}`] as const);
    const { status, text } = await ask(gate.url, "/echo", { headers });
    assertEquals([status, JSON.parse(text).headers["x-many-89"]], [200, "89"]);
    const long = await ask(gate.url, "/echo", { headers: [["X-Long", "x".repeat(30_000)]] });
    assertEquals(JSON.parse(long.text).headers["x-long"].length, 30_000);
  }],
  ["TRACE and CONNECT go nowhere", async ({ gate }) => {
    assertEquals((await ask(gate.url, "/echo", { method: "TRACE" })).status, 405);
    const connect = await ask(gate.url, "other.example:443", { method: "CONNECT" });
    assert(connect.status >= 400, `${connect.status}`);
  }],
  ["shapes that could be read in two ways are refused", async ({ gate }) => {
    const shapes = [
      "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
      "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
      "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
      "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
      "Content-Length: +5\r\n\r\nhello",
      "X: a\r\n folded\r\nContent-Length: 0\r\n\r\n",
    ];
    for (const shape of shapes) {
      using line = await Line.open(gate.url);
      await line.write(`POST /echo HTTP/1.1\r\nHost: h\r\n${shape}`);
      assertEquals((await line.head()).status, 400, JSON.stringify(shape));
    }
  }],
  ["a body behind GET is refused, and is not the next request", async ({ gate }) => {
    using line = await Line.open(gate.url);
    const inner = "GET /status?code=410 HTTP/1.1\r\nHost: h\r\n\r\n";
    await line.write(
      `GET /echo HTTP/1.1\r\nHost: h\r\nContent-Length: ${inner.length}\r\n\r\n${inner}`,
    );
    await line.send("/status?code=503");
    assertEquals((await line.reply()).status, 400);
    assertEquals((await line.reply()).status, 503);
  }],
  ["a host that is none is refused", async ({ gate }) => {
    for (const host of ["a/b", "a?b", "user@a", "a#b", "a b"]) {
      const { status } = await ask(gate.url, "/echo", { headers: [["Host", host]] });
      assertEquals(status, 400, host);
    }
  }],
];

/** @param name Says which gateway is tested. */
export function passingSuite(name: string, start: StartGateway): void {
  Deno.test(`${name} passes requests and answers unchanged`, async (t) => {
    await using origin = await startOrigin();
    await using gate = await start({ ORIGIN_URL: origin.url });
    for (const [step, run] of STEPS) await t.step(step, () => run({ origin, gate }));
  });

  Deno.test(`${name} reaches an origin over TLS if it can be trusted`, async () => {
    await using tls = await makeCertificate();
    await using origin = await startOrigin({ CERT: tls.cert, KEY: tls.key });
    const ORIGIN_URL = origin.url.replace("http://127.0.0.1", "https://localhost");
    await using trusting = await start({ ORIGIN_URL, DENO_CERT: tls.certPath });
    using line = await Line.open(trusting.url);
    for (let round = 0; round < 3; round++) {
      const body = seededBytes(100_000, round);
      const echo = JSON.parse((await line.ask("/echo", { method: "POST", body })).text);
      assertEquals(echo.sha256, await sha256(body));
    }
    assertEquals((await line.ask("/stream?n=1000000")).body.length, 1_000_000);
    await using wary = await start({ ORIGIN_URL });
    assertEquals((await ask(wary.url, "/echo")).status, 502);
  });

  Deno.test(`${name} reaches an origin below a path, and nothing above it`, async () => {
    await using origin = await startOrigin();
    await using gate = await start({ ORIGIN_URL: `${origin.url}/app/` });
    const target = async (path: string) => JSON.parse((await ask(gate.url, path)).text).target;
    assertEquals(await target("/"), "/app/");
    assertEquals(await target("/page?a=1"), "/app/page?a=1");
    assertEquals(await target("/a/../b"), "/app/a/../b");
    for (const path of ["/../x", "/a/../../x", "/%2e%2e/x", "/..%2fx", "/a\\..\\..\\x"]) {
      assertEquals((await ask(gate.url, path)).status, 400, path);
    }
  });
}
