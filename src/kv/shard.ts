/** Which of a fixed number of keys a text belongs to, the same in every isolate. */

/** FNV-1a, folded into 0 to `shards - 1`. */
export function shardOf(text: string, shards: number): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  return (value >>> 0) % shards;
}
