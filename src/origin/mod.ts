/**
 * The site behind the gate, as one door: the operator's origin, or the demo shop where there is
 * none. Whoever passes the gate does not know which.
 */
import type { GateContext } from "../context.ts";
import type { AppErrorOptions } from "../errors/app_error.ts";
import type { ErrorCode } from "../errors/codes.ts";
import type { Kv } from "../kv/kv.ts";
import type { OrderMailing } from "./demo/orders.ts";
import type { Log } from "../log.ts";
import type { Clock } from "../time.ts";

export interface Site {
  /** Whose pages these are, which decides the security headers they get. */
  readonly audience: "own" | "origin";
  readonly handle: (request: Request, gate: GateContext) => Response | Promise<Response>;
  /** The HTML of an error in the dress of the site; absent where it is not ours to dress. */
  readonly errorPage?: (
    code: ErrorCode,
    request: Request,
    gate: GateContext,
    options: AppErrorOptions,
  ) => string;
  /** Ends open streams, so that a stop need not wait for them. */
  close(): Promise<void>;
}

export interface SiteOptions {
  readonly originUrl: URL | undefined;
  /** Which host the origin is told, as `ORIGIN_HOST` says. */
  readonly originHost: string | undefined;
  /** Whether an address is nobody's on the public internet. */
  readonly isLocalAddress: (ip: string) => boolean;
  readonly timeoutMs: number;
  readonly kv: Kv;
  readonly clock: Clock;
  readonly log: Log;
  /** Names this deployment in `CDN-Loop`, so that a request which comes back is recognised. */
  readonly deploymentId: string;
  /** Names of fields that are passed on though a client could claim something by them. */
  readonly keepFields: readonly string[];
  /** Name of the gate's own cookie, which the origin neither sees nor sets. */
  readonly privateCookie?: string;
  /** Whether an `Authorization` field holds a proof for the gate, which is kept from the origin. */
  readonly isOwnProof?: (authorization: string) => boolean;
  /** Told the code of each request the origin did not answer. */
  readonly onFailure?: (code: string) => void;
  /** Confirms the demo shop's orders by mail. */
  readonly mailing?: OrderMailing;
}

/** Loads the one site that is served, so that the other costs no start-up time. */
export async function createSite(options: SiteOptions): Promise<Site> {
  const { originUrl } = options;
  return originUrl ? await createOriginSite(originUrl, options) : await createDemoSite(options);
}

async function createDemoSite({ kv, clock, log, mailing }: SiteOptions): Promise<Site> {
  const { createDemoShop } = await import("./demo/shop.tsx");
  const { renderErrorPage } = await import("./demo/pages/error_page.tsx");
  const shop = createDemoShop({ kv, clock, log, mailing });
  return {
    audience: "own",
    handle: (request, gate) => shop.fetch(request, gate),
    errorPage: renderErrorPage,
    close: () => Promise.resolve(),
  };
}

async function createOriginSite(origin: URL, options: SiteOptions): Promise<Site> {
  const { createProxy } = await import("./proxy.ts");
  const { toldHost } = await import("./told_host.ts");
  const host = toldHost({ ...options, setting: options.originHost, origin });
  const proxy = createProxy({ ...options, origin, toldHost: host });
  return { audience: "origin", handle: proxy.handle, close: proxy.close };
}
