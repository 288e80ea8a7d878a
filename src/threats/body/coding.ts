/** `Content-Encoding`: what was done to a body before it was sent, first things first. */

export type Coding = "gzip" | "deflate" | "br" | "zstd";

const CODINGS: Readonly<Record<string, Coding>> = {
  "gzip": "gzip",
  "x-gzip": "gzip",
  "deflate": "deflate",
  "br": "br",
  "zstd": "zstd",
};
/** Words that are sent and change nothing; `aws-chunked` puts lengths between the pieces. */
const NOTHING = /^(?:|identity|none|binary|[78]bit|utf-?8|aws-chunked)$/;
/** Nobody codes more often, and each one multiplies what a byte may become. */
const CODINGS_MAX = 2;

/** The codings in the order they were applied; `undefined` when one of them is unknown. */
export function codingsOf(contentEncoding: string): readonly Coding[] | undefined {
  const codings: Coding[] = [];
  for (const name of contentEncoding.toLowerCase().split(",").map((word) => word.trim())) {
    if (NOTHING.test(name)) continue;
    if (!Object.hasOwn(CODINGS, name) || codings.length === CODINGS_MAX) return undefined;
    codings.push(CODINGS[name]);
  }
  return codings;
}

/** Whether bytes begin as a gzip file does. */
export const isGzip = (bytes: Uint8Array): boolean =>
  bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === 8;
