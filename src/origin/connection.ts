/**
 * One connection to the origin, read through one small buffer. What a head's reader got too much
 * belongs to the body behind it; bytes of a body are handed on in arrays of their own, because
 * whoever takes them keeps them until they are sent.
 */
import { MalformedAnswer } from "./answer_head.ts";

/** What is needed of a TCP or TLS connection. */
export type Socket = Pick<Deno.Conn, "read" | "write" | "close">;

/** The buffer of an idle connection, and how far it may grow for the head of one answer. */
const BUFFER_BYTES = 16_384;
export const HEAD_BYTES_MAX = 65_536;

/** Sizes of one read of a body: from the first to the second while reads fill up. */
const READ_BYTES_MIN = 16_384;
const READ_BYTES_MAX = 65_536;

export class Connection {
  readonly #socket: Socket;
  #buffer = new Uint8Array(BUFFER_BYTES);
  #start = 0;
  #end = 0;
  #pending: Promise<number | null> | undefined;
  #readBytes = READ_BYTES_MIN;
  #closed = false;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** What was read and not used yet. Valid until the next call of anything here. */
  get unread(): Uint8Array<ArrayBuffer> {
    return this.#buffer.subarray(this.#start, this.#end);
  }

  consume(bytes: number): void {
    this.#start += bytes;
  }

  /**
   * Reads more behind `unread`.
   * @returns false when the origin has ended the connection.
   * @throws MalformedAnswer when `unread` would grow beyond 64 KiB.
   */
  async fill(): Promise<boolean> {
    const reading = this.#pending ?? this.#socket.read(this.#room());
    this.#pending = undefined;
    const count = await reading;
    if (count === null) return false;
    this.#end += count;
    return true;
  }

  #room(): Uint8Array<ArrayBuffer> {
    if (this.#start === this.#end) this.#start = this.#end = 0;
    if (this.#end === this.#buffer.length) {
      const unread = this.unread;
      if (unread.length >= HEAD_BYTES_MAX) throw new MalformedAnswer("The head is too large");
      const size = this.#start === 0 ? this.#buffer.length * 2 : this.#buffer.length;
      const buffer = new Uint8Array(size);
      buffer.set(unread);
      this.#end = unread.length;
      this.#start = 0;
      this.#buffer = buffer;
    }
    return this.#buffer.subarray(this.#end);
  }

  /**
   * The next bytes of a body, at most `bytesMax`, in an array that is the caller's.
   * @returns null when the origin has ended the connection.
   */
  async read(bytesMax: number): Promise<Uint8Array<ArrayBuffer> | null> {
    if (this.#start < this.#end) {
      const bytes = this.#buffer.slice(this.#start, Math.min(this.#end, this.#start + bytesMax));
      this.#start += bytes.length;
      return bytes;
    }
    const bytes = new Uint8Array(Math.min(bytesMax, this.#readBytes));
    const count = await this.#socket.read(bytes);
    if (count === null) return null;
    if (count === this.#readBytes) this.#readBytes = Math.min(count * 2, READ_BYTES_MAX);
    return bytes.subarray(0, count);
  }

  async write(bytes: Uint8Array): Promise<void> {
    let written = await this.#socket.write(bytes);
    while (written < bytes.length) written += await this.#socket.write(bytes.subarray(written));
  }

  /**
   * Reads ahead while nothing is asked, so that an origin which hangs up is noticed at once. The
   * read is the first of the next answer.
   * @param onEvent Called when the origin ends the connection, or says something unasked.
   */
  watch(onEvent: () => void): void {
    if (this.#buffer.length > BUFFER_BYTES) this.#buffer = new Uint8Array(BUFFER_BYTES);
    this.#start = this.#end = 0;
    this.#pending = this.#socket.read(this.#buffer);
    this.#pending.then(onEvent, onEvent);
  }

  /** Reads and writes under way fail. May be called again. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    try {
      this.#socket.close();
    } catch {
      // The runtime closed it already, which is what was wanted.
    }
  }
}
