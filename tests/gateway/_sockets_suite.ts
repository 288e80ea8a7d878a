/** WebSockets through a gateway: who chooses, what passes, and how each side learns of the end. */
import { assert, assertEquals, assertLess } from "@std/assert";
import { ask, Line } from "./_client.ts";
import { memoryMib, type Server, type StartGateway, startOrigin, until } from "./_process.ts";
import { seededBytes } from "./_seeded.ts";

interface OpenSocket extends AsyncDisposable {
  readonly protocol: string;
  send(data: string | Uint8Array<ArrayBuffer>): void;
  /** The next message: text, or bytes. */
  next(): Promise<unknown>;
  close(code?: number, reason?: string): void;
  /** Code and reason, once it is closed. */
  readonly closed: Promise<readonly [number, string]>;
}

async function open(
  { url }: Server,
  path: string,
  protocols: string[] = [],
): Promise<OpenSocket> {
  const headers = { cookie: "session=1", authorization: "Bearer x" };
  const socket = new WebSocket(url.replace("http", "ws") + path, { protocols, headers });
  socket.binaryType = "arraybuffer";
  const arrived: unknown[] = [];
  const wanted: ((message: unknown) => void)[] = [];
  const closed = Promise.withResolvers<readonly [number, string]>();
  socket.onmessage = ({ data }) => {
    const message = typeof data === "string" ? data : new Uint8Array(data);
    const want = wanted.shift();
    if (want) want(message);
    else arrived.push(message);
  };
  socket.onclose = ({ code, reason }) => closed.resolve([code, reason]);
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = (event) => {
      event.preventDefault();
      reject(new Error("refused"));
    };
  });
  return {
    protocol: socket.protocol,
    send: (data) => socket.send(data),
    next: () =>
      arrived.length > 0
        ? Promise.resolve(arrived.shift())
        : new Promise((resolve) => wanted.push(resolve)),
    close: (code, reason) => socket.close(code, reason),
    closed: closed.promise,
    async [Symbol.asyncDispose]() {
      socket.close();
      await closed.promise;
    },
  };
}

const HANDSHAKE = [
  ["Connection", "keep-alive, Upgrade"],
  ["Upgrade", "WebSocket"],
  ["Sec-WebSocket-Version", "13"],
  ["Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="],
] as const;

async function goodbyesOf(origin: Server): Promise<string[]> {
  await using socket = await open(origin, "/socket/goodbyes");
  socket.send("?");
  return JSON.parse(`${await socket.next()}`);
}

type Step = readonly [name: string, run: (gate: Server, origin: Server) => Promise<void>];

