/** Servers on 127.0.0.1 that fail in one way each, and what a client makes of it. */
import { type Provoked, row } from "./_provoked.ts";

/** A server that reads what comes and answers with these bytes, then hangs up. */
function bytesServer(answer: string | undefined) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const held: Deno.Conn[] = [];
  const serve = async () => {
    for await (const connection of listener) {
      await connection.read(new Uint8Array(4_096));
      if (answer === undefined) held.push(connection);
      else {
        await connection.write(new TextEncoder().encode(answer));
        connection.close();
      }
    }
  };
  const served = serve();
  return {
    url: `127.0.0.1:${listener.addr.port}/x?token=planted-secret`,
    async [Symbol.asyncDispose]() {
      listener.close();
      for (const connection of held) connection.close();
      await served.catch(() => {});
    },
  };
}

const ask = (answer: string | undefined, scheme = "http", init: RequestInit = {}) => async () => {
  await using server = bytesServer(answer);
  const response = await fetch(`${scheme}://${server.url}`, init);
  await response.text();
};

/** A port that nobody listens on. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

const REDIRECT = "HTTP/1.1 302 Found\r\nlocation: /x\r\ncontent-length: 0\r\n\r\n";

async function slow(): Promise<void> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(new DOMException("", "TimeoutError")), 50);
  await ask(undefined, "http", { signal: deadline.signal })().finally(() => clearTimeout(timer));
}

export const NETWORK: readonly Provoked[] = [
  row("CONNECTION_REFUSED", "fetch", () => fetch(`http://127.0.0.1:${freePort()}/?q=1`)),
  row("CONNECTION_REFUSED", "Deno.connect", () => Deno.connect({ port: freePort() })),
  row("DNS_FAILED", "fetch of a name that is not", () => fetch("http://nowhere.invalid/?q=1")),
  row("DNS_FAILED", "Deno.connect", () => Deno.connect({ hostname: "nowhere.invalid", port: 1 })),
  row("DNS_FAILED", "Deno.resolveDns", () => Deno.resolveDns("nowhere.invalid", "A")),
  row("CONNECTION_LOST", "a hang-up before the answer", ask("")),
  row(
    "CONNECTION_LOST",
    "a hang-up in the body",
    ask("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc"),
  ),
  row("NOT_HTTP", "nonsense as answer", ask("nonsense\r\n\r\n")),
  row("TLS_FAILED", "plain text where TLS was meant", ask("nope nope nope nope", "https")),
  row("REDIRECT_REFUSED", "a redirect not wanted", ask(REDIRECT, "http", { redirect: "error" })),
  row("PORT_BLOCKED", "a port of another service", () => fetch("http://127.0.0.1:9/")),
  row("TIMED_OUT", "a server that says nothing", slow),
];
