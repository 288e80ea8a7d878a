/**
 * Where a request over plain HTTP is sent instead, when TLS ends in front of us. Every method is
 * redirected, with 308, which keeps method and body: to serve a form over plain HTTP would be
 * worse, and to refuse it breaks the visitor who typed the address.
 */
import { AppError } from "../errors/app_error.ts";

export interface HttpsRedirectOptions {
  readonly enabled: boolean;
  /** Prefix of our own paths; probes under it are answered as they come. */
  readonly basePath: string;
}

export interface HttpsRedirectRequest {
  readonly scheme: "http" | "https";
  /** As `forwardedHost` gives it: clean, or empty. */
  readonly host: string;
  /** The pathname of the request's URL, with its leading slash. */
  readonly path: string;
  /** With its question mark, or empty. */
  readonly search: string;
}

/**
 * The `Location` of a 308, or null to go on. Throws `MALFORMED_REQUEST` when a request must be
 * redirected but names no host that could be redirected to.
 */
export type HttpsRedirect = (request: HttpsRedirectRequest) => string | null;

/** Asked by the platform and by load balancers, over plain HTTP and without following redirects. */
const PROBES = ["/healthz", "/readyz"];

export function createHttpsRedirect({ enabled, basePath }: HttpsRedirectOptions): HttpsRedirect {
  const exempt = new Set(PROBES.flatMap((path) => [basePath + path, `${basePath}${path}/`]));
  return ({ scheme, host, path, search }) => {
    if (!enabled || scheme === "https" || exempt.has(path)) return null;
    if (host === "") {
      throw new AppError("MALFORMED_REQUEST", {
        detail: "The request names no host, so it cannot be sent to HTTPS.",
      });
    }
    // The port is the plain one's; TLS in front listens on its own default.
    return `https://${host.replace(/:\d+$/, "")}${path}${search}`;
  };
}
