/** Writes a handler's reply: JSON, CSV where it is asked for, 304 where nothing changed. */
import { CSV_TYPE, type CsvColumns, toCsv, wantsCsv } from "./csv.ts";
import type { AnyEndpoint } from "./definition.ts";
import { etagOf, namesTag } from "./etag.ts";

interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

export async function answerOf(
  endpoint: Pick<AnyEndpoint, "answers" | "csv" | "versioned" | "method">,
  { status, headers = {}, body }: Reply,
  request: Request,
): Promise<Response> {
  const { schema, type } = endpoint.answers[status];
  const fields: Record<string, string> = { "cache-control": "private, no-store", ...headers };
  if (type) {
    return new Response(body as BodyInit, { status, headers: { "content-type": type, ...fields } });
  }
  if (!schema) return new Response(null, { status, headers: fields });
  const next = nextPage(body, request);
  if (next) fields.link = `<${next}>; rel="next"`;
  if (endpoint.csv && wantsCsv(request)) return csvOf(endpoint.csv, body, fields);
  if (endpoint.versioned) {
    const tag = await etagOf(body);
    fields.etag = tag;
    fields["cache-control"] = "private, no-cache";
    const known = request.headers.get("if-none-match");
    if (endpoint.method === "GET" && known && namesTag(known, tag)) {
      return new Response(null, { status: 304, headers: fields });
    }
  }
  return Response.json(body, { status, headers: fields });
}

function csvOf(columns: CsvColumns, body: unknown, fields: Record<string, string>): Response {
  const rows = hasItems(body) ? body.items : [body];
  return new Response(toCsv(columns, rows), {
    headers: {
      "content-type": CSV_TYPE,
      "content-disposition": 'attachment; filename="report.csv"',
      ...fields,
    },
  });
}

function nextPage(body: unknown, request: Request): string | undefined {
  if (!hasItems(body) || typeof body.next_cursor !== "string") return undefined;
  const url = new URL(request.url);
  url.searchParams.set("cursor", body.next_cursor);
  return url.pathname + url.search;
}

function hasItems(body: unknown): body is { items: unknown[]; next_cursor?: unknown } {
  return typeof body === "object" && body !== null && "items" in body && Array.isArray(body.items);
}
