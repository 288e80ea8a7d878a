/** How many bytes keys and values take in KV, so that what is too large is refused unsent. */
import { serialize } from "node:v8";

const encoder = new TextEncoder();

const zeros = (bytes: Uint8Array) =>
  bytes.reduce((count, byte) => byte === 0 ? count + 1 : count, 0);

/** A type byte and the digits; from 9 bytes of digits on, a byte for their number. */
function bigintSizeBytes(magnitude: bigint): number {
  const digits = magnitude === 0n ? 0 : Math.ceil(magnitude.toString(16).length / 2);
  return digits > 8 ? 2 + digits : 1 + digits;
}

function partSizeBytes(part: Deno.KvKeyPart): number {
  switch (typeof part) {
    case "boolean":
      return 1;
    case "number":
      return 9;
    case "symbol":
      return 12;
    case "bigint":
      return bigintSizeBytes(part < 0n ? -part : part);
    default: {
      // A type byte and an end byte; a zero inside is written as two bytes.
      const bytes = typeof part === "string" ? encoder.encode(part) : part;
      return 2 + bytes.length + zeros(bytes);
    }
  }
}

/** Bytes of an encoded key. */
export function keySizeBytes(key: Deno.KvKey): number {
  let sizeBytes = 0;
  for (const part of key) sizeBytes += partSizeBytes(part);
  return sizeBytes;
}

/** Bytes of a stored value. Throws what `Deno.Kv.set` would throw when it cannot be cloned. */
export function valueSizeBytes(value: unknown): number {
  return value instanceof Uint8Array ? value.byteLength : serialize(value).byteLength;
}
