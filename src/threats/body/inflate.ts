/**
 * Undoes the codings of a body, within bounds: a byte can become a thousand (in gzip) or a hundred
 * thousand (in brotli), so the output is taken in small pieces and no more of it than is examined.
 */
import type { Transform } from "node:stream";
import zlib from "node:zlib";
import type { Coding } from "./coding.ts";

export interface Inflated {
  readonly bytes: Uint8Array;
  /** Whether that is all of it. */
  readonly whole: boolean;
  /** Whether it could not be read to its end, or is made to grow beyond reason. */
  readonly broken: boolean;
}

export interface InflateOptions {
  /** Whether the coded bytes are all there are. */
  readonly whole: boolean;
  /** At most so many bytes come out. */
  readonly bytesMax: number;
}

/** A text of numbers shrinks to a fiftieth; what grows more, and to so much, was made for it. */
const RATIO_MAX = 200;
const SLICE_BYTES = 4_096;
const PIECE_BYTES = 16_384;

export type Inflate = (
  coded: Uint8Array,
  codings: readonly Coding[],
  options: InflateOptions,
) => Promise<Inflated>;

/** One body after the other, so that many at once need no more room than one. */
export function createInflater(): Inflate {
  let last: Promise<unknown> = Promise.resolve();
  return (coded, codings, options) => {
    const inflated = last.then(() => inflate(coded, codings, options));
    last = inflated;
    return inflated;
  };
}

async function inflate(
  coded: Uint8Array,
  codings: readonly Coding[],
  { whole, bytesMax }: InflateOptions,
): Promise<Inflated> {
  let result: Inflated = { bytes: coded, whole, broken: false };
  for (const coding of codings.toReversed()) {
    const { bytes, end, readBytes } = await undo(result.bytes, coding, bytesMax);
    const isBomb = end === "full" && bytes.length > RATIO_MAX * readBytes;
    const isCut = end === "error" || (bytes.length === 0 && coded.length > 0);
    const broken = result.broken || isBomb || (isCut && result.whole);
    result = { bytes, whole: end === "end" && result.whole, broken };
  }
  return result;
}

interface Undone {
  readonly bytes: Uint8Array;
  /** Whether the end was reached, there is more than was wanted, or it could not be read. */
  readonly end: "end" | "full" | "error";
  /** Coded bytes that were taken in. */
  readonly readBytes: number;
}

function undo(coded: Uint8Array, coding: Coding, bytesMax: number): Promise<Undone> {
  const stream = STREAMS[coding](coded);
  const out = new Uint8Array(bytesMax);
  let sizeBytes = 0;
  let readBytes = 0;
  return new Promise((resolve) => {
    const settle = (end: Undone["end"]) => {
      stream.destroy();
      resolve({ bytes: out.slice(0, sizeBytes), end, readBytes });
    };
    stream.on("data", (piece: Uint8Array) => {
      const fitting = piece.subarray(0, bytesMax - sizeBytes);
      out.set(fitting, sizeBytes);
      sizeBytes += fitting.length;
      if (fitting.length < piece.length) settle("full");
    });
    // What follows the end is for those who read the bytes as they are.
    stream.once("end", () => settle(stream.bytesWritten < coded.length ? "error" : "end"));
    // Also what has no end: the bytes before it have been handed out.
    stream.on("error", () => settle("error"));
    // In slices, so that it is known how much became of how little.
    const feed = () => {
      if (stream.destroyed) return;
      const slice = coded.subarray(readBytes, readBytes + SLICE_BYTES);
      readBytes += slice.length;
      if (readBytes < coded.length) stream.write(slice, feed);
      else stream.end(slice);
    };
    feed();
  });
}

type Inflating = Transform & { readonly bytesWritten: number };

const OPTIONS = { chunkSize: PIECE_BYTES };
const STREAMS: Readonly<Record<Coding, (coded: Uint8Array) => Inflating>> = {
  gzip: () => zlib.createGunzip(OPTIONS),
  // By the standard it has a zlib head; some clients leave that out.
  deflate: (coded) =>
    hasZlibHead(coded) ? zlib.createInflate(OPTIONS) : zlib.createInflateRaw(OPTIONS),
  br: () => zlib.createBrotliDecompress(OPTIONS),
  zstd: () => zlib.createZstdDecompress(OPTIONS),
};

const hasZlibHead = ([first, second]: Uint8Array) =>
  (first & 0x0f) === 8 && (first >> 4) <= 7 && ((first << 8) | second) % 31 === 0;
