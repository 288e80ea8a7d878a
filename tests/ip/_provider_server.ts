/** A server on this machine that answers as a reputation provider or a feed does, or fails to. */

export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text as it is, anything else as JSON. */
  readonly body?: unknown;
  /** Accepts the question and says nothing until the server closes. */
  readonly hang?: boolean;
}

export interface ProviderServer extends AsyncDisposable {
  readonly url: URL;
  /** What it answers from now on. */
  reply: Reply;
  /** Questions so far. */
  readonly requests: { readonly path: string; readonly headers: Headers }[];
}

export function serveProvider(reply: Reply = {}): ProviderServer {
  const requests: ProviderServer["requests"] = [];
  const closing = Promise.withResolvers<void>();
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, async (request) => {
    const { pathname, search } = new URL(request.url);
    requests.push({ path: pathname + search, headers: request.headers });
    const { status = 200, headers, body = {}, hang } = served.reply;
    if (hang) await closing.promise;
    return new Response(typeof body === "string" ? body : JSON.stringify(body), {
      status,
      headers,
    });
  });
  const served: ProviderServer = {
    url: new URL(`http://127.0.0.1:${server.addr.port}/`),
    reply,
    requests,
    async [Symbol.asyncDispose]() {
      closing.resolve();
      await server.shutdown();
    },
  };
  return served;
}
