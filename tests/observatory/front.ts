/** What stands in front of an app in production: it ends TLS and says so in forwarding headers. */

export interface FrontOptions {
  readonly certificate: { readonly cert: string; readonly key: string };
  /** The app behind, over plain HTTP. */
  readonly appUrl: string;
}

/** Listens on 80 and 443 of this machine. Throws when it may not, or when a port is taken. */
export function startFront({ certificate, appUrl }: FrontOptions): AsyncDisposable {
  const pass = (scheme: string) => async (request: Request, info: Deno.ServeHandlerInfo) => {
    const { pathname, search, host } = new URL(request.url);
    const headers = new Headers(request.headers);
    headers.set("x-forwarded-for", "hostname" in info.remoteAddr ? info.remoteAddr.hostname : "");
    headers.set("x-forwarded-proto", scheme);
    headers.set("x-forwarded-host", host);
    const { method, body } = request;
    const answer = await globalThis.fetch(`${appUrl}${pathname}${search}`, {
      method,
      headers,
      body,
      redirect: "manual",
    });
    return new Response(answer.body, answer);
  };
  const listen = { hostname: "127.0.0.1", onListen: () => {} };
  const servers = [
    Deno.serve({ ...listen, port: 80 }, pass("http")),
    Deno.serve({ ...listen, port: 443, ...certificate }, pass("https")),
  ];
  return {
    async [Symbol.asyncDispose]() {
      await Promise.all(servers.map((server) => server.shutdown()));
    },
  };
}
