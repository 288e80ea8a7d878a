/**
 * An origin that says what no server library would let it say: each path is answered with the
 * bytes below, then the connection ends unless they say otherwise. Prints the URL it listens at.
 */
import { bytesOf, textOf } from "./_client.ts";

interface Script {
  readonly say: readonly string[];
  /** Between two sayings. */
  readonly pauseMs?: number;
  /** Ends the connection with a reset. */
  readonly reset?: boolean;
  /** Goes on listening on the same connection. */
  readonly stay?: boolean;
}

const OK = "HTTP/1.1 200 OK\r\n";
const whole = (...say: string[]): Script => ({ say });

export const SCRIPTS: Readonly<Record<string, Script>> = {
  "/dies-counted": { say: [`${OK}Content-Length: 1000\r\n\r\nonly this`], pauseMs: 30 },
  "/dies-chunked": { say: [`${OK}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n`], pauseMs: 30 },
  "/dies-in-chunk": { say: [`${OK}Transfer-Encoding: chunked\r\n\r\nff\r\nhello`], pauseMs: 30 },
  "/resets": { say: [`${OK}Content-Length: 1000\r\n\r\nonly this`], pauseMs: 30, reset: true },
  "/says-nothing": whole(),
  "/half-head": whole(`${OK}Content-Le`),
  "/garbage": whole("220 smtp.example ESMTP\r\n\r\n"),
  "/odd-status": whole("HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n"),
  "/two-lengths": whole(`${OK}Content-Length: 2\r\nContent-Length: 4\r\n\r\nokok`),
  "/bad-length": whole(`${OK}Content-Length: -2\r\n\r\nok`),
  "/odd-coding": whole(`${OK}Transfer-Encoding: gzip, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n`),
  "/odd-field": whole(`${OK}No colon here\r\nContent-Length: 2\r\n\r\nok`),
  "/unasked-switch": whole("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"),
  "/large-head": whole(`${OK}X-Large: ${"x".repeat(200_000)}\r\nContent-Length: 2\r\n\r\nok`),
  "/endless-head": {
    say: Array.from({ length: 2_000 }, () => `${OK}X-More: ${"x".repeat(99)}\r\n`),
  },
  "/long-field": whole(`${OK}X-Long: ${"x".repeat(30_000)}\r\nContent-Length: 2\r\n\r\nok`),
  "/many-fields": whole(
    `${OK}${Array.from({ length: 500 }, (_, i) => `X-F${i}: ${i}\r\n`).join("")}` +
      "Content-Length: 2\r\n\r\nok",
  ),
  "/length-and-chunks": whole(
    `${OK}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n`,
  ),
  "/interim": whole(
    "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n",
    `${OK}Content-Length: 2\r\n\r\nok`,
  ),
  "/endless-interim": { say: Array.from({ length: 50 }, () => "HTTP/1.1 102 Processing\r\n\r\n") },
  "/trailers": whole(
    `${OK}Transfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n2;a=b\r\nok\r\n0\r\nX-Sum: 1\r\n\r\n`,
  ),
  "/until-close": whole("HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n", "until ", "the end"),
  "/folded": whole(`${OK}X-Folded: one\r\n two\r\nContent-Length: 2\r\n\r\nok`),
  "/bare-newlines": whole("HTTP/1.1 200 OK\nX-Plain: yes\nContent-Length: 2\n\nok"),
  "/hop": whole(
    `${OK}Connection: close, X-Secret\r\nX-Secret: 1\r\nX-Kept: 1\r\nContent-Length: 2\r\n\r\nok`,
  ),
  "/bytes-in-fields": whole(`${OK}X-Bytes: caf\xe9 \xc3\xa0\r\nContent-Length: 2\r\n\r\nok`),
  "/reset-content": whole("HTTP/1.1 205 Reset Content\r\nContent-Length: 4\r\n\r\nbody"),
  "/dribbled": {
    say: [...`${OK}Content-Length: 2\r\n\r\nok`],
    pauseMs: 1,
  },
  "/surplus": {
    say: [`${OK}Content-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nX-Evil: 1\r\n\r\n`],
    stay: true,
  },
  "/kept": { say: [`${OK}Content-Length: 4\r\n\r\nkept`], stay: true },
  "/hangs-up-later": { say: [`${OK}Content-Length: 2\r\n\r\nok`], pauseMs: 30 },
  "/no-length": whole(`${OK}Content-Length: 5\r\n\r\nlater`),
};

const seen: string[] = [];
let connections = 0;

async function speak(connection: Deno.TcpConn): Promise<void> {
  connections++;
  const buffer = new Uint8Array(65_536);
  for (;;) {
    let request = "";
    while (!request.includes("\r\n\r\n")) {
      const count = await connection.read(buffer);
      if (count === null) return connection.close();
      request += textOf(buffer.subarray(0, count));
    }
    const [, path] = /^\S+ (\S*)/.exec(request) ?? [];
    if (path === "/seen") {
      const body = JSON.stringify({ connections, seen });
      await say(connection, `${OK}Content-Length: ${body.length}\r\n\r\n${body}`);
      continue;
    }
    seen.push(request);
    const { say: sayings, pauseMs = 0, reset, stay } = SCRIPTS[path] ?? SCRIPTS["/garbage"];
    for (const saying of sayings) {
      await say(connection, saying);
      if (pauseMs) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    if (stay) continue;
    // Closing with something unread makes the kernel send a reset.
    if (!reset) await connection.closeWrite();
    return connection.close();
  }
}

async function say(connection: Deno.Conn, text: string): Promise<void> {
  const bytes = bytesOf(text);
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}

if (import.meta.main) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  console.log(`http://127.0.0.1:${listener.addr.port}`);
  for await (const connection of listener) speak(connection).catch(() => connection.close());
}
