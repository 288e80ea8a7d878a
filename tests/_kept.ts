/** What lies in a KV, for tests of what must not. */
import type { RawKv } from "../src/kv/raw.ts";

/** Every text and every run of bytes in it, keys included, however deep. */
export async function keptIn(raw: Pick<RawKv, "list">) {
  const texts: string[] = [];
  const bytes: Uint8Array[] = [];
  const look = (value: unknown): void => {
    if (typeof value === "string") texts.push(value);
    else if (value instanceof Uint8Array) bytes.push(value);
    else if (value && typeof value === "object") Object.values(value).forEach(look);
  };
  for await (const { key, value } of raw.list({ prefix: [] })) {
    look(key);
    look(value);
  }
  return { texts, bytes };
}
