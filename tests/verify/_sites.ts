/** Sites to look at: one that does all it can wrong, and whatever a test serves itself. */
import { createTestApp } from "../_app.ts";
import { systemClock } from "../../src/time.ts";
import { type Report, verify, type VerifyOptions } from "../../src/verify/verify.ts";
import { makeCertificate, type TestCertificate } from "../gateway/_certificate.ts";

export type Handler = (request: Request) => Response | Promise<Response>;

export interface Served extends AsyncDisposable {
  readonly url: URL;
  /** `GET /path`, in the order they came. */
  readonly asked: string[];
}

export function serveSite(handle: Handler, certificate?: TestCertificate): Served {
  const asked: string[] = [];
  const { cert, key } = certificate ?? {};
  const server = Deno.serve({
    port: 0,
    hostname: "127.0.0.1",
    onListen() {},
    ...cert && key ? { cert, key } : {},
  }, (request) => {
    asked.push(`${request.method} ${new URL(request.url).pathname}`);
    return handle(request);
  });
  return {
    url: new URL(`${cert ? "https" : "http"}://localhost:${server.addr.port}/`),
    asked,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** One run, that trusts the certificate for reading when there is one. */
export async function look(
  url: URL,
  { certificate, ...options }: Partial<VerifyOptions> & { certificate?: TestCertificate } = {},
): Promise<Report> {
  using client = Deno.createHttpClient({ caCerts: certificate ? [certificate.cert] : [] });
  return await verify({
    url,
    clock: systemClock,
    fetch: (input, init) => fetch(input, { ...init, client }),
    ...options,
  });
}

/** Ids of what came out so, sorted. */
export function idsOf({ results }: Report, outcome: "pass" | "fail" | "skip"): string[] {
  return results.filter((result) => result.outcome === outcome).map(({ id }) => id).sort();
}

/** Sends nothing that protects anybody, and tells strangers everything. */
export const bareSite: Handler = ({ headers }) =>
  new Response('<form action="/in"><input type="password"></form>', {
    headers: headers.has("x-real-ip") ? {} : { "content-type": "text/html" },
  });

/** Sends every header wrong, counts nobody, and keeps its cookies for all. */
export const wrongSite: Handler = ({ headers, url }) => {
  const { pathname } = new URL(url);
  if (pathname === "/admin") return Response.redirect(new URL("/admin/login", url));
  if (pathname.startsWith("/nothing")) {
    return new Response("Error: no\n    at find (file:///srv/shop.ts:12:7)", { status: 404 });
  }
  if (pathname.startsWith("/api/")) return new Response("no", { status: 401 });
  const answer = new Response(
    '<script src="https://cdn.example/a.js"></script><img src="http://pics.example/a.png">' +
      '<form method="get"><input type="password"></form>',
    {
      headers: {
        "access-control-allow-credentials": "true",
        "access-control-allow-origin": headers.get("origin") ?? "",
        "allow": "GET, TRACE",
        "content-security-policy": "script-src * 'unsafe-inline'; frame-ancestors *",
        "content-type": "text/html",
        "cross-origin-opener-policy": "unsafe-none",
        "cross-origin-resource-policy": "cross-origin",
        "permissions-policy": "camera=*",
        "ratelimit": `"ip";r=${headers.has("x-real-ip") ? 29 : 9};t=60`,
        "ratelimit-policy": '"ip";q=30;w=60',
        "referrer-policy": "unsafe-url",
        "server": "Apache/2.2.3",
        "strict-transport-security": "max-age=60",
        "x-content-type-options": "sniff",
        "x-frame-options": "DENY, SAMEORIGIN",
        "x-xss-protection": "1",
      },
    },
  );
  answer.headers.append("set-cookie", "session=1; Domain=example.com; Max-Age=99999999");
  answer.headers.append("set-cookie", "__Host-id=1; Path=/shop; SameSite=None");
  return answer;
};

/** Refuses everything and does not say until when. */
export function createSilentSite(): Handler {
  let left = 5;
  return () => {
    left--;
    return new Response("", {
      status: left < 0 ? 429 : 200,
      headers: { "x-ratelimit-limit": "5", "x-ratelimit-remaining": String(Math.max(0, left)) },
    });
  };
}

export interface SecureApp extends AsyncDisposable {
  readonly certificate: TestCertificate;
  readonly url: URL;
  /** Where the app answers plain HTTP. */
  readonly plainUrl: URL;
}

/** The app behind TLS, with a page that sets a cookie as the shop does. */
export async function serveSecureApp(): Promise<SecureApp> {
  const certificate = await makeCertificate();
  const app = await createTestApp();
  const peer = { remoteAddr: { transport: "tcp", hostname: "203.0.113.5", port: 1 } } as const;
  const secure = serveSite(async (request) => {
    const answer = await app.gate(request, peer);
    if (request.url.endsWith("/cart")) {
      answer.headers.append(
        "set-cookie",
        "__Host-cart=1; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=60",
      );
    }
    return answer;
  }, certificate);
  const plain = serveSite(() => Response.redirect(secure.url, 308));
  return {
    certificate,
    url: secure.url,
    plainUrl: plain.url,
    async [Symbol.asyncDispose]() {
      await plain[Symbol.asyncDispose]();
      await secure[Symbol.asyncDispose]();
      await app[Symbol.asyncDispose]();
      await certificate[Symbol.asyncDispose]();
    },
  };
}
