/**
 * The body of an answer, read to exactly its end. An end that comes too early is an error and
 * never a shorter body: the client must see that something is missing.
 */
import type { BodyLength } from "./answer_head.ts";
import { ChunkedDecoder } from "./chunked.ts";
import type { Connection } from "./connection.ts";

export interface BodyReader {
  /** Whether all of the body was handed out. */
  readonly finished: boolean;
  /** Whether the connection stands exactly behind the body, ready for another request. */
  readonly clean: boolean;
  /**
   * The next bytes; empty only at the end.
   * @throws CutShort, MalformedAnswer, or what the connection throws.
   */
  next(): Promise<Uint8Array<ArrayBuffer>>;
}

/** The origin ended the connection before the body was complete. */
export class CutShort extends Error {
  override readonly name = "CutShort";
}

export function createBodyReader(connection: Connection, length: BodyLength): BodyReader {
  if (length.until === "length") return new CountedReader(connection, length.bytes);
  return length.until === "close" ? new ClosingReader(connection) : new ChunkedReader(connection);
}

/**
 * The whole body where it came together with its head, which is cheaper to hand on than a stream.
 * @returns undefined while some of it is still to come.
 */
export function takeWholeBody(
  connection: Connection,
  length: BodyLength,
): Uint8Array<ArrayBuffer> | undefined {
  const { unread } = connection;
  if (length.until === "length") {
    if (unread.length < length.bytes) return undefined;
    const body = unread.slice(0, length.bytes);
    connection.consume(length.bytes);
    return body;
  }
  if (length.until === "close" || !endsLikeChunks(unread)) return undefined;
  const decoder = new ChunkedDecoder();
  const body = decoder.decode(unread.slice());
  if (!decoder.finished) return undefined;
  connection.consume(unread.length - decoder.surplus);
  return body;
}

/** The last chunk without trailers, `0\r\n\r\n`: spares decoding twice what has only begun. */
const LAST_CHUNK = [48, 13, 10, 13, 10];
const endsLikeChunks = (bytes: Uint8Array) =>
  LAST_CHUNK.every((byte, at) => bytes[bytes.length - LAST_CHUNK.length + at] === byte);

const READ_MAX = Number.MAX_SAFE_INTEGER;
const NOTHING = new Uint8Array();

class CountedReader implements BodyReader {
  #left: number;
  readonly clean = true;

  constructor(private readonly connection: Connection, bytes: number) {
    this.#left = bytes;
  }

  get finished(): boolean {
    return this.#left === 0;
  }

  async next(): Promise<Uint8Array<ArrayBuffer>> {
    if (this.#left === 0) return NOTHING;
    const bytes = await this.connection.read(this.#left);
    if (bytes === null) throw new CutShort(`${this.#left} bytes of the body are missing`);
    this.#left -= bytes.length;
    return bytes;
  }
}

class ChunkedReader implements BodyReader {
  readonly #decoder = new ChunkedDecoder();

  constructor(private readonly connection: Connection) {}

  get finished(): boolean {
    return this.#decoder.finished;
  }

  get clean(): boolean {
    return this.#decoder.surplus === 0;
  }

  async next(): Promise<Uint8Array<ArrayBuffer>> {
    while (!this.#decoder.finished) {
      const piece = await this.connection.read(READ_MAX);
      if (piece === null) throw new CutShort("The last chunk of the body is missing");
      const bytes = this.#decoder.decode(piece);
      if (bytes.length > 0) return bytes;
    }
    return NOTHING;
  }
}

class ClosingReader implements BodyReader {
  finished = false;
  readonly clean = false;

  constructor(private readonly connection: Connection) {}

  async next(): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = await this.connection.read(READ_MAX);
    this.finished = bytes === null;
    return bytes ?? NOTHING;
  }
}
