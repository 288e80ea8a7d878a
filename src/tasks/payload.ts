/**
 * Where a payload lies: in the record when it is small, else gzipped in chunks of their own,
 * written and deleted in the record's atomic commits.
 */
import { gunzipSync, gzipSync } from "node:zlib";
import { AppError } from "../errors/app_error.ts";
import { KV_LIMITS } from "../kv/atomic.ts";
import { keys } from "../kv/keys.ts";
import type { Atomic, Kv } from "../kv/kv.ts";
import type { TaskRecord } from "../kv/task_record.ts";
import { PermanentError } from "./verdicts.ts";

/** The record is written at every heartbeat, so what is in it is paid for many times. */
const INLINE_BYTES_MAX = 8 * 1_024;
export const PAYLOAD_BYTES_MAX = 700 * 1_024;
/** Leaves room in the commit for the record and what the caller writes. */
const CHUNKS_BYTES_MAX = 660 * 1_024;

export interface EncodedPayload {
  readonly payload?: string;
  readonly chunks: readonly Uint8Array[];
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Throws `AppError("PAYLOAD_TOO_LARGE")` over 700 KiB of JSON; larger things go by reference. */
export function encodePayload(json: string): EncodedPayload {
  if (json.length * 3 <= INLINE_BYTES_MAX) return { payload: json, chunks: [] };
  const bytes = encoder.encode(json);
  if (bytes.length <= INLINE_BYTES_MAX) return { payload: json, chunks: [] };
  const packed = bytes.length <= PAYLOAD_BYTES_MAX ? gzipSync(bytes) : undefined;
  if (!packed || packed.length > CHUNKS_BYTES_MAX) {
    const detail = `A task's payload can hold at most ${PAYLOAD_BYTES_MAX} bytes as JSON.`;
    throw new AppError("PAYLOAD_TOO_LARGE", { detail });
  }
  const chunks: Uint8Array[] = [];
  for (let from = 0; from < packed.length; from += KV_LIMITS.valueBytes) {
    chunks.push(new Uint8Array(packed.subarray(from, from + KV_LIMITS.valueBytes)));
  }
  return { chunks };
}

export function writeChunks(atomic: Atomic, id: string, chunks: readonly Uint8Array[]): void {
  chunks.forEach((chunk, part) => atomic.set(keys.taskChunk(id, part), chunk));
}

/** The payload as it was enqueued. Throws `PermanentError` when a chunk is missing. */
export async function readPayload(kv: Pick<Kv, "getMany">, record: TaskRecord): Promise<unknown> {
  const { id, payload, chunks = 0 } = record;
  if (payload !== undefined) return JSON.parse(payload);
  const parts = Array.from({ length: chunks }, (_, part) => keys.taskChunk(id, part));
  const found = (await kv.getMany(parts)).map((entry) => entry.value);
  if (found.length === 0 || found.includes(null)) {
    throw new PermanentError("The payload is no longer there");
  }
  const packed = await new Blob(found.map((chunk) => new Uint8Array(chunk ?? []))).bytes();
  return JSON.parse(decoder.decode(gunzipSync(packed)));
}
