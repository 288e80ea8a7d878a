/**
 * The gateway: every request that passed the gate goes to the origin as the client sent it, and
 * the answer comes back as the origin gave it, both as they flow. What is not HTTP between these
 * two alone is dropped on the way; what cannot be passed on truly is refused.
 */
import type { GateContext } from "../context.ts";
import { AppError } from "../errors/app_error.ts";
import { METHOD_FIELDS } from "../paths/methods.ts";
import { type Clock, SECOND, systemClock } from "../time.ts";
import type { Connection } from "./connection.ts";
import { createFieldFilter } from "./claimed_fields.ts";
import { bindsConnection } from "./connection_auth.ts";
import { type Answer, ClientGone, Exchange, type OriginRequest } from "./exchange.ts";
import { type Field, fieldsForOrigin, headersForClient } from "./hop_headers.ts";
import { passLoop } from "./loop.ts";
import { createDialer, createPool, type Pool } from "./pool.ts";
import { publicLocation } from "./redirects.ts";
import { framingField, outgoingBody } from "./request_body.ts";
import { isAuthority, originTarget } from "./target.ts";
import { Tunnel } from "./tunnel.ts";
import { createHandshake, isWebSocketRequest, upgradeClient } from "./websocket.ts";

export interface ProxyOptions {
  /** Where the site is; its path, if any, stands for the public root. */
  readonly origin: URL;
  /** The one host that the origin is told; the public one when absent. */
  readonly toldHost?: string;
  /** How long the origin may take to begin its answer. */
  readonly timeoutMs: number;
  /** Names this deployment in `CDN-Loop`: letters, digits, `-` and `_`. */
  readonly deploymentId: string;
  /** Names of fields that reach the origin though a client could claim something by them. */
  readonly keepFields?: readonly string[];
  /** Name of the gate's own cookie, which the origin neither sees nor sets. */
  readonly privateCookie?: string;
  /** Whether an `Authorization` field holds a proof for the gate, which is kept from the origin. */
  readonly isOwnProof?: (authorization: string) => boolean;
  /** Told the code of each request the origin did not answer. */
  readonly onFailure?: (code: string) => void;
  readonly clock?: Clock;
  /** How long a client may keep its request's body waiting, or leave its answer's unread. */
  readonly clientPatienceMs?: number;
  /** How many requests and sockets the origin is asked to hold at once. */
  readonly connectionsMax?: number;
}

export interface Proxy {
  /**
   * @throws AppError `ORIGIN_UNREACHABLE`, `ORIGIN_TIMEOUT`, `LOOP_DETECTED`, `REQUEST_TIMEOUT`,
   *   `MALFORMED_REQUEST`, `METHOD_NOT_ALLOWED`, `TEMPORARILY_UNAVAILABLE`.
   */
  handle(request: Request, gate: GateContext): Promise<Response>;
  /**
   * Ends event streams, WebSockets and idle connections; other answers go on to their end.
   * Resolves when both ends of each WebSocket have been told, after 1 s at the latest.
   */
  close(): Promise<void>;
}

/** Beyond this a client has stopped sending or reading; each one holds a connection to the origin. */
const CLIENT_PATIENCE_MS = 60 * SECOND;
const CONNECTIONS_MAX = 4_096;

/** What nginx logs for a client that did not wait; nobody receives it. */
const CLIENT_CLOSED_REQUEST = 499;

/** Methods of the connection and of debugging: neither may reach through a gateway. */
const REFUSED_METHODS = /^(?:CONNECT|TRACE|TRACK)$/i;

/**
 * `OPTIONS *` asks the server, not the site, and that is us. Deno shows its target as `/*`, which
 * no browser asks for the options of.
 */
const asksServer = ({ method, url }: Request) =>
  method === "OPTIONS" && /^\w+:\/\/[^/]*\/\*$/.test(url);

export function createProxy(options: ProxyOptions): Proxy {
  const { origin, timeoutMs, clock = systemClock, onFailure } = options;
  const { clientPatienceMs = CLIENT_PATIENCE_MS, connectionsMax = CONNECTIONS_MAX } = options;
  const pool = createPool({ dial: createDialer(origin), clock, openMax: connectionsMax });
  const exchanges = new Set<Exchange>();
  const tunnels = createTunnels(pool);
  const patienceMs = { origin: timeoutMs, client: clientPatienceMs };
  const compose = createComposer(options);

  const ask = (request: OriginRequest): Promise<Answer> => {
    const onEnd = (ended: Exchange) => exchanges.delete(ended);
    const exchange = new Exchange(request, { pool, clock, patienceMs, onEnd });
    exchanges.add(exchange);
    return exchange.run();
  };

  async function forward(request: Request, gate: GateContext): Promise<Response> {
    const { method, signal } = request;
    const body = await outgoingBody(request);
    const head = compose(request, gate, framingField(method, body));
    const binds = bindsConnection(request.headers.get("authorization"));
    return toResponse(
      await ask({ method, head, body, signal, bindsConnection: binds }),
      options,
      gate,
    );
  }

  async function join(request: Request, gate: GateContext): Promise<Response> {
    const { method, signal } = request;
    const handshake = createHandshake(request);
    const head = compose(request, gate, handshake.fields);
    const binds = bindsConnection(request.headers.get("authorization"));
    const answer = await ask({
      method,
      head,
      body: undefined,
      signal,
      upgrades: true,
      bindsConnection: binds,
    });
    if (!answer.connection) return toResponse(answer, options, gate);
    return tunnels.open(request, () => handshake.accept(answer.head), answer.connection);
  }

  return {
    async handle(request, gate) {
      if (asksServer(request)) return new Response(null, { status: NO_CONTENT });
      try {
        return await (isWebSocketRequest(request) ? join : forward)(request, gate);
      } catch (error) {
        if (error instanceof ClientGone) {
          return new Response(null, { status: CLIENT_CLOSED_REQUEST });
        }
        if (error instanceof AppError && error.code.startsWith("ORIGIN_")) onFailure?.(error.code);
        throw error;
      }
    },
    async close() {
      for (const exchange of exchanges) exchange.endStream();
      pool.close();
      await tunnels.close();
    },
  };
}

