/**
 * The handshake of a WebSocket through the gate. The origin is asked first, so that it chooses the
 * subprotocol and may refuse. Compression is not offered to it: a message is held whole here, so
 * it would only be inflated and deflated again.
 */
import { AppError } from "../errors/app_error.ts";
import type { AnswerHead } from "./answer_head.ts";
import type { Field } from "./hop_headers.ts";

/** Whether a request asks to become a WebSocket. */
export function isWebSocketRequest({ method, headers }: Request): boolean {
  // Asked for on every request, so the cheap question comes first.
  return headers.has("upgrade") && method === "GET" &&
    names(headers, "upgrade").includes("websocket") &&
    names(headers, "connection").includes("upgrade");
}

function names(headers: Headers, field: string): string[] {
  return headers.get(field)?.toLowerCase().split(",").map((name) => name.trim()) ?? [];
}

export interface Handshake {
  /** What the origin is asked with. */
  readonly fields: readonly Field[];
  /**
   * Reads the origin's consent.
   * @returns The subprotocol it chose, if any.
   * @throws AppError `ORIGIN_UNREACHABLE` when it agreed to something that was not asked.
   */
  accept(head: AnswerHead): Promise<string | undefined>;
}

/** @throws AppError `MALFORMED_REQUEST` for a client that does not speak version 13. */
export function createHandshake({ headers }: Request): Handshake {
  if (headers.get("sec-websocket-version") !== "13" || !headers.get("sec-websocket-key")) {
    throw new AppError("MALFORMED_REQUEST", {
      detail: "Only version 13 of WebSocket is spoken here.",
      headers: { "sec-websocket-version": "13" },
    });
  }
  const key = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16))));
  const offered = offeredProtocols(headers);
  return {
    fields: [
      ["connection", "Upgrade"],
      ["upgrade", "websocket"],
      ["sec-websocket-key", key],
      ["sec-websocket-version", "13"],
      ...offered.length > 0 ? [["sec-websocket-protocol", offered.join(", ")] as const] : [],
    ],
    async accept({ fields }) {
      const answered = new Map(fields);
      const protocol = answered.get("sec-websocket-protocol");
      const isAsked = answered.get("sec-websocket-accept") === await acceptOf(key) &&
        !answered.has("sec-websocket-extensions") &&
        (protocol === undefined || offered.includes(protocol));
      if (isAsked) return protocol;
      throw new AppError("ORIGIN_UNREACHABLE", { cause: new Error("Cannot read the handshake") });
    },
  };
}

function offeredProtocols(headers: Headers): string[] {
  const offer = headers.get("sec-websocket-protocol");
  return offer === null ? [] : offer.split(",").map((protocol) => protocol.trim());
}

/** The proof that a server read the key (RFC 6455, 4.2.2). */
async function acceptOf(key: string): Promise<string> {
  const text = new TextEncoder().encode(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-1", text));
  return btoa(String.fromCharCode(...digest));
}

/** `Deno.upgradeWebSocket` with the subprotocol that the origin chose. */
export function upgradeClient(
  request: Request,
  protocol: string | undefined,
): Deno.WebSocketUpgrade {
  // Deno looks for the chosen one between ", " exactly; clients may leave the space out. The
  // request itself must be passed, so only the view of its headers is replaced.
  const headers = new Headers(request.headers);
  headers.set("sec-websocket-protocol", offeredProtocols(headers).join(", "));
  const readable: Request = Object.create(request, { headers: { value: headers } });
  return Deno.upgradeWebSocket(readable, { protocol });
}
