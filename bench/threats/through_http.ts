/**
 * The corpus sent to the whole app over real sockets: each request byte by byte as it stands there,
 * each from an address of its own. What counts is what the client gets, and what the event says.
 */
import { createApp } from "../../routes/app.ts";
import { parseConfig } from "../../src/config.ts";
import { silentLog } from "../../src/log.ts";
import { createServices } from "../../src/services.ts";
import { systemClock } from "../../src/time.ts";
import type { Sample } from "./corpus.ts";

export interface HttpResult {
  /** The risk of each request that was refused as an attack, 0 for one that passed. */
  readonly scores: readonly number[];
  /** Requests that the server's own HTTP parser refused; they count as refused. */
  readonly unparsed: number;
}

const AT_ONCE = 16;

export async function sendThroughHttp(samples: readonly Sample[]): Promise<HttpResult> {
  const config = parseConfig({ KV_PATH: ":memory:", HOST: "127.0.0.1" });
  const services = await createServices({ config, clock: systemClock, log: silentLog, fetch });
  const gate = createApp(services);
  let count = 0;
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    (request) => gate(request, { remoteAddr: nextPeer(count++) }),
  );
  const scores: number[] = [];
  let unparsed = 0;

  const judge = async ({ wire }: Sample): Promise<number> => {
    const { status, requestId } = await send(server.addr.port, wire);
    if (requestId === undefined && status >= 400 && status < 500) {
      unparsed++;
      return 1;
    }
    if (status !== 403 || requestId === undefined) return 0;
    const event = await services.incidents.explain(requestId);
    return event?.type === "threat" ? event.score ?? 0 : 0;
  };

  let next = 0;
  const work = async () => {
    for (let at = next++; at < samples.length; at = next++) scores[at] = await judge(samples[at]);
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    return { scores, unparsed };
  } finally {
    await services.site.close();
    await server.shutdown();
    await services.stop();
  }
}

function nextPeer(count: number): Deno.NetAddr {
  return { transport: "tcp", hostname: `198.18.${count >> 8}.${count & 255}`, port: 50_000 };
}

/** Writes a request and reads the head of its answer. */
async function send(port: number, wire: Uint8Array) {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const writing = writeAll(connection, wire);
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(65_536);
  let head = "";
  while (!head.includes("\r\n\r\n")) {
    const length = await connection.read(buffer);
    if (length === null) break;
    head += decoder.decode(buffer.subarray(0, length), { stream: true });
  }
  await writing;
  return {
    status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0),
    requestId: /\r\nx-request-id: (\S+)/i.exec(head)?.[1],
  };
}

/** A server that has refused the request may have closed the connection on the rest of it. */
async function writeAll(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  try {
    for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
  } catch (error) {
    if (
      !(error instanceof Deno.errors.BrokenPipe || error instanceof Deno.errors.ConnectionReset)
    ) {
      throw error;
    }
  }
}
