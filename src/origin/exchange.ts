/**
 * One request to the origin and its answer, over one connection: sending and reading at the same
 * time, because an origin may answer before it has read everything; one end for all the ways in
 * which it can end, because each must give back the connection exactly once.
 */
import { Buffer } from "node:buffer";
import { AppError } from "../errors/app_error.ts";
import { type AnswerHead, findHeadEnd, MalformedAnswer, parseAnswerHead } from "./answer_head.ts";
import { createBodyReader, CutShort, takeWholeBody } from "./answer_body.ts";
import type { Connection } from "./connection.ts";
import { PieceRelease } from "./piece_release.ts";
import type { Pool } from "./pool.ts";
import { BrokenUpload, type OutgoingBody, sendBody } from "./request_body.ts";
import { type Silent, Watchdog, type WatchdogOptions } from "./watchdog.ts";

export interface OriginRequest {
  readonly method: string;
  /** Request line, fields and the empty line; one character a byte. */
  readonly head: string;
  readonly body: OutgoingBody | undefined;
  /** Fires when the client has gone. */
  readonly signal: AbortSignal;
  /** Whether it signs somebody in on the connection, which then carries nobody else's request. */
  readonly bindsConnection?: boolean;
  /** Whether another protocol is asked for, so that 101 is an answer. */
  readonly upgrades?: boolean;
}

export interface Answer {
  readonly head: AnswerHead;
  readonly body: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | null;
  /** Only with 101: the connection, which is the caller's to discard. */
  readonly connection?: Connection;
}

/** The client went away; nobody is left to be told anything. */
export class ClientGone extends Error {
  override readonly name = "ClientGone";
}

export interface ExchangeOptions extends Omit<WatchdogOptions, "onSilence"> {
  readonly pool: Pool;
  /** Called once, when the exchange no longer holds a connection. */
  readonly onEnd: (exchange: Exchange) => void;
}

/** Methods that may be asked again when the connection turns out to have been closed before. */
const REPEATABLE = /^(?:GET|HEAD|OPTIONS|PUT|DELETE)$/;

/** Interim answers read over before the final one; more is an origin gone wrong. */
const INTERIM_MAX = 10;

export class Exchange {
  readonly #request: OriginRequest;
  readonly #options: ExchangeOptions;
  readonly #watchdog: Watchdog;
  /** Waits for a client to take more: one that never does keeps a connection to the origin. */
  readonly #reading: Watchdog;
  #connection: Connection | undefined;
  #stream: ReadableStreamDefaultController<Uint8Array> | undefined;
  #rejectDial: (failure: Error) => void = () => {};
  #failure: Error | undefined;
  #endless = false;
  #sent = false;
  #ended = false;

  constructor(request: OriginRequest, options: ExchangeOptions) {
    this.#request = request;
    this.#options = options;
    const onSilence = (who: Silent) =>
      this.fail(new AppError(who === "origin" ? "ORIGIN_TIMEOUT" : "REQUEST_TIMEOUT"));
    this.#watchdog = new Watchdog({ ...options, onSilence });
    this.#reading = new Watchdog({ ...options, onSilence });
  }

