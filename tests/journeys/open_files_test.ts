/** More connections than the process may have files open: it refuses, lives, and serves again. */
import { assert, assertEquals } from "@std/assert";
import { startGateway, startOrigin, type TestGateway } from "./_processes.ts";

const OPEN_FILES_MAX = 256;
const SOCKETS = 300;

interface Crowd {
  /** What each says and then waits. */
  readonly says: string;
  /** Whether there is nothing under way, so that others are served while they still hold on. */
  readonly idle: boolean;
  /** What only an origin has. */
  readonly needsOrigin?: boolean;
}

const HOST = "Host: shop.example\r\n";
const UPGRADE = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

const CROWDS: Readonly<Record<string, Crowd>> = {
  "sockets that say nothing": { says: "", idle: true },
  "sockets that say one letter": { says: "G", idle: true },
  "half a request head": { says: `GET / HTTP/1.1\r\n${HOST}X-Half: `, idle: true },
  "kept alive after an answer": { says: `GET /healthz HTTP/1.1\r\n${HOST}\r\n`, idle: true },
  "kept alive after a page": { says: `GET /nothing HTTP/1.1\r\n${HOST}\r\n`, idle: true },
  // The runtime says goodbye to them, and waits for the answer that never comes.
  "the preface of HTTP/2": { says: "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", idle: false },
  "half a body": {
    says: `POST /echo/x HTTP/1.1\r\n${HOST}Content-Length: 1000\r\n\r\nhalf`,
    idle: false,
  },
  "WebSockets": {
    says: `GET /socket HTTP/1.1\r\n${HOST}${UPGRADE}\r\n`,
    idle: false,
    needsOrigin: true,
  },
  "open event streams": {
    says: `GET /events HTTP/1.1\r\n${HOST}\r\n`,
    idle: false,
    needsOrigin: true,
  },
};

/** As many as get in; those that are refused or hung up on are what the crowd is for. */
async function gather({ says }: Crowd, port: number): Promise<Deno.Conn[]> {
  const sockets: Deno.Conn[] = [];
  const bytes = new TextEncoder().encode(says);
  for (let count = 0; count < SOCKETS; count++) {
    try {
      const socket = await Deno.connect({ hostname: "127.0.0.1", port });
      sockets.push(socket);
      await socket.write(bytes);
    } catch {
      // Refused, for there are too many.
    }
  }
  return sockets;
}

/** Whether it answers within 2 s. */
async function serves(url: string): Promise<boolean> {
  for (const endAt = performance.now() + 2_000; performance.now() < endAt;) {
    const answer = await fetch(url, { signal: AbortSignal.timeout(1_000) }).catch(() => undefined);
    await answer?.body?.cancel().catch(() => {});
    if (answer && answer.status < 500) return true;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return false;
}

async function endure(gateway: TestGateway, name: string, crowd: Crowd): Promise<void> {
  const page = `${gateway.url}/echo/x`;
  const sockets = await gather(crowd, Number(new URL(gateway.url).port));
  try {
    if (crowd.idle) assert(await serves(page), `beside ${name}:\n${gateway.output()}`);
  } finally {
    for (const socket of sockets) socket.close();
  }
  assert(await serves(page), `after ${name}:\n${gateway.output()}`);
  assertEquals((await Deno.stat(`/proc/${gateway.pid}`)).isDirectory, true);
}

for (const site of ["an origin", "the demo shop"]) {
  Deno.test({
    name: `${OPEN_FILES_MAX} open files and ${SOCKETS} sockets do not end the gate of ${site}`,
    sanitizeOps: false,
    sanitizeResources: false,
    async fn(t) {
      await using origin = await startOrigin();
      const folder = await Deno.makeTempDir();
      const env = site === "an origin" ? { ORIGIN_URL: origin.url } : undefined;
      const settings = { KV_PATH: `${folder}/kv.sqlite3`, ...env };
      await using gateway = await startGateway(settings, OPEN_FILES_MAX);
      for (const [name, crowd] of Object.entries(CROWDS)) {
        if (crowd.needsOrigin && !env) continue;
        await t.step({
          name,
          sanitizeOps: false,
          sanitizeResources: false,
          fn: () => endure(gateway, name, crowd),
        });
      }
      // Else nothing was shown.
      assert(gateway.output().includes("server.accept_failed"), gateway.output());
      assert(!gateway.output().includes("Uncaught"), gateway.output());
      assertEquals((await gateway.stop("SIGTERM")).code, 0);
      await Deno.remove(folder, { recursive: true });
    },
  });
}
