/** Bodies that are known without being kept, and the hash of any body without keeping it. */
import { createHash } from "node:crypto";

const CHUNK = 64 * 1024;

/** Bytes that differ from one another and from place to place, the same each time. */
function patternChunk(offset: number, length: number): Uint8Array<ArrayBuffer> {
  const chunk = new Uint8Array(length);
  for (let i = 0; i < length; i++) chunk[i] = (offset + i) * 31 + ((offset + i) >> 8) & 0xff;
  return chunk;
}

/** The first `length` bytes of the pattern, made as they are read. */
export function patternStream(length: number): ReadableStream<Uint8Array<ArrayBuffer>> {
  let offset = 0;
  const first = patternChunk(0, CHUNK);
  return new ReadableStream({
    pull(controller) {
      if (offset >= length) return controller.close();
      const size = Math.min(CHUNK, length - offset);
      // The pattern repeats with each chunk of a large body: making it anew would be the test's cost.
      controller.enqueue(first.slice(0, size));
      offset += size;
    },
  }, { highWaterMark: 1 });
}

/** SHA-256 and length of a body, read as it comes. */
export async function hashOf(body: ReadableStream<Uint8Array> | null) {
  const sha = createHash("sha256");
  let length = 0;
  for await (const chunk of body ?? []) {
    sha.update(chunk);
    length += chunk.length;
  }
  return { hash: sha.digest("hex"), length };
}

/** What `hashOf` says of the pattern. */
export async function patternHash(length: number): Promise<string> {
  return (await hashOf(patternStream(length))).hash;
}
