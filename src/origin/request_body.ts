/**
 * The body of the client's request on its way to the origin: whether there is one, how long, and
 * the sending, a piece at a time and never faster than the origin takes it.
 */
import { AppError } from "../errors/app_error.ts";
import type { Connection } from "./connection.ts";
import type { Field } from "./hop_headers.ts";
import { PieceRelease } from "./piece_release.ts";

export interface OutgoingBody {
  readonly pieces: ReadableStreamDefaultReader<Uint8Array>;
  /** Length in bytes; undefined when it is sent in chunks. */
  readonly bytes: number | undefined;
  /** The piece that was read already, to see whether there is one. */
  readonly first?: Uint8Array;
}

/**
 * The body of a request, or undefined when it has none.
 * @throws AppError `MALFORMED_REQUEST` for a body the runtime would not hand over.
 */
export function outgoingBody(
  request: Request,
): OutgoingBody | undefined | Promise<OutgoingBody | undefined> {
  const { headers, body } = request;
  const length = headers.get("content-length");
  const isChunked = headers.has("transfer-encoding");
  // Deno 2.5 lets a request pass that says both, which the origin might read in another way.
  if (length !== null && (isChunked || !/^\d{1,15}$/.test(length))) {
    throw new AppError("MALFORMED_REQUEST");
  }
  const bytes = length === null ? undefined : Number(length);
  const announced = isChunked || (bytes !== undefined && bytes > 0);
  if (body === null) {
    if (!announced) return undefined;
    // Deno withholds the body of a GET; sending the rest on would say less than the client did.
    throw new AppError("MALFORMED_REQUEST", {
      detail: `A body cannot be sent with ${request.method}.`,
    });
  }
  if (bytes === 0) return undefined;
  if (announced) return { pieces: body.getReader(), bytes };
  return peek(body);
}

/** HTTP/2 announces no body, so only reading tells. */
async function peek(body: ReadableStream<Uint8Array>): Promise<OutgoingBody | undefined> {
  const pieces = body.getReader();
  let { value: first } = await pieces.read();
  // Deno shows no body as an empty piece.
  while (first?.length === 0) first = (await pieces.read()).value;
  return first && { pieces, bytes: undefined, first };
}

/** The field that tells the origin where the body ends; methods that expect one always get it. */
export function framingField(method: string, body: OutgoingBody | undefined): Field[] {
  if (body) {
    return body.bytes === undefined
      ? [["transfer-encoding", "chunked"]]
      : [["content-length", `${body.bytes}`]];
  }
  return /^(?:POST|PUT|PATCH)$/.test(method) ? [["content-length", "0"]] : [];
}

/** Who is to act next while a body is sent. */
export type Turn = (whose: "client" | "origin") => void;

/** The client's body ended early, or did not end where it said. */
export class BrokenUpload extends Error {
  override readonly name = "BrokenUpload";
}

/**
 * Sends the body to its end.
 * @throws BrokenUpload when the client is at fault; what the connection throws otherwise.
 */
export async function sendBody(
  connection: Connection,
  body: OutgoingBody,
  turn: Turn,
): Promise<void> {
  const sent = new PieceRelease();
  let left = body.bytes ?? Infinity;
  // Read to its very end, even where the length is known: Deno.serve hangs up on a client whose
  // request it believes unread.
  for (let piece = body.first;; piece = undefined) {
    if (!piece) {
      turn("client");
      sent.release();
      piece = await nextPiece(body);
      turn("origin");
    }
    if (!piece) break;
    left -= piece.length;
    if (left < 0) throw new BrokenUpload("The body is longer than its Content-Length");
    if (body.bytes !== undefined) await connection.write(piece);
    else if (piece.length > 0) await writeChunk(connection, piece);
    // Others may have cut their pieces out of one buffer; the server's are whole ones.
    if (piece.length === piece.buffer.byteLength) sent.keep(piece);
  }
  if (body.bytes === undefined) await connection.write(LAST_CHUNK);
  else if (left > 0) throw new BrokenUpload("The body is shorter than its Content-Length");
}

async function nextPiece({ pieces }: OutgoingBody): Promise<Uint8Array | undefined> {
  try {
    return (await pieces.read()).value;
  } catch (cause) {
    throw new BrokenUpload("The client ended its body early", { cause });
  }
}

const ENCODER = new TextEncoder();
const LINE_END = ENCODER.encode("\r\n");
const LAST_CHUNK = ENCODER.encode("0\r\n\r\n");

/** Pieces up to this size are copied behind their length, which is cheaper than more writes. */
const COPY_BYTES_MAX = 4_096;

async function writeChunk(connection: Connection, piece: Uint8Array): Promise<void> {
  const size = ENCODER.encode(`${piece.length.toString(16)}\r\n`);
  if (piece.length > COPY_BYTES_MAX) {
    await connection.write(size);
    await connection.write(piece);
    return await connection.write(LINE_END);
  }
  const chunk = new Uint8Array(size.length + piece.length + 2);
  chunk.set(size);
  chunk.set(piece, size.length);
  chunk.set(LINE_END, size.length + piece.length);
  await connection.write(chunk);
}
