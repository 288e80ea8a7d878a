/** Refuses a request that names no host, or one that is not ours, before anything else is said. */
import type { ErrorCode } from "../src/errors/codes.ts";
import type { Services } from "../src/services.ts";
import type { Passage } from "./opening.ts";

/** Asked by platforms, load balancers and scrapers under whatever address they know us by. */
const ANY_HOST = new Set(["/healthz", "/readyz", "/metrics"]);

export function createHostCheck({ publicHosts }: Services) {
  return ({ context, target }: Passage): ErrorCode | undefined => {
    const { host, path } = context;
    if (host !== "" && publicHosts.isOurs(host)) return undefined;
    if (target === "own" && ANY_HOST.has(path)) return undefined;
    return host === "" ? "MALFORMED_REQUEST" : "UNKNOWN_HOST";
  };
}
