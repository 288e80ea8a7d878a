/** Refuses a start at which strangers could name their own address, or stop the process. */
import { ConfigError } from "../config.ts";

const LOOPBACK = /^(?:127(?:\.\d{1,3}){3}|::1|\[::1\]|localhost)$/i;

/**
 * With `DENO_TRUST_PROXY_HEADERS=1` Deno takes the peer's address from the header
 * `X-Deno-Client-Address`, and a malformed one ends the process (measured on 2.9.6). So it may only
 * be set where no stranger can connect. Throws `ConfigError`.
 *
 * @param env The whole environment.
 * @param host The address to listen on (`HOST`).
 */
export function checkPeerSource(
  env: Readonly<Record<string, string | undefined>>,
  host: string,
): void {
  const value = env.DENO_TRUST_PROXY_HEADERS;
  if (!value || value === "0" || LOOPBACK.test(host)) return;
  throw new ConfigError(
    `DENO_TRUST_PROXY_HEADERS must not be set while HOST is "${host}": anyone who can connect could ` +
      "choose the address they are counted under, or crash the process with a malformed one. " +
      "Unset it and name your proxies in TRUSTED_PROXIES, or listen on 127.0.0.1 behind the proxy.",
  );
}
