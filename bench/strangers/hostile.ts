/**
 * What strangers do: everything of issue 11, section A, at once, from 20 addresses. Bytes that end
 * processes, texts that take seconds to read, sockets and bodies held open. Arguments: URL, seconds.
 * Prints what they were answered as one line of JSON.
 */
const [url, seconds] = [Deno.args[0], Number(Deno.args[1])];
const { hostname, port } = new URL(url);
const until = performance.now() + seconds * 1_000;
const ADDRESSES = 20;
const IDLE_SOCKETS = 300;
const HELD_BODIES = 67;
const BODY = new Uint8Array(1024 * 1024).fill(97);
const answered: Record<string, number> = {};
const count = (what: string) => answered[what] = (answered[what] ?? 0) + 1;
const going = () => performance.now() < until;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const CONTROL = Array.from({ length: 33 }, (_, at) => at < 32 ? at : 127);
/** Texts of 60,000 characters, each bad for somebody. */
const UNITS = ["1", ".", "1.", "'", '["${.\'",', "a", "<b>", "{{", "../", "%25", "or 1=", "&#x41;"];
const long = (unit: string) => unit.repeat(Math.ceil(60_000 / unit.length)).slice(0, 60_000);

let turn = 0;
const from = () => `203.0.113.${1 + turn++ % ADDRESSES}`;
const headOf = (line: string, fields: string) =>
  `${line} HTTP/1.1\r\nHost: shop.example\r\nX-Forwarded-For: ${from()}\r\n` +
  `User-Agent: Mozilla/5.0\r\nAccept: */*\r\n${fields}\r\n`;

const KINDS: readonly (() => Promise<void>)[] = [
  () => say(headOf(`GET /odd/${CONTROL[turn % 33].toString(16).padStart(2, "0")}`, CLOSE)),
  () => say(headOf(`GET /${sendable(long(UNITS[turn % UNITS.length]))}`, CLOSE)),
  () => say(headOf(`GET /?q=${sendable(long(UNITS[turn % UNITS.length]))}`, CLOSE)),
  () => say(headOf("GET /", `Cookie: a=${sendable(long(UNITS[turn % UNITS.length]))}\r\n${CLOSE}`)),
  () => {
    const body = JSON.stringify({ text: long(UNITS[turn % UNITS.length]) });
    return say(
      headOf("POST /api", `Content-Length: ${body.length}\r\n${JSON_TYPE}${CLOSE}`) + body,
    );
  },
  () => {
    const body = long('["${.\'",');
    return say(
      headOf("POST /api", `Content-Length: ${body.length}\r\n${JSON_TYPE}${CLOSE}`) + body,
    );
  },
];
const CLOSE = "Connection: close\r\n";
const JSON_TYPE = "Content-Type: application/json\r\n";
const sendable = (text: string) => text.replace(/[^!$-~]/g, (letter) => encodeURIComponent(letter));

async function connect(): Promise<Deno.TcpConn | undefined> {
  try {
    return await Deno.connect({ hostname, port: Number(port) });
  } catch {
    count("no connection");
  }
}

/** Sends one request and counts what it was answered. */
async function say(text: string): Promise<void> {
  const connection = await connect();
  if (!connection) return;
  const late = setTimeout(() => connection.close(), 20_000);
  try {
    await write(connection, new TextEncoder().encode(text));
    const buffer = new Uint8Array(64);
    const size = await connection.read(buffer);
    count(size ? new TextDecoder().decode(buffer.subarray(9, 12)) : "closed");
  } catch {
    count("broken");
  } finally {
    clearTimeout(late);
    closeQuietly(connection);
  }
}

async function write(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}

function closeQuietly(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // The other side was first.
  }
}

async function sayAll(): Promise<void> {
  for (let at = 0; going(); at++) {
    await KINDS[at % KINDS.length]();
    await pause(20);
  }
}

/** A socket that says nothing, or half a head, until it is ended; then another. */
async function idle(at: number): Promise<void> {
  while (going()) {
    const connection = await connect();
    if (connection) {
      const half = at % 2 === 0 ? "" : "GET / HTTP/1.1\r\nHost: sh";
      const ends = setTimeout(() => closeQuietly(connection), 30_000);
      await write(connection, new TextEncoder().encode(half)).catch(() => undefined);
      await connection.read(new Uint8Array(1)).catch(() => undefined);
      clearTimeout(ends);
      closeQuietly(connection);
    }
    await pause(200);
  }
}

/** A body whose end never comes: a MiB, then a byte each 20 s. */
async function hold(): Promise<void> {
  while (going()) {
    const connection = await connect();
    if (connection) {
      let open = true;
      const fields = `Content-Type: text/plain\r\nContent-Length: ${2 * BODY.length}\r\n`;
      const read = connection.read(new Uint8Array(64)).catch(() => null).then((size) => {
        open = false;
        count(size ? "held body answered" : "held body closed");
      });
      try {
        await write(connection, new TextEncoder().encode(headOf("POST /upload", fields)));
        await write(connection, BODY);
        for (let waited = 0; open && going(); waited++) {
          await pause(1_000);
          if (waited % 20 === 19) await connection.write(new Uint8Array([97]));
        }
      } catch {
        // It was ended; the next one begins.
      }
      closeQuietly(connection);
      await read;
    }
    await pause(500);
  }
}

const everybody = [
  ...Array.from({ length: 4 }, sayAll),
  ...Array.from({ length: IDLE_SOCKETS }, (_, at) => idle(at)),
  ...Array.from({ length: HELD_BODIES }, hold),
];
await Promise.race([Promise.all(everybody), pause(seconds * 1_000 + 5_000)]);
console.log(JSON.stringify(answered));
Deno.exit(0);