  /**
   * @throws ClientGone, or AppError: `ORIGIN_UNREACHABLE`, `ORIGIN_TIMEOUT`, `REQUEST_TIMEOUT`,
   *   `TEMPORARILY_UNAVAILABLE`.
   */
  async run(): Promise<Answer> {
    const { signal } = this.#request;
    signal.addEventListener("abort", () => this.fail(new ClientGone()), { once: true });
    if (signal.aborted) throw this.fail(new ClientGone());
    try {
      const { head, connection } = await this.#ask();
      // Time may run out in the very moment the answer comes; its connection is closed then.
      if (this.#failure) throw this.#failure;
      this.#watchdog.stop();
      return this.#answer(head, connection);
    } catch (error) {
      throw this.fail(error instanceof AppError ? error : unreachable(error));
    }
  }

  /**
   * Ends everything at once: what is being waited for fails with `failure`, and so does a body
   * under way. Does nothing after the end.
   * @returns What it ended with.
   */
  fail(failure: Error): Error {
    if (this.#ended) return this.#failure ?? failure;
    this.#failure = failure;
    const stream = this.#stream;
    this.#end(false);
    this.#rejectDial(failure);
    stream?.error(failure);
    return failure;
  }

  /** Ends an event stream as if the origin had, so that its reader comes back later. */
  endStream(): void {
    if (!this.#stream || !this.#endless) return;
    const stream = this.#stream;
    this.#end(false);
    stream.close();
  }

  /** The head of the final answer, asked of an idle connection first. */
  async #ask(): Promise<{ head: AnswerHead; connection: Connection }> {
    this.#watchdog.expect("origin");
    const idle = this.#options.pool.takeIdle();
    const again = idle && await this.#askOver(idle, this.#isRepeatable());
    if (idle && again) return { head: again, connection: idle };
    const fresh = await this.#dial();
    const head = await this.#askOver(fresh, false);
    if (!head) throw new CutShort("The origin hung up without an answer");
    return { head, connection: fresh };
  }

  #isRepeatable(): boolean {
    return this.#request.body === undefined && REPEATABLE.test(this.#request.method);
  }

  /** A connection of our own; a failure does not wait for one that does not come. */
  #dial(): Promise<Connection> {
    return new Promise((resolve, reject) => {
      this.#rejectDial = reject;
      this.#options.pool.dial().then((connection) => {
        if (this.#ended) this.#options.pool.discard(connection);
        else resolve(connection);
      }, reject);
    });
  }

  /** @returns undefined when the connection was dead and the request may go over another. */
  async #askOver(connection: Connection, mayRepeat: boolean): Promise<AnswerHead | undefined> {
    this.#connection = connection;
    try {
      await connection.write(Buffer.from(this.#request.head, "latin1"));
      this.#sendBody(connection);
      return await this.#readHead(connection);
    } catch (error) {
      if (!mayRepeat || this.#ended || error instanceof MalformedAnswer) throw error;
      this.#options.pool.discard(connection);
      this.#connection = undefined;
    }
  }

  #sendBody(connection: Connection): void {
    const { body } = this.#request;
    this.#sent = body === undefined;
    if (!body) return;
    const turn = (whose: Silent) => this.#watchdog.expect(whose);
    sendBody(connection, body, turn).then(() => {
      this.#sent = true;
    }, (error) => {
      if (error instanceof BrokenUpload) this.fail(new ClientGone(undefined, { cause: error }));
      // An origin that stops reading may have answered before: its answer decides, or its silence.
      else body.pieces.cancel().catch(() => {});
    });
  }

  async #readHead(connection: Connection): Promise<AnswerHead> {
    for (let interim = 0; interim <= INTERIM_MAX; interim++) {
      let end = findHeadEnd(connection.unread);
      while (end === -1) {
        if (!await connection.fill()) throw new CutShort("The head of the answer is missing");
        end = findHeadEnd(connection.unread);
      }
      const { buffer, byteOffset } = connection.unread;
      const text = Buffer.from(buffer, byteOffset, end).toString("latin1");
      connection.consume(end);
      const head = parseAnswerHead(text, this.#request.method);
      if (head.status >= 200 || head.status === 101) return head;
    }
    throw new MalformedAnswer("There are too many interim answers");
  }

  #answer(head: AnswerHead, connection: Connection): Answer {
    if (head.status === 101) {
      if (!this.#request.upgrades) throw new MalformedAnswer("Cannot switch protocols unasked");
      this.#connection = undefined;
      this.#end(false);
      return { head, body: null, connection };
    }
    const whole = takeWholeBody(connection, head.length);
    if (!whole) return { head, body: this.#streamOf(head, connection) };
    this.#end(head.keepAlive);
    return { head, body: whole.length > 0 ? whole : null };
  }

  #streamOf(head: AnswerHead, connection: Connection): ReadableStream<Uint8Array> {
    const reader = createBodyReader(connection, head.length);
    const pieces = new PieceRelease();
    this.#endless = head.length.until !== "length" &&
      head.fields.some(([name, value]) => name === "content-type" && EVENTS.test(value));
    return new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#stream = controller;
        this.#reading.expect("client");
      },
      pull: async (controller) => {
        try {
          this.#reading.rest();
          pieces.release();
          const bytes = await reader.next();
          if (this.#ended) return;
          if (bytes.length > 0) controller.enqueue(bytes);
          pieces.keep(bytes);
          this.#reading.expect("client");
          if (!reader.finished) return;
          this.#end(head.keepAlive && reader.clean);
          controller.close();
        } catch (error) {
          this.fail(unreachable(error));
        }
      },
      cancel: () => {
        this.fail(new ClientGone());
      },
    }, { highWaterMark: 0 });
  }

  #end(reusable: boolean): void {
    this.#ended = true;
    this.#stream = undefined;
    this.#watchdog.stop();
    this.#reading.stop();
    const { pool, onEnd } = this.#options;
    const connection = this.#connection;
    if (connection) {
      const isFree = reusable && this.#sent && !this.#request.bindsConnection;
      if (isFree && connection.unread.length === 0) pool.release(connection);
      else pool.discard(connection);
    }
    if (!this.#sent) this.#request.body?.pieces.cancel().catch(() => {});
    onEnd(this);
  }
}

const EVENTS = /^text\/event-stream\b/i;

const unreachable = (cause: unknown) => new AppError("ORIGIN_UNREACHABLE", { cause });
