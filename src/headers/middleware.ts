/**
 * The security headers of our own pages as a Hono middleware, for an app that wants them without
 * the gate. A header that the handler set stays as it is.
 */
import type { Context, MiddlewareHandler } from "hono";
import { DATA_POLICY, pagePolicy } from "./content_policy.ts";
import { CONTENT_POLICY, HEADER_TABLE, XSS_PROTECTION } from "./table.ts";

export interface SecurityHeadersMiddlewareOptions {
  /** Path that browsers post CSP reports to; the app answers it. Absent: nothing is reported. */
  readonly reportPath?: string;
  /** Values in place of ours by lower-case name; false leaves a header out. */
  readonly values?: Readonly<Record<string, string | false>>;
}

const nonces = new WeakMap<Context, string>();

/** The nonce for `<script nonce>` in this answer; the same each time it is asked for. */
export function cspNonce(context: Context): string {
  let nonce = nonces.get(context);
  if (nonce === undefined) {
    nonce = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16))));
    nonces.set(context, nonce);
  }
  return nonce;
}

/**
 * @example
 * app.use(securityHeaders({ values: { "x-xss-protection": "0" } }));
 */
export function securityHeaders(
  { reportPath, values = {} }: SecurityHeadersMiddlewareOptions = {},
): MiddlewareHandler {
  const pages = { http: pagePolicy("http", reportPath), https: pagePolicy("https", reportPath) };
  const ours: Record<string, string | false> = { [XSS_PROTECTION]: "1; mode=block" };
  for (const [name, { own }] of Object.entries(HEADER_TABLE)) ours[name] = own;
  const fixed = Object.entries({ ...ours, ...values });

  const write = (headers: Headers, context: Context) => {
    const put = (name: string, value: string | false) => {
      if (value !== false && !headers.has(name)) headers.append(name, value);
    };
    const isPage = headers.get("content-type")?.startsWith("text/html");
    for (const [name, value] of fixed) put(name, value);
    if (values[CONTENT_POLICY] !== undefined) return;
    const page = pages[context.req.url.startsWith("https:") ? "https" : "http"];
    put(CONTENT_POLICY, isPage ? page.withNonce(cspNonce(context)) : DATA_POLICY);
    if (isPage && page.endpoints) put("reporting-endpoints", page.endpoints);
  };

  return async function securityHeaders(context, next) {
    await next();
    const response = context.res;
    if (response.status === 101) return;
    try {
      write(response.headers, context);
    } catch (error) {
      // An answer of `fetch` that is passed on has headers that cannot be changed.
      if (!(error instanceof TypeError)) throw error;
      const copy = new Response(response.body, response);
      write(copy.headers, context);
      context.res = undefined;
      context.res = copy;
    }
  };
}
