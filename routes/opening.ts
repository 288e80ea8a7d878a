/**
 * Reads a request once, before any check: who sends it, what it asks for, which of our rooms or
 * the site will answer, and what that is charged. Nothing here can refuse or wait.
 */
import { getPath } from "hono/utils/url";
import type { ClientAddress, GateContext, VerifiedUser } from "../src/context.ts";
import {
  forwardedPort,
  forwardedPrefix,
  forwardedScheme,
  type Scheme,
} from "../src/ip/forwarded.ts";
import type { Decision } from "../src/limits/guard.ts";
import type { Charge } from "../src/limits/charge.ts";
import { methodsOf } from "../src/paths/methods.ts";
import { createPathReader, type RequestPath, sentPath } from "../src/paths/request_path.ts";
import type { Services } from "../src/services.ts";
import type { OperationOf } from "./operations.ts";

/** One request on its way through the gate. */
export interface Passage {
  /** As it came, or with its body to be read again after somebody looked into it. */
  request: Request;
  readonly context: GateContext;
  /** The path as rules read it; undefined when it cannot be read in earnest. */
  readonly path: RequestPath | undefined;
  /** The method as rules read it; several where a field may tell the site another. */
  readonly methods: readonly string[];
  /** Who answers if nothing refuses. */
  readonly target: "own" | "site";
  /** What it is counted as; undefined for health checks. */
  readonly charge: Charge | undefined;
  /** Whether the answer is written by us, and so gets the headers of our own pages. */
  ours: boolean;
  /** Whether the gate refused it, so that the answer says nothing about the client's manners. */
  refused: boolean;
  decision: Decision | undefined;
  /** Frees the memory of a body that was looked into, once it is answered. */
  releaseBody: (() => void) | undefined;
}

type ConnectionInfo = Pick<Deno.ServeHandlerInfo, "remoteAddr">;

export function createOpening(services: Services, operationOf: OperationOf) {
  const { config, clientAddress, publicHosts, policies, site, instanceId, onDeploy } = services;
  const readPath = createPathReader();
  const ownPathOf = createOwnPaths(config.BASE_PATH);
  const siteIsOurs = site.audience === "own";
  const idStart = `${instanceId}-`;
  let count = 0;

  const ownCharge = (method: string, ownPath: string) =>
    policies.own(method, ownPath, operationOf(method, ownPath));

  return function open(request: Request, info: ConnectionInfo): Passage {
    const sent = sentPath(request.url);
    const read = readPath(sent);
    const plain = sent.includes("%") ? getPath(request) : sent;
    const ownPath = ownPathOf(plain, read ?? UNREADABLE);
    const path = ownPath === undefined || config.BASE_PATH === "" ? read : readPath(ownPath);
    const client = clientAddress.resolve(info.remoteAddr, request.headers);
    const requestId = idStart + ++count;
    const host = publicHosts.of(client, request);
    // Anybody can write https into a target. Only the platform ends TLS and writes it itself.
    const connection = onDeploy && request.url.startsWith("https:") ? "https" : "http";
    const context = new RequestContext(
      requestId,
      ownPath ?? plain,
      client,
      host,
      connection,
      request,
      info,
    );
    const isSite = ownPath === undefined;
    const methods = methodsOf(request.method, request.headers);
    return {
      request,
      context,
      path,
      methods,
      target: isSite ? "site" : "own",
      charge: isSite
        ? policies.site(methods, path ?? UNREADABLE)
        : ownCharge(request.method, ownPath),
      ours: !isSite || siteIsOurs,
      refused: false,
      decision: undefined,
      releaseBody: undefined,
    };
  };
}

/** Counted as a page of the site like any other. */
const UNREADABLE: RequestPath = { spellings: ["/"], readings: ["/"], extension: "" };

/** What most answers never ask for is worked out only when it is asked for. */
class RequestContext implements GateContext {
  // Set from the start, so that every context has one shape and V8 reads it the same way.
  user: VerifiedUser | undefined = undefined;
  risk: number | undefined = undefined;
  isAllowed = false;
  drawnNonce = "";

  constructor(
    readonly requestId: string,
    readonly path: string,
    readonly client: ClientAddress,
    readonly host: string,
    readonly connection: Scheme,
    readonly request: Request,
    readonly info: ConnectionInfo,
  ) {}

  get scheme(): Scheme {
    return forwardedScheme(this.client, this.request.headers, this.connection);
  }

  get publicPort(): string | undefined {
    return forwardedPort(this.client, this.request.headers);
  }

  get publicPrefix(): string | undefined {
    return forwardedPrefix(this.client, this.request.headers);
  }

  get remoteAddr(): Deno.Addr {
    return this.info.remoteAddr;
  }

  nonce(): string {
    return this.drawnNonce ||= drawNonce();
  }
}

function drawNonce(): string {
  return btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16))));
}

/** Our own paths. `/api` is ours below `/api/v1`: an origin keeps its own. */
const OWN_PATH =
  /^\/(?:admin|api\/v1|gatehouse\.css|gatehouse\.js|healthz|metrics|openapi\.json|readyz)(?:\/|$)/;

type OwnPathOf = (plain: string, path: Pick<RequestPath, "spellings">) => string | undefined;

/**
 * Our own path without prefix and trailing slash, or undefined for a path of the site. However it
 * is spelled, it never reaches the origin; but only its plain spelling, `plain`, is served.
 */
export function createOwnPaths(basePath: string): OwnPathOf {
  const bare = (path: string) => path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
  if (basePath === "") {
    return (plain, { spellings }) =>
      OWN_PATH.test(plain) || spellings.some((path) => OWN_PATH.test(path))
        ? bare(plain)
        : undefined;
  }
  // Under a prefix of its own everything is ours: nothing there may reach the origin.
  const prefix = `${basePath}/`;
  const folded = prefix.toLowerCase();
  return (plain, { spellings }) => {
    if (plain.startsWith(prefix)) return bare(plain.slice(basePath.length));
    return spellings.some((path) => path.startsWith(folded)) ? plain : undefined;
  };
}
