/**
 * Every byte in every place of an origin's answer, through the whole app as its own process. Deno
 * 2.9 ends that process, with everybody's connections, when an answer's field holds a control
 * character; so each must come out as a space, or make the answer a 502, and the process be there.
 */
import { assert, assertEquals } from "@std/assert";
import { bytesOf, Line, textOf } from "../gateway/_client.ts";
import { startGateway } from "./_processes.ts";

const START = "HTTP/1.1 200 OK\r\n";
const LENGTH = "Content-Length: 2\r\n";
const END = "\r\nok";

/** What the origin says for a byte, by the place where it stands. */
const PLACES: Readonly<Record<string, (char: string) => string>> = {
  value: (char) => `${START}${LENGTH}X-Odd: a${char}b\r\n${END}`,
  first: (char) => `${START}${LENGTH}X-Odd:${char}b\r\n${END}`,
  last: (char) => `${START}${LENGTH}X-Odd: a${char}\r\n${END}`,
  folded: (char) => `${START}${LENGTH}X-Odd: a\r\n c${char}b\r\n${END}`,
  location: (char) => `HTTP/1.1 302 Found\r\n${LENGTH}Location: /a${char}b\r\n${END}`,
  "own-location": (char) =>
    `HTTP/1.1 302 Found\r\n${LENGTH}Location: http://shop.example/a${char}b\r\n${END}`,
  "content-location": (char) => `${START}${LENGTH}Content-Location: /a${char}b\r\n${END}`,
  "set-cookie": (char) => `${START}${LENGTH}Set-Cookie: a=1${char}; Path=/\r\n${END}`,
  "content-type": (char) => `${START}${LENGTH}Content-Type: text/plain${char}; a=b\r\n${END}`,
  csp: (char) => `${START}${LENGTH}Content-Security-Policy: img-src${char} *\r\n${END}`,
  name: (char) => `${START}${LENGTH}X-O${char}dd: b\r\n${END}`,
  reason: (char) => `HTTP/1.1 200 O${char}K\r\n${LENGTH}${END}`,
  interim: (char) => `HTTP/1.1 103 Early Hints\r\nLink: <a${char}b>\r\n\r\n${START}${LENGTH}${END}`,
  trailer: (char) =>
    `${START}Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Sum: a${char}b\r\n\r\n`,
  extension: (char) => `${START}Transfer-Encoding: chunked\r\n\r\n2;a=${char}\r\nok\r\n0\r\n\r\n`,
  "no-body": (char) => `HTTP/1.1 204 No Content\r\nX-Odd: a${char}b\r\n\r\n`,
  length: (char) => `${START}Content-Length: 2${char}\r\n${END}`,
  coding: (char) => `${START}Transfer-Encoding: chunked${char}\r\n\r\n2\r\nok\r\n0\r\n\r\n`,
};

const HANDSHAKE = [
  ["Connection", "Upgrade"],
  ["Upgrade", "websocket"],
  ["Sec-WebSocket-Version", "13"],
  ["Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="],
  ["Sec-WebSocket-Protocol", "ab, b"],
] as const;

const acceptOf = async (key: string) => {
  const text = bytesOf(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`);
  return btoa(textOf(new Uint8Array(await crypto.subtle.digest("SHA-1", text))));
};

/** What a handshake is answered with. */
const SOCKET_PLACES: Readonly<Record<string, (char: string) => string>> = {
  protocol: (char) => `Sec-WebSocket-Protocol: a${char}b\r\n`,
  "after-protocol": (char) => `Sec-WebSocket-Protocol: b${char}\r\n`,
  other: (char) => `X-Odd: a${char}b\r\n`,
};

/** An origin that says byte `hex` at the place its path names: `/7f/value`. */
function startRawOrigin() {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const speak = async (connection: Deno.Conn) => {
    const buffer = new Uint8Array(65_536);
    const request = textOf(buffer.subarray(0, await connection.read(buffer) ?? 0));
    const [, hex, place] = /^\S+ \/(\w\w)\/([\w-]+)/.exec(request) ?? [];
    const char = String.fromCharCode(parseInt(hex, 16));
    const [, key] = /sec-websocket-key: (\S+)/.exec(request) ?? [];
    const answer = PLACES[place]?.(char) ??
      "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
        `Sec-WebSocket-Accept: ${await acceptOf(key)}\r\n${SOCKET_PLACES[place](char)}\r\n`;
    await connection.write(bytesOf(answer));
    connection.close();
  };
  const served = (async () => {
    for await (const connection of listener) await speak(connection);
  })();
  return {
    url: `http://127.0.0.1:${listener.addr.port}`,
    async [Symbol.asyncDispose]() {
      listener.close();
      await served;
    },
  };
}

const BYTES = Array.from({ length: 256 }, (_, byte) => byte)
  .filter((byte) => byte < 0x20 || byte > 0x7e);