/** The WebSockets that are open, and the opening of one for which the origin has been asked. */
function createTunnels(pool: Pool) {
  const tunnels = new Set<Tunnel>();

  return {
    /** @param accept Reads the origin's consent; gives the subprotocol. */
    async open(
      request: Request,
      accept: () => Promise<string | undefined>,
      connection: Connection,
    ): Promise<Response> {
      try {
        const protocol = await accept();
        // Deno 2.9 neither opens nor frees the socket of a client that has left, so the news of
        // its leaving is given a moment to come.
        await new Promise((resolve) => setTimeout(resolve, 0));
        if (request.signal.aborted) throw new ClientGone();
        const { socket: client, response } = upgradeClient(request, protocol);
        const onEnd = (ended: Tunnel) => {
          tunnels.delete(ended);
          pool.discard(connection);
        };
        tunnels.add(new Tunnel({ client, connection, onEnd }));
        return response;
      } catch (error) {
        pool.discard(connection);
        throw error;
      }
    },
    async close(): Promise<void> {
      await Promise.all(Array.from(tunnels, (tunnel) => tunnel.close()));
    },
  };
}

/** Writes the head of the origin's request, or refuses what cannot be passed on truly. */
function createComposer(options: ProxyOptions) {
  const { origin, toldHost, deploymentId, privateCookie, isOwnProof, keepFields = [] } = options;
  const isDropped = createFieldFilter(keepFields);
  // Judged by the gate where frameworks obey them, and dropped elsewhere.
  const isDroppedOfPost = createFieldFilter([...keepFields, ...METHOD_FIELDS]);
  const prefix = origin.pathname.replace(/\/$/, "");
  const ownOrigin = toldHost && `${origin.protocol}//${toldHost}`;

  return (request: Request, gate: GateContext, framing: readonly Field[]): string => {
    const { method, url, headers } = request;
    if (REFUSED_METHODS.test(method)) throw new AppError("METHOD_NOT_ALLOWED");
    const target = originTarget(url, prefix);
    if (target === undefined || !isAuthority(gate.host)) throw new AppError("MALFORMED_REQUEST");
    const cdnLoop = passLoop(headers.get("cdn-loop"), deploymentId);
    if (cdnLoop === undefined) throw new AppError("LOOP_DETECTED");
    const own = {
      host: toldHost ?? gate.host,
      ownOrigin,
      cdnLoop,
      privateCookie,
      isOwnProof,
      isDropped: method === "POST" ? isDroppedOfPost : isDropped,
    };
    const fields = fieldsForOrigin(headers, gate, own);
    let head = `${method} ${target} HTTP/1.1\r\n`;
    for (const [name, value] of fields) head += `${name}: ${value}\r\n`;
    for (const [name, value] of framing) head += `${name}: ${value}\r\n`;
    return `${head}\r\n`;
  };
}

/** Before 2.9 `Deno.serve` compressed what it liked, and made strong ETags weak; this stops it. */
const SERVER_COMPRESSES = /^2\.[0-8]\./.test(Deno.version.deno);

function toResponse(
  { head, body }: Answer,
  { origin, toldHost, privateCookie }: ProxyOptions,
  gate: GateContext,
): Response {
  const { status, fields } = head;
  const headers = headersForClient(fields, privateCookie);
  for (const name of ["location", "content-location"]) {
    const location = headers.get(name);
    if (location === null) continue;
    const from = { origin, told: toldHost ?? gate.host };
    headers.set(name, publicLocation(location, from, gate));
  }
  if (SERVER_COMPRESSES && !headers.has("content-encoding")) {
    headers.append("cache-control", "no-transform");
  }
  if (status !== RESET_CONTENT) return new Response(body, { status, headers });
  // Deno.serve sends 205 without a length, and clients would wait for a body that never comes.
  if (body instanceof ReadableStream) body.cancel();
  headers.delete("content-length");
  return new Response(null, { status: NO_CONTENT, headers });
}

const NO_CONTENT = 204;
const RESET_CONTENT = 205;
