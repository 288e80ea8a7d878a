/** What a body is: what its sender says, and what it looks like. Both are read when they differ. */
import { isMultipart } from "./media_type.ts";

export type BodyKind = "json" | "form" | "multipart" | "xml" | "text" | "binary";

/** What the type of `Content-Type` declares; undefined when it is absent. */
export function declaredKind(essence: string): BodyKind | undefined {
  if (essence === "") return undefined;
  if (essence.includes("json") || essence === "application/csp-report") return "json";
  if (essence.includes("x-www-form-urlencoded")) return "form";
  if (isMultipart(essence)) return "multipart";
  if (essence.includes("xml") && !essence.includes("openxml")) return "xml";
  return BINARY.test(essence) ? "binary" : "text";
}

const BINARY =
  /^\s*(?:image|audio|video|font)\/|octet-stream|\/(?:zip|pdf|gzip|x-gzip|x-tar|vnd\.(?:ms|openxml)|wasm|protobuf|grpc|x-protobuf)/;

/** What the text looks like. */
export function sniffedKind(text: string): BodyKind {
  const start = text.trimStart().slice(0, START_LENGTH);
  if (/^[{[]\s{0,9}(?:["{[\]}\-\d]|true|false|null)/.test(start)) return "json";
  if (/^<(?:\?xml|!doctype|!entity|!--|[\w:.-]{1,60}(?:\s|>|\/))/i.test(start)) return "xml";
  if (MULTIPART.test(start)) return "multipart";
  if (/^&{0,20}[\w.\-[\]%$+~*]{1,200}=/.test(start)) return "form";
  return "text";
}

const START_LENGTH = 1_000;
const MULTIPART = /^--[^\r\n]{1,200}\r?\n(?:[\w-]{1,60}:[^\n]{0,200}\n){0,4}content-disposition/i;

/** Whether the start of a body is text: no control characters, nothing that is no UTF-8. */
export function looksWritten(text: string): boolean {
  // deno-lint-ignore no-control-regex -- the control characters that text does not contain
  return !/[\x00-\x08\x0b\x0e-\x1f\x7f\ufffd]/.test(text.slice(0, START_LENGTH));
}

/**
 * Whether a body's end means as much as its start: what is declared as text or coded, and what
 * looks like text whatever is declared. Of pictures and archives the start tells all.
 */
export function isReadWhole(
  { contentType, contentEncoding }: { contentType: string; contentEncoding: string },
  start: Uint8Array,
): boolean {
  return contentType === "" || TEXT.test(contentType) || contentEncoding !== "" ||
    looksWritten(new TextDecoder().decode(start.subarray(0, START_LENGTH), { stream: true }));
}

const TEXT =
  /^\s*(?:text\/|multipart\/|application\/(?:[\w.+-]*json|[\w.+-]*xml|graphql|x-www-form))/i;
