/**
 * Whose host a value may name without being held against its sender: this site's. `Host` is the
 * client's word, and a URL of `http://127.0.0.1` in a field may be what the origin then asks, so it
 * counts only where `PUBLIC_HOSTS` names it or it is where this machine itself finds us.
 */
import type { Config } from "../src/config.ts";
import type { Finding } from "../src/threats/score.ts";

/** @param host As `GateContext.host`, after the check of hosts. */
export type OwnHostIn = (findings: readonly Finding[], host: string) => string | undefined;

export function createOwnHost(
  { PUBLIC_HOSTS, PORT }: Pick<Config, "PUBLIC_HOSTS" | "PORT">,
): OwnHostIn {
  const port = PORT === 80 ? "" : `:${PORT}`;
  const local = new Set(["localhost", "127.0.0.1", "[::1]"].map((name) => name + port));
  const isChecked = PUBLIC_HOSTS.length > 0;
  return (findings, host) => {
    // Asked only where something was found that may be this host.
    if (!findings.some(({ family }) => family === "ssrf")) return undefined;
    return isChecked || local.has(host) ? host : undefined;
  };
}
