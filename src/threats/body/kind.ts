/** What a body is: what its sender says, and what it looks like. Both are read when they differ. */

export type BodyKind = "json" | "form" | "multipart" | "xml" | "text" | "binary";

/** What `Content-Type` declares; undefined when it is absent. */
export function declaredKind(contentType: string): BodyKind | undefined {
  const type = contentType.toLowerCase();
  if (!type.trim()) return undefined;
  if (type.includes("json") || type.includes("csp-report")) return "json";
  if (type.includes("x-www-form-urlencoded")) return "form";
  if (type.includes("multipart/")) return "multipart";
  if (type.includes("xml") && !type.includes("openxml")) return "xml";
  if (/^\s{0,5}(?:image|audio|video|font)\/(?!svg)/.test(type)) return "binary";
  if (
    /octet-stream|\/(?:zip|pdf|gzip|x-tar|vnd\.(?:ms|openxml)|wasm|protobuf|grpc|x-protobuf)/.test(
      type,
    )
  ) {
    return "binary";
  }
  return "text";
}

/** What the text looks like. */
export function sniffedKind(text: string): BodyKind {
  const start = text.slice(0, 300).trimStart();
  if (/^[{[]\s{0,9}(?:["{[\]}\-\d]|true|false|null)/.test(start)) return "json";
  if (/^<(?:\?xml|!doctype|!entity|[\w:.-]{1,60}(?:\s|>|\/))/i.test(start)) return "xml";
  if (/^--[^\s]{4,200}\r?\n[^\n]{0,200}content-disposition/i.test(start)) return "multipart";
  if (/^[\w.\-[\]%$+~*]{1,100}=/.test(start)) return "form";
  return "text";
}
