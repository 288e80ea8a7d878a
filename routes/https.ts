/** Sends plain HTTP to HTTPS, where `HTTPS_REDIRECT` says that TLS ends in front of us. */
import type { GateContext } from "../src/context.ts";
import type { Services } from "../src/services.ts";

/** The redirect, or undefined when the request goes on. */
export function createSecureOnly({ config, httpsRedirect, log }: Services) {
  if (!config.HTTPS_REDIRECT) return () => undefined;
  if (config.TRUSTED_PROXIES.length === 0) {
    log.warn("https.nobody_trusted", {
      problem:
        "HTTPS_REDIRECT is on and TRUSTED_PROXIES is empty: unless the platform itself says " +
        "https, every request is plain and is redirected for ever.",
    });
  }
  return (request: Request, { scheme, host }: GateContext): Response | undefined => {
    const { pathname: path, search } = new URL(request.url);
    const location = httpsRedirect({ scheme, host, path, search });
    return location === null
      ? undefined
      : new Response(null, { status: 308, headers: { location } });
  };
}