const isControl = (byte: number) => (byte < 0x20 && byte !== 9) || byte === 0x7f;
const hexOf = (byte: number) => byte.toString(16).padStart(2, "0");

Deno.test("no byte of an origin's answer ends the process", async () => {
  await using origin = startRawOrigin();
  await using gateway = await startGateway({ ORIGIN_URL: origin.url });
  const line = await Line.open(gateway.url);
  let odd = 0;
  for (const place of Object.keys(PLACES)) {
    for (const byte of BYTES) {
      const reply = await line.ask(`/${hexOf(byte)}/${place}`, {
        headers: [["Host", "shop.example"]],
      });
      const told = `${place} ${hexOf(byte)}: ${reply.status}`;
      assert([200, 204, 302, 502].includes(reply.status), told);
      if (reply.status === 502) continue;
      for (const [name, value] of reply.fields) {
        // deno-lint-ignore no-control-regex -- that there are none is the point
        assert(!/[\0-\x08\x0a-\x1f\x7f]/.test(name + value), told);
      }
      if (place === "value") {
        odd++;
        const char = isControl(byte) ? " " : String.fromCharCode(byte);
        assertEquals(reply.field("x-odd"), `a${char}b`, told);
      }
      if (place === "location" && byte === 0x7f) assertEquals(reply.field("location"), "/a b");
      // Only what ends a line, or is space at its end, leaves a length that can be read.
      assert(!["length", "coding"].includes(place) || byte === 9 || byte === 0x0a, told);
    }
  }
  // NUL, CR and LF are 502 wherever they stand in a value; all others are there.
  assertEquals(odd, BYTES.length - 3);
  line[Symbol.dispose]();
  assertEquals((await fetch(`${gateway.url}/healthz`).then((r) => r.json())).status, "pass");
});

Deno.test("no byte of an origin's WebSocket handshake ends the process", async () => {
  await using origin = startRawOrigin();
  await using gateway = await startGateway({ ORIGIN_URL: origin.url });
  for (const place of Object.keys(SOCKET_PLACES)) {
    for (const byte of BYTES) {
      using line = await Line.open(gateway.url);
      await line.send(`/${hexOf(byte)}/${place}`, { headers: HANDSHAKE });
      const { status } = await line.head();
      const told = `${place} ${hexOf(byte)}: ${status}`;
      // A tab or a control character behind the protocol is only space behind it.
      const isFine = place === "other" || (place === "after-protocol" && byte < 0x80);
      assert(status === 502 || (status === 101 && isFine), told);
    }
  }
  assertEquals((await fetch(`${gateway.url}/healthz`).then((r) => r.json())).status, "pass");
});

/** Requests of which we write something into the fields of our own answers. */
const OWN: Readonly<Record<string, (text: string) => string>> = {
  page: (text) => `GET /us/${text}/x`,
  country: (text) => `GET /u${text}`,
  search: (text) => `GET /us/products?q=${text}`,
  cart: (text) => `POST /us/cart?product=${text}`,
  console: (text) => `GET /admin/${text}`,
  "sign-in": (text) => `GET /admin/login?next=/admin/${text}`,
  api: (text) => `GET /api/v1/auth/me/${text}`,
  host: (text) => `GET http://shop${text}.example/us`,
};

/** The status of a request on a connection of its own. */
async function statusOf(url: string, request: string): Promise<number> {
  const { hostname, port } = new URL(url);
  using connection = await Deno.connect({ hostname, port: Number(port) });
  await connection.write(bytesOf(
    `${request} HTTP/1.1\r\nHost: shop.example\r\nAccept: text/html\r\nContent-Length: 0\r\n\r\n`,
  ));
  const answer = new Uint8Array(65_536);
  const count = await connection.read(answer);
  assert(count !== null, `no answer to ${JSON.stringify(request)}`);
  return Number(textOf(answer.subarray(0, count)).split(" ")[1]);
}

for (const HTTPS_REDIRECT of ["0", "1"]) {
  Deno.test(`no byte of a request ends the process, HTTPS_REDIRECT=${HTTPS_REDIRECT}`, async () => {
    await using gateway = await startGateway({ HTTPS_REDIRECT, GATE_MODE: "monitor" });
    for (const requestOf of Object.values(OWN)) {
      for (let byte = 0; byte < 256; byte++) {
        // What a target may hold unescaped, as far as the server reads on behind it.
        const spellings = [`%${hexOf(byte)}`, ...byte > 0x7f ? [String.fromCharCode(byte)] : []];
        for (const spelling of spellings) {
          const request = requestOf(spelling);
          assert(await statusOf(gateway.url, request) < 500, JSON.stringify(request));
        }
      }
    }
    assertEquals((await fetch(`${gateway.url}/healthz`).then((r) => r.json())).status, "pass");
  });
}
