/**
 * Looks at a request's body before anybody acts on it, and gives the request back with the whole
 * body again. Reads no more than it may: a long body is looked at from its start, and streams on.
 */
import { AppError } from "../src/errors/app_error.ts";
import { MINUTE } from "../src/time.ts";

export interface PeekOptions {
  /** Bytes kept of the start and of the end; between them nothing is kept. */
  readonly headBytes: number;
  readonly tailBytes: number;
}

export interface PeekedBody {
  readonly head: Uint8Array;
  /** Empty when the whole body is in `head`. */
  readonly tail: Uint8Array;
  /** Whether there are bytes that nobody looked at. */
  readonly truncated: boolean;
  /** The request, to be used in place of the one that was read. */
  readonly request: Request;
}

/** Texts up to this length are read whole, so that padding does not hide what comes after it. */
const WHOLE_BYTES_MAX = 1024 * 1024;
/** All bodies looked at in this moment together; beyond it only the start is read. */
const HELD_BYTES_MAX = 64 * 1024 * 1024;
/** A client that sends nothing for so long has gone. */
const PATIENCE_MS = MINUTE;

/** Formats whose end means as much as their start; of pictures and archives the start tells all. */
const TEXT =
  /^(?:text\/|multipart\/|application\/(?:[\w.+-]*json|[\w.+-]*xml|graphql|x-www-form))/i;

export function createBodyPeek({ headBytes, tailBytes }: PeekOptions) {
  let heldBytes = 0;

  return async function peek(
    request: Request,
    body: ReadableStream<Uint8Array>,
  ): Promise<PeekedBody> {
    const type = request.headers.get("content-type") ?? "text/";
    const wantedBytes = TEXT.test(type) ? WHOLE_BYTES_MAX : headBytes;
    const reader = body.getReader();
    const chunks: Uint8Array<ArrayBuffer>[] = [];
    let sizeBytes = 0;
    let done = false;
    try {
      while (!done && sizeBytes < (heldBytes > HELD_BYTES_MAX ? headBytes : wantedBytes)) {
        const part = await patiently(reader.read());
        done = part.done;
        if (!part.value) continue;
        chunks.push(part.value as Uint8Array<ArrayBuffer>);
        sizeBytes += part.value.length;
        heldBytes += part.value.length;
      }
    } finally {
      heldBytes -= sizeBytes;
    }
    const bytes = concat(chunks, sizeBytes);
    return {
      head: bytes.subarray(0, headBytes),
      tail: bytes.subarray(Math.max(headBytes, sizeBytes - tailBytes)),
      truncated: !done || sizeBytes > headBytes + tailBytes,
      request: new Request(request, { body: done ? bytes : resumed(bytes, reader) }),
    };
  };
}

async function patiently<Value>(value: Promise<Value>): Promise<Value> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new AppError("REQUEST_TIMEOUT")), PATIENCE_MS);
  });
  try {
    return await Promise.race([value, late]);
  } finally {
    clearTimeout(timer);
  }
}

function concat(chunks: readonly Uint8Array<ArrayBuffer>[], sizeBytes: number) {
  if (chunks.length === 1) return chunks[0];
  const bytes = new Uint8Array(sizeBytes);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/** What was read, then what is still to come. */
function resumed(
  bytes: Uint8Array<ArrayBuffer>,
  reader: ReadableStreamDefaultReader<Uint8Array>,
): ReadableStream<Uint8Array> {
  let begun = false;
  return new ReadableStream({
    async pull(controller) {
      if (!begun) {
        begun = true;
        return controller.enqueue(bytes);
      }
      const { done, value } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
}
