/**
 * Takes the chunked transfer coding off a body (RFC 9112, 7.1), piece by piece as it comes.
 * Trailers are read over and dropped; every length has a bound.
 */
import { MalformedAnswer } from "./answer_head.ts";

/** Longest line of a size with its extensions, and of all trailers together, in bytes. */
const LINE_BYTES_MAX = 1_024;
const TRAILER_BYTES_MAX = 16_384;

const LF = 10;
const CR = 13;

type State = "size" | "data" | "data-end" | "trailer" | "done";

export class ChunkedDecoder {
  #state: State = "size";
  /** Bytes of the chunk that are still to come. */
  #left = 0;
  #line = "";
  #trailerBytes = 0;
  /** Bytes of the last piece that came after the body's end; they belong to nobody. */
  #surplus = 0;

  get finished(): boolean {
    return this.#state === "done";
  }

  get surplus(): number {
    return this.#surplus;
  }

  /**
   * @param piece Its content is moved together in place, so the caller gives it away.
   * @returns The part of `piece` that now holds the body's bytes; may be empty.
   * @throws MalformedAnswer
   */
  decode(piece: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    let read = 0;
    let written = 0;
    while (read < piece.length && this.#state !== "done") {
      if (this.#state === "data") {
        const end = Math.min(read + this.#left, piece.length);
        if (written !== read) piece.copyWithin(written, read, end);
        written += end - read;
        this.#left -= end - read;
        read = end;
        if (this.#left === 0) this.#state = "data-end";
      } else {
        read = this.#readLine(piece, read);
      }
    }
    this.#surplus = piece.length - read;
    return piece.subarray(0, written);
  }

  /** Reads one line, or as much of it as came, and returns where to go on. */
  #readLine(piece: Uint8Array, start: number): number {
    const end = piece.indexOf(LF, start);
    const stop = end === -1 ? piece.length : end;
    if (this.#line.length + stop - start > LINE_BYTES_MAX) {
      throw new MalformedAnswer("Cannot read a chunk: its line is too long");
    }
    this.#line += String.fromCharCode(...piece.subarray(start, stop));
    if (end === -1) return stop;
    const line = this.#line.charCodeAt(this.#line.length - 1) === CR
      ? this.#line.slice(0, -1)
      : this.#line;
    this.#line = "";
    this.#take(line);
    return end + 1;
  }

  #take(line: string): void {
    if (this.#state === "data-end") {
      if (line !== "") throw new MalformedAnswer("Cannot find the end of a chunk");
      this.#state = "size";
    } else if (this.#state === "trailer") {
      this.#trailerBytes += line.length + 2;
      if (this.#trailerBytes > TRAILER_BYTES_MAX) throw new MalformedAnswer("Too many trailers");
      if (line === "") this.#state = "done";
    } else {
      const [size] = /^[0-9a-f]{1,12}(?=[ \t]*(?:;|$))/i.exec(line) ?? [];
      if (size === undefined) throw new MalformedAnswer("Cannot read the size of a chunk");
      this.#left = parseInt(size, 16);
      this.#state = this.#left === 0 ? "trailer" : "data";
    }
  }
}
