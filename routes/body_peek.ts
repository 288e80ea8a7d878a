/**
 * Looks at a request's body before anybody acts on it, and gives the request back with the whole
 * body again. Reads no more than it may: a long body is looked at from its start, and streams on.
 */
import { AppError } from "../src/errors/app_error.ts";
import { type BodyHold, type BodyHolds, noRoom } from "./body_holds.ts";
import { BodyPace, LATE, OUSTED } from "./body_pace.ts";

export interface PeekOptions {
  /** So much is read of what only its start is wanted of. */
  readonly startBytes: number;
  readonly holds: BodyHolds;
  /** Whether more is wanted than the start that has been read. */
  wantsWhole(headers: Headers, start: Uint8Array): boolean;
}

export interface PeekSender {
  readonly subject: string;
  /** False where nothing may be refused: a body that comes too slowly is passed on half read. */
  readonly refuses: boolean;
}

export interface PeekedBody {
  /** What was read, from the first byte. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Whether that is all. */
  readonly whole: boolean;
  /** The request, to be used in place of the one that was read. */
  readonly request: Request;
  /** To be called when nobody needs the body any more. */
  readonly release: () => void;
}

type Bytes = Uint8Array<ArrayBuffer>;
type Reader = ReadableStreamDefaultReader<Bytes>;

/** Texts up to this length are read whole, so that padding does not hide what comes after it. */
const WHOLE_BYTES_MAX = 1024 * 1024;

export function createBodyPeek({ startBytes, holds, wantsWhole }: PeekOptions) {
  return async function peek(
    request: Request,
    body: ReadableStream<Bytes>,
    { subject, refuses }: PeekSender,
  ): Promise<PeekedBody> {
    const reader = body.getReader();
    const pace = new BodyPace();
    const hold = holds.open(subject, () => pace.end(OUSTED));
    const wantsMore = (read: BodyBytes) =>
      read.sizeBytes < startBytes ||
      (read.sizeBytes < WHOLE_BYTES_MAX &&
        (read.isWanted ??= wantsWhole(request.headers, read.all())));
    try {
      const read = new BodyBytes();
      await fill(read, { reader, hold, pace, wantsMore, refuses });
      hold.settle();
      return { ...givenBack(request, read, reader, hold), whole: read.whole };
    } catch (thrown) {
      hold.release();
      // What is still to come is nobody's; a reader that failed by itself cannot be told.
      reader.cancel().catch(() => {});
      throw thrown;
    } finally {
      pace.stop();
    }
  };
}

interface Filling {
  readonly reader: Reader;
  readonly hold: BodyHold;
  readonly pace: BodyPace;
  readonly wantsMore: (read: BodyBytes) => boolean;
  readonly refuses: boolean;
}

/** Reads what is wanted, or what there is time and room for. */
async function fill(
  read: BodyBytes,
  { reader, hold, pace, wantsMore, refuses }: Filling,
): Promise<void> {
  while (!read.whole && wantsMore(read)) {
    const next = reader.read().catch(breakOff);
    const part = await pace.wait(next);
    if (part === LATE || part === OUSTED) {
      if (refuses) throw part === LATE ? new AppError("REQUEST_TIMEOUT") : noRoom();
      read.pending = next;
      return;
    }
    if (part.done) read.whole = true;
    if (!part.value) continue;
    pace.note(part.value.length);
    const hasRoom = hold.take(part.value.length);
    if (!hasRoom && refuses) throw noRoom();
    read.add(part.value);
    if (!hasRoom) return;
  }
}

/** Neither a sender that leaves nor one that garbles its chunks is a failure of ours. */
function breakOff(cause: unknown): never {
  throw new AppError("MALFORMED_REQUEST", { cause });
}

/** The request with what was read, then what is still to come. */
function givenBack(
  request: Request,
  read: BodyBytes,
  reader: Reader,
  hold: BodyHold,
) {
  const bytes = read.all();
  const release = () => hold.release();
  const body = read.whole ? bytes : resumed(bytes, reader, release, read.pending);
  return { bytes, release, request: new Request(request, { body }) };
}

/** The pieces of a body in one array that grows: a piece of one byte costs no more than a byte. */
class BodyBytes {
  sizeBytes = 0;
  whole = false;
  /** A piece that was asked for and has not come. */
  pending: ReturnType<Reader["read"]> | undefined = undefined;
  /** Whether more than the start is wanted; unknown until the start is there. */
  isWanted: boolean | undefined = undefined;
  #bytes: Bytes = new Uint8Array();

  add(piece: Bytes): void {
    const sizeBytes = this.sizeBytes + piece.length;
    // Most bodies are one piece, which needs no copy.
    if (this.sizeBytes === 0) this.#bytes = piece;
    else {
      if (sizeBytes > this.#bytes.length) {
        const grown = new Uint8Array(Math.max(sizeBytes, 2 * this.#bytes.length));
        grown.set(this.all());
        this.#bytes = grown;
      }
      this.#bytes.set(piece, this.sizeBytes);
    }
    this.sizeBytes = sizeBytes;
  }

  all(): Bytes {
    return this.#bytes.subarray(0, this.sizeBytes);
  }
}

function resumed(
  bytes: Bytes,
  reader: Reader,
  release: () => void,
  pending?: ReturnType<Reader["read"]>,
): ReadableStream<Bytes> {
  let begun = false;
  let next = pending;
  return new ReadableStream({
    async pull(controller) {
      if (!begun) {
        begun = true;
        if (bytes.length > 0) return controller.enqueue(bytes);
      }
      // Who asks for more has taken what was kept.
      release();
      const { done, value } = await (next ?? reader.read());
      next = undefined;
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel(reason) {
      release();
      return reader.cancel(reason);
    },
  }, { highWaterMark: 0 });
}