const STEPS: readonly Step[] = [
  ["messages of both kinds and all lengths pass", async (gate) => {
    await using socket = await open(gate, "/socket");
    for (const length of [0, 1, 125, 126, 65_535, 65_536, 1_000_000]) {
      const bytes = seededBytes(length, length);
      socket.send(bytes);
      assertEquals(await socket.next(), bytes);
      socket.send("\u00fc\ud83d\ude80\ufeff".repeat(length / 10));
      assertEquals(await socket.next(), "\u00fc\ud83d\ude80\ufeff".repeat(length / 10));
    }
  }],
  ["the origin chooses the subprotocol", async (gate) => {
    await using chosen = await open(gate, "/socket", ["first", "second", "last"]);
    assertEquals(chosen.protocol, "last");
    await using without = await open(gate, "/socket");
    assertEquals(without.protocol, "");
    using line = await Line.open(gate.url);
    await line.send("/socket", {
      headers: [...HANDSHAKE, ["Sec-WebSocket-Protocol", "a,b"], ["Sec-WebSocket-Extensions", "x"]],
    });
    const { status, fields } = await line.head();
    const answered = new Map(fields.map(([name, value]) => [name.toLowerCase(), value]));
    assertEquals([status, answered.get("sec-websocket-protocol")], [101, "b"]);
    assertEquals(answered.get("sec-websocket-accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    assertEquals(answered.get("sec-websocket-extensions"), undefined);
  }],
  ["the origin sees the client's fields and ours", async (gate) => {
    await using socket = await open(gate, "/socket?a=1");
    socket.send("headers");
    const headers = JSON.parse(`${await socket.next()}`);
    assertEquals([headers.cookie, headers.authorization], ["session=1", "Bearer x"]);
    assertEquals(headers["x-forwarded-for"], "127.0.0.1");
    assertEquals(headers["sec-websocket-extensions"], undefined);
  }],
  ["an origin that refuses is heard", async (gate) => {
    const reply = await ask(gate.url, "/socket/refused", { headers: HANDSHAKE });
    assertEquals([reply.status, reply.text, reply.field("x-why")], [403, "not today", "closed"]);
    const plain = await ask(gate.url, "/head", { headers: HANDSHAKE });
    assertEquals([plain.status, plain.field("etag")], [200, '"h"']);
  }],
  ["a handshake that is none is refused", async (gate) => {
    const old = HANDSHAKE.map(([name, value]) => [name, value === "13" ? "8" : value] as const);
    const reply = await ask(gate.url, "/socket", { headers: old });
    assertEquals([reply.status, reply.field("sec-websocket-version")], [400, "13"]);
  }],
  ["the client hears how the origin closed", async (gate) => {
    for (const code of [1_000, 1_001, 1_011, 3_000, 4_999]) {
      const socket = await open(gate, `/socket/closes?code=${code}`);
      assertEquals(await socket.closed, [code, "from the origin"]);
    }
    const socket = await open(gate, "/socket/closes");
    assertEquals(await socket.closed, [1_005, ""]);
  }],
  ["the origin hears how the client closed", async (gate, origin) => {
    const socket = await open(gate, "/socket");
    socket.close(4_001, "bye \u00fc");
    assertEquals(await socket.closed, [4_001, "bye \u00fc"]);
    (await open(gate, "/socket")).close();
    {
      using line = await Line.open(gate.url);
      await line.send("/socket", { headers: HANDSHAKE });
      await line.head();
    }
    await until(async () => {
      const goodbyes = await goodbyesOf(origin);
      return ["4001 bye \u00fc", "1005 ", "1001 "].every((goodbye) => goodbyes.includes(goodbye));
    }, "the origin heard three goodbyes");
  }],
  ["a client that does not read holds the origin back", async (gate) => {
    using line = await Line.open(gate.url);
    const before = await memoryMib(gate.pid);
    await line.send("/socket/floods?n=2000", { headers: HANDSHAKE });
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    assertLess(await memoryMib(gate.pid) - before, 40);
    let bytes = 0;
    await line.head();
    // Each message of 64 KiB has a head of ten bytes.
    while (bytes < 2_000 * 65_546) bytes += (await line.some())?.length ?? Infinity;
    assertEquals(bytes, 2_000 * 65_546);
  }],
  ["an origin that does not read costs its client the socket, not us our memory", async (gate) => {
    await using socket = await open(gate, "/socket/deaf");
    const before = await memoryMib(gate.pid);
    const piece = new Uint8Array(1_048_576);
    for (let sent = 0; sent < 100; sent++) socket.send(piece);
    // 1013, unless what the client still sends makes the kernel reset the connection first.
    assert([0, 1_013].includes((await socket.closed)[0]));
    assert(await memoryMib(gate.pid) - before < 150);
  }],
];

/** @param name Says which gateway is tested. */
export function socketsSuite(name: string, start: StartGateway): void {
  Deno.test(`${name} passes WebSockets`, async (t) => {
    await using origin = await startOrigin();
    await using gate = await start({ ORIGIN_URL: origin.url });
    for (const [step, run] of STEPS) await t.step(step, () => run(gate, origin));
  });

  Deno.test(`${name} tells both ends of a WebSocket that it stops`, async () => {
    await using origin = await startOrigin();
    await using gate = await start({ ORIGIN_URL: origin.url });
    const socket = await open(gate, "/socket");
    const stopped = gate.stop();
    assertEquals((await socket.closed)[0], 1_001);
    assertEquals(await stopped, 0);
    await until(async () => (await goodbyesOf(origin)).includes("1001 "), "the origin heard");
  });

  Deno.test(`${name} tells the client of a WebSocket that the origin died`, async () => {
    await using origin = await startOrigin();
    await using gate = await start({ ORIGIN_URL: origin.url });
    const socket = await open(gate, "/socket");
    await origin.kill();
    assertEquals(await socket.closed, [1_011, ""]);
    const next = await ask(gate.url, "/socket", { headers: HANDSHAKE });
    assertEquals(next.status, 502);
  });
}
