/**
 * Passes messages between a client's WebSocket and the origin's, at the pace of the slower side,
 * and lets each know how the other ended. Deno reads a client's messages whether they are wanted
 * or not, so towards the origin there is a bound instead of a pace.
 */
import { SECOND } from "../time.ts";
import type { Connection } from "./connection.ts";
import {
  encodeClose,
  encodeFrame,
  FrameError,
  isSendableCode,
  type Message,
  MessageReader,
} from "./websocket_frames.ts";

/** Longest message from the origin; it is held whole until the client's socket takes it. */
const MESSAGE_BYTES_MAX = 16 * 1_024 * 1_024;
/** What may wait to be sent to a client before the origin is read on. */
const CLIENT_WAITING_BYTES = 1_024 * 1_024;
/** What may wait to be sent to the origin before the client is sent away. */
const ORIGIN_WAITING_BYTES = 8 * 1_024 * 1_024;
/** How long a side may take to say goodbye. */
const GOODBYE_MS = SECOND;
/** How long the client's socket may take to open once it was granted. */
const OPENING_MS = 5 * SECOND;

/** Close codes (RFC 6455, 7.4.1 and the IANA registry). */
const GOING_AWAY = 1_001;
const TRY_AGAIN_LATER = 1_013;
// 1014 would say it better, but clients built on tungstenite take it for a breach of protocol.
const INTERNAL_ERROR = 1_011;

export interface TunnelOptions {
  /** The client's socket, not open yet. */
  readonly client: WebSocket;
  readonly connection: Connection;
  /** Called once, when the connection to the origin is of no more use. */
  readonly onEnd: (tunnel: Tunnel) => void;
}

export class Tunnel {
  readonly #client: WebSocket;
  readonly #connection: Connection;
  readonly #onEnd: (tunnel: Tunnel) => void;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #writing = false;
  /** Whether the origin was told that this is the end. */
  #saidGoodbye = false;
  #goodbye: ReturnType<typeof setTimeout> | undefined;
  #opening: ReturnType<typeof setTimeout> | undefined;
  #ended = false;
  readonly #clientLeft = Promise.withResolvers<void>();
  readonly #originLeft = Promise.withResolvers<void>();

  constructor({ client, connection, onEnd }: TunnelOptions) {
    this.#client = client;
    this.#connection = connection;
    this.#onEnd = onEnd;
    client.binaryType = "arraybuffer";
    client.onopen = () => {
      clearTimeout(this.#opening);
      this.#readOrigin();
    };
    client.onmessage = ({ data }) => this.#fromClient(data);
    client.onclose = ({ code, reason }) => {
      this.#clientLeft.resolve();
      this.#leaveOrigin(code, reason);
    };
    // A socket that never opened gets no close event; in Deno 2.9 not even this one, where the
    // client left at the wrong moment.
    client.onerror = () => this.#leaveOrigin(GOING_AWAY, "");
    this.#opening = setTimeout(() => this.#leaveOrigin(GOING_AWAY, ""), OPENING_MS);
  }

  /** Ends both sides because the gate stops. Resolves when both know, after 1 s at the latest. */
  async close(): Promise<void> {
    this.#client.close(GOING_AWAY, "");
    this.#leaveOrigin(GOING_AWAY, "");
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, GOODBYE_MS);
    await Promise.race([
      Promise.all([this.#clientLeft.promise, this.#originLeft.promise]),
      late.promise,
    ]);
    clearTimeout(timer);
  }

  #fromClient(data: string | ArrayBuffer): void {
    if (this.#saidGoodbye) return;
    if (this.#waitingBytes > ORIGIN_WAITING_BYTES) {
      this.#client.close(TRY_AGAIN_LATER, "");
      return this.#leaveOrigin(GOING_AWAY, "");
    }
    if (typeof data === "string") this.#send(encodeFrame("text", ENCODER.encode(data)));
    else this.#send(encodeFrame("binary", new Uint8Array(data)));
  }

  /** Tells the origin how the client left, and waits a little for its answer. */
  #leaveOrigin(code: number, reason: string): void {
    if (this.#saidGoodbye) return;
    // 1005 says that no code was given; 0 and 1006 that there was no goodbye at all.
    const told = code === 1_005 ? undefined : isSendableCode(code) ? code : GOING_AWAY;
    this.#send(encodeClose(told, reason));
    this.#saidGoodbye = true;
    clearTimeout(this.#opening);
    this.#goodbye = setTimeout(() => this.#end(), GOODBYE_MS);
  }

  async #readOrigin(): Promise<void> {
    const reader = new MessageReader(this.#connection, MESSAGE_BYTES_MAX);
    try {
      let message = await reader.next();
      while (message && message.kind !== "close") {
        await this.#toClient(message);
        message = await reader.next();
      }
      if (message) await this.#farewell(message);
      else this.#leaveClient(INTERNAL_ERROR, "");
    } catch (error) {
      const broken = error instanceof FrameError;
      if (broken) await this.#write(encodeClose(error.code, ""));
      this.#leaveClient(broken ? error.code : INTERNAL_ERROR, "");
    }
    this.#end();
  }

  async #toClient(message: Message): Promise<void> {
    if (message.kind === "ping") this.#send(encodeFrame("pong", message.bytes));
    else if (message.kind === "text") this.#client.send(message.text);
    else if (message.kind === "binary") this.#client.send(message.bytes);
    for (let pauseMs = 5; this.#clientIsBehind(); pauseMs = Math.min(pauseMs * 2, 100)) {
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }

  #clientIsBehind(): boolean {
    const { readyState, bufferedAmount } = this.#client;
    return readyState === WebSocket.OPEN && bufferedAmount > CLIENT_WAITING_BYTES;
  }

  /** The origin says goodbye: it is answered, and the client is told the same. */
  async #farewell({ code, reason }: Message & { kind: "close" }): Promise<void> {
    if (!this.#saidGoodbye) {
      this.#saidGoodbye = true;
      await this.#write(encodeClose(code, ""));
    }
    this.#leaveClient(code, reason);
  }

  #leaveClient(code: number | undefined, reason: string): void {
    this.#saidGoodbye = true;
    if (code === undefined) this.#client.close();
    else this.#client.close(code, reason);
  }

  #send(frame: Uint8Array): void {
    this.#waiting.push(frame);
    this.#waitingBytes += frame.length;
    if (!this.#writing) this.#drain();
  }

  async #drain(): Promise<void> {
    this.#writing = true;
    for (let frame = this.#waiting.shift(); frame; frame = this.#waiting.shift()) {
      await this.#write(frame);
      this.#waitingBytes -= frame.length;
    }
    this.#writing = false;
  }

  /** A connection that cannot be written to is noticed where it is read. */
  async #write(frame: Uint8Array): Promise<void> {
    try {
      if (!this.#ended) await this.#connection.write(frame);
    } catch {
      this.#end();
    }
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#goodbye);
    this.#originLeft.resolve();
    this.#onEnd(this);
  }
}

const ENCODER = new TextEncoder();
