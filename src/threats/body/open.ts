/** Undoes what a body was coded with, where its head or its first bytes say that it was. */
import { codingsOf, isGzip } from "./coding.ts";
import { createInflater } from "./inflate.ts";
import type { RequestBody } from "./read.ts";

/** As much as is read of a text that comes without a coding. */
const INFLATED_BYTES_MAX = 1024 * 1024;
/** Of an archive that nobody announced only the start is looked at. */
const ARCHIVE_BYTES_MAX = 65_536;

/** Answers at once for nearly every body. */
export type BodyOpener = (
  body: RequestBody,
  headers: Headers,
) => RequestBody | Promise<RequestBody>;

export function createBodyOpener(): BodyOpener {
  const inflate = createInflater();
  return (body, headers) => {
    const { bytes, whole } = body;
    if (bytes.length === 0) return body;
    const contentEncoding = headers.get("content-encoding");
    const declared = contentEncoding === null ? [] : codingsOf(contentEncoding);
    // A coding that we don't know is refused by the engine.
    if (declared === undefined) return body;
    const isArchive = declared.length === 0 && isGzip(bytes);
    const codings = isArchive ? ["gzip" as const] : declared;
    if (codings.length === 0) return body;
    const bytesMax = isArchive ? ARCHIVE_BYTES_MAX : INFLATED_BYTES_MAX;
    return inflate(bytes, codings, { whole, bytesMax }).then((inflated) => ({ ...body, inflated }));
  };
}
