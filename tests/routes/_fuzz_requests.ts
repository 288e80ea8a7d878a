/** Requests for an operation of the document: right ones, and ones with a single thing wrong. */
import type { Operation, Parameter } from "./_document.ts";
import { createBodies, type Kind, KINDS, SIZES } from "./_fuzz_bodies.ts";
import { ODD_TEXTS, ODD_VALUES, type Random, type Values } from "./_fuzz_values.ts";

export interface FuzzRequest {
  readonly kind: Kind;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
}

const RAW_SEGMENTS = ["%", "%zz", "%ff", "%00", "%2F", "%252e", "a;b", "~", "%ED%A0%80"];
const ODD_FIELDS: readonly Readonly<Record<string, string>>[] = [
  { "idempotency-key": "two words" },
  { "idempotency-key": "k".repeat(300) },
  { "if-match": "*" },
  { "if-match": '"nonsense", W/' },
  { "if-none-match": ",,," },
  { accept: "text/csv" },
  { accept: "text/html" },
  { accept: ";;;,q=9" },
  { range: "bytes=0-1" },
  { "x-http-method-override": "DELETE" },
  { "content-encoding": "gzip" },
  { cookie: "__Host-gatehouse=; __Host-gatehouse=ghc_x_y; =;" },
  { "x-forwarded-for": "127.0.0.1, unknown", forwarded: "for=_hidden" },
  { origin: "https://evil.example", "sec-fetch-site": "cross-site" },
  { "user-agent": "\u00ff".repeat(300) },
  { expect: "100-continue", "transfer-encoding": "chunked" },
];
const WRONG_TYPES = [
  "text/plain",
  "application/xml",
  "multipart/form-data",
  "json",
  "application/json5",
  "",
];

export function createRequests(random: Random, values: Values) {
  const bodyOf = createBodies(random, values);
  const pathOf = createPaths(random, values);

  return (operation: Operation, index: number): FuzzRequest => {
    const kind = KINDS[index % KINDS.length];
    const { parameters = [], requestBody } = operation;
    const [type, media] = Object.entries(requestBody?.content ?? {})[0] ?? [];
    const placed = parameters.filter((parameter) => parameter.in !== "header");
    const isPathHit = placed.length > 0 && (!media || random.whole(0, 3) === 0);
    const hit = isPathHit ? random.pick(placed) : undefined;
    const path = pathOf(operation, kind, hit);
    const headers: Record<string, string> = kind === "odd fields"
      ? { ...random.pick(ODD_FIELDS) }
      : {};
    if (random.whole(0, 5) === 0) headers["idempotency-key"] = `key-${random.whole(0, 20)}`;
    if (!media || type === undefined) return { kind, path, headers };
    const shown = kind === "wrong content type" ? random.pick(WRONG_TYPES) : type;
    if (shown) headers["content-type"] = shown;
    if (media.schema.type === "object") {
      return { kind, path, headers, body: bodyOf(media.schema, hit ? "right" : kind) };
    }
    const text = { type: "string", maxLength: kind === "huge" ? 70_000 : 300 };
    const body = String(values.of(text, kind === "huge" ? "most" : "some", "text"));
    return { kind, path, headers, body };
  };
}

function createPaths(random: Random, values: Values) {
  const valueOf = ({ name, schema }: Parameter, kind: Kind, isHit: boolean): string => {
    if (isHit && kind === "past a bound") return String(values.beyond(schema));
    if (isHit && kind === "wrong type") return JSON.stringify(random.pick(ODD_VALUES));
    if (isHit && kind === "odd text") return random.pick(ODD_TEXTS).toWellFormed();
    if (isHit && kind === "huge") return values.text(9_000);
    return String(values.of(schema, SIZES[kind] ?? "some", name));
  };
  const segmentOf = (parameter: Parameter, kind: Kind, isHit: boolean) => {
    if (isHit && kind === "odd text" && random.whole(0, 1)) return random.pick(RAW_SEGMENTS);
    // An empty one, or a dot, is another path.
    return encodeURIComponent(valueOf(parameter, kind, isHit)).replace(/^\.*$/, "_");
  };
  return ({ path, parameters = [] }: Operation, kind: Kind, hit: Parameter | undefined): string => {
    const query = new URLSearchParams();
    let filled = path;
    for (const parameter of parameters) {
      const isHit = parameter === hit;
      if (parameter.in === "path") {
        filled = filled.replace(`{${parameter.name}}`, segmentOf(parameter, kind, isHit));
      } else if (parameter.in === "query" && (isHit || random.whole(0, 2) === 0)) {
        query.append(parameter.name, valueOf(parameter, kind, isHit));
      }
    }
    if (kind === "extra field") query.append(random.pick(["x", "__proto__", "limit"]), "1");
    return query.size > 0 ? `${filled}?${query}` : filled;
  };
}
