/** Which host a request is for, over real sockets: what is judged, told to the origin, redirected to. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import http2 from "node:http2";
import { Line } from "../gateway/_client.ts";
import { createTestApp, type ServedApp, serveTestApp } from "../_app.ts";

/** An origin that repeats what it is asked for. */
function startEcho() {
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    ({ headers, url }) =>
      Response.json({
        target: url.slice(url.indexOf("/", 8)),
        host: headers.get("host"),
        forwarded: headers.get("x-forwarded-host"),
        scheme: headers.get("x-forwarded-proto"),
      }),
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

async function askRaw({ url }: ServedApp, requestLine: string, hosts: readonly string[]) {
  using line = await Line.open(url);
  const fields = hosts.map((host) => `Host: ${host}\r\n`).join("");
  await line.write(`${requestLine}\r\n${fields}Connection: close\r\n\r\n`);
  return await line.reply(requestLine.split(" ")[0]);
}

/** Request line and `Host`, and the host the origin is told, or the status of a refusal. */
const CASES: readonly (readonly [line: string, host: string | undefined, told: string | number])[] =
  [
    ["GET /x HTTP/1.1", "shop.test", "shop.test"],
    ["GET /x HTTP/1.1", "Shop.TEST", "shop.test"],
    ["GET /x HTTP/1.1", "shop.test.", "shop.test."],
    ["GET /x HTTP/1.1", "shop.test:8080", "shop.test:8080"],
    ["GET /x HTTP/1.1", "[::1]:8080", "[::1]:8080"],
    ["GET /x HTTP/1.1", "my_shop.test", "my_shop.test"],
    ["GET /x HTTP/1.1", "x:99999", 400],
    ["GET /x HTTP/1.1", "x:65536", 400],
    ["GET /x HTTP/1.1", "x:00080", 400],
    ["GET /x HTTP/1.1", "x:0", 400],
    ["GET /x HTTP/1.1", "x:", 400],
    ["GET /x HTTP/1.1", "", 400],
    ["GET /x HTTP/1.1", "a b", 400],
    ["GET /x HTTP/1.1", "a,b", 400],
    ["GET /x HTTP/1.1", "a/b", 400],
    ["GET /x HTTP/1.1", "u@a", 400],
    ["GET /x HTTP/1.1", "a?b", 400],
    ["GET /x HTTP/1.1", "[::1", 400],
    ["GET /x HTTP/1.1", "1.2.3.999", 400],
    ["GET /x HTTP/1.1", "b\xfccher.test", 400],
    ["GET http://shop.test/x HTTP/1.1", "evil.test", "shop.test"],
    ["GET http://Shop.Test:81/x HTTP/1.1", "evil.test", "shop.test:81"],
    ["GET HTTPS://shop.test/x HTTP/1.1", "evil.test", "shop.test"],
    ["GET http://u:p@shop.test/x HTTP/1.1", "shop.test", 400],
    ["GET http://shop.test:99999/x HTTP/1.1", "shop.test", 400],
    ["GET http://shop%00.test/x HTTP/1.1", "shop.test", 400],
    ["GET http://shop.test?/x HTTP/1.1", "shop.test", 400],
    ["GET http://shop.test\\@evil/x HTTP/1.1", "shop.test", 400],
    ["GET http://shop.test/x HTTP/1.1", "a b", 400],
  ];

Deno.test("the origin is told one valid host, and what names none is 400", async () => {
  await using origin = startEcho();
  await using app = await serveTestApp({ ORIGIN_URL: origin.url });
  for (const [requestLine, host, told] of CASES) {
    const reply = await askRaw(app, requestLine, host === undefined ? [] : [host]);
    const text = `${requestLine} ${host}: ${reply.text}`;
    if (typeof told === "number") {
      assertEquals([reply.status, JSON.parse(reply.text).code], [told, "MALFORMED_REQUEST"], text);
      continue;
    }
    const seen = JSON.parse(reply.text);
    assertEquals([reply.status, seen.host, seen.forwarded, seen.scheme], [200, told, told, "http"]);
    assertEquals(seen.target, "/x");
  }
  // Two are refused by the runtime itself.
  assertEquals((await askRaw(app, "GET /x HTTP/1.1", ["a", "b"])).status, 400);
});

Deno.test("no odd host costs more than its own request, on paths of ours neither", async () => {
  await using app = await serveTestApp();
  for (const [requestLine, host, told] of CASES) {
    for (const path of ["/us/products", "/admin/login", "/api/v1/auth/me", "/healthz", "/readyz"]) {
      const line = requestLine.replace("/x", path);
      const { status } = await askRaw(app, line, host === undefined ? [] : [host]);
      // What ends a host moves the path, for a probe as well.
      const isProbe = path.endsWith("z") && !/[/?#]/.test(host ?? "") && !line.includes("?");
      const expected = told !== 400 || isProbe ? [200, 401] : [400];
      assert(expected.includes(status), `${line} ${host}: ${status}`);
    }
  }
});

Deno.test("PUBLIC_HOSTS refuses other hosts, and lets probes and scrapers come as they like", async () => {
  await using origin = startEcho();
  await using app = await serveTestApp({
    ORIGIN_URL: origin.url,
    PUBLIC_HOSTS: "shop.test,*.shop.test,console.test:8443",
  });
  const rows = [
    ["GET /x HTTP/1.1", "shop.test", 200],
    ["GET /x HTTP/1.1", "SHOP.test:8000", 200],
    ["GET /x HTTP/1.1", "www.shop.test", 200],
    ["GET /x HTTP/1.1", "evil.test", 421],
    ["GET /x HTTP/1.1", "shop.test.evil.test", 421],
    ["GET /x HTTP/1.1", "127.0.0.1", 421],
    ["GET /x HTTP/1.1", "console.test", 421],
    ["GET /admin/login HTTP/1.1", "console.test:8443", 200],
    ["GET /admin/login HTTP/1.1", "evil.test", 421],
    ["GET /api/v1/auth/me HTTP/1.1", "evil.test", 421],
    ["GET http://evil.test/x HTTP/1.1", "shop.test", 421],
    ["GET http://shop.test/x HTTP/1.1", "evil.test", 200],
    ["OPTIONS * HTTP/1.1", "evil.test", 421],
    ["GET /healthz HTTP/1.1", "10.0.0.7:8000", 200],
    ["GET /readyz/ HTTP/1.1", "10.0.0.7", 200],
    ["GET /metrics HTTP/1.1", "10.0.0.7", 404],
    ["GET /healthzz HTTP/1.1", "10.0.0.7", 421],
  ] as const;
  for (const [requestLine, host, status] of rows) {
    const reply = await askRaw(app, requestLine, [host]);
    assertEquals(reply.status, status, `${requestLine} ${host}: ${reply.text}`);
    if (status === 421) assertEquals(JSON.parse(reply.text).code, "UNKNOWN_HOST");
  }
});

Deno.test("nobody says https but the platform and a trusted proxy", async () => {
  await using app = await serveTestApp({ HTTPS_REDIRECT: "1" });
  const targets = {
    "GET https://shop.test/us HTTP/1.1": "https://shop.test/us",
    "GET HTTPS://Shop.test:8443/us HTTP/1.1": "https://shop.test/us",
    "GET http://shop.test/us?a=b HTTP/1.1": "https://shop.test/us?a=b",
    "GET wss://shop.test/us HTTP/1.1": "https://shop.test/us",
    "GET /us HTTP/1.1": "https://evil.test/us",
  };
  for (const [line, location] of Object.entries(targets)) {
    const reply = await askRaw(app, line, ["evil.test"]);
    assertEquals([reply.status, reply.field("location")], [308, location], line);
  }
  for (const scheme of ["http", "https", "ftp"]) {
    const asked = await askHttp2(app, {
      ":scheme": scheme,
      ":authority": "shop.test",
      ":path": "/us",
    });
    assertEquals([asked.status, asked.location], [308, "https://shop.test/us"], scheme);
  }
  await using trusting = await serveTestApp({ HTTPS_REDIRECT: "1", TRUSTED_PROXIES: "127.0.0.1" });
  using line = await Line.open(trusting.url);
  const reply = await line.ask("/us", { headers: [["X-Forwarded-Proto", "https"]] });
  assertEquals(reply.status, 302);
});

Deno.test("the platform's own word is believed on the platform", async () => {
  await using app = await createTestApp({ env: { HTTPS_REDIRECT: "1" } });
  const ask = async (onDeploy: boolean, url: string) => {
    const { createApp } = await import("../../routes/app.ts");
    const gate = createApp({ ...app.services, onDeploy });
    const remoteAddr = { transport: "tcp", hostname: "203.0.113.1", port: 1 } as const;
    const response = await gate(new Request(url), { remoteAddr });
    await response.body?.cancel();
    return response.status;
  };
  assertEquals(await ask(true, "https://shop.test/us"), 302);
  assertEquals(await ask(true, "http://shop.test/us"), 308);
  assertEquals(await ask(false, "https://shop.test/us"), 308);
});

Deno.test("HTTP/2's :authority is the host, whatever Host says", async () => {
  await using origin = startEcho();
  await using app = await serveTestApp({ ORIGIN_URL: origin.url, PUBLIC_HOSTS: "shop.test" });
  const rows = [
    [{ ":authority": "shop.test" }, 200],
    [{ ":authority": "SHOP.test" }, 200],
    [{ ":authority": "shop.test", host: "evil.test" }, 200],
    [{ ":authority": "evil.test", host: "shop.test" }, 421],
    [{ ":authority": "evil.test" }, 421],
    [{ ":authority": "shop.test:99999" }, 400],
    [{ ":authority": "u@shop.test" }, 400],
    [{ ":authority": "shop.test", host: "a b" }, 400],
  ] as const;
  for (const [fields, status] of rows) {
    const asked = await askHttp2(app, { ":path": "/x", ...fields });
    const told = JSON.stringify(fields);
    assertEquals(asked.status, status, told);
    if (status === 200) assertStringIncludes(asked.text, '"host":"shop.test"', told);
  }
});

/** One request over HTTP/2 with prior knowledge, on a connection of its own. */
async function askHttp2({ url }: ServedApp, fields: http2.OutgoingHttpHeaders) {
  const session = http2.connect(url);
  try {
    const stream = session.request(fields);
    const answered = Promise.withResolvers<http2.IncomingHttpHeaders>();
    stream.on("response", answered.resolve);
    stream.on("error", answered.reject);
    const { ":status": status, location } = await answered.promise;
    let text = "";
    for await (const piece of stream) text += piece;
    return { status: Number(status), location, text };
  } finally {
    await new Promise<void>((resolve) => session.close(resolve));
  }
}

Deno.test("OPTIONS * is answered by us, and every other OPTIONS by the origin", async () => {
  await using origin = startEcho();
  await using app = await serveTestApp({ ORIGIN_URL: origin.url });
  const own = await askRaw(app, "OPTIONS * HTTP/1.1", ["shop.test"]);
  assertEquals([own.status, own.text], [204, ""]);
  for (const target of ["/", "/x", "/x/*", "/*?a"]) {
    const reply = await askRaw(app, `OPTIONS ${target} HTTP/1.1`, ["shop.test"]);
    assertEquals([reply.status, JSON.parse(reply.text).target], [200, target], target);
  }
});
