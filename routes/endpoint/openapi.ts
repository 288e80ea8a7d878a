/**
 * The OpenAPI 3.1 document, from the same endpoints that are routed and the same schemas that are
 * checked, so that it cannot say anything else.
 */
import { z } from "zod";
import { SCOPES } from "../../src/auth/scopes.ts";
import { type ErrorCode, ERRORS } from "../../src/errors/codes.ts";
import { formatQuery } from "./csv.ts";
import type { AnswerSpec, AnyEndpoint } from "./definition.ts";
import { IDEMPOTENCY_HEADER } from "./replay.ts";

export interface DocumentOptions {
  readonly version: string;
  /** Prefix of all paths; empty for none. */
  readonly basePath: string;
}

type Json = Readonly<Record<string, unknown>>;

export function openApiDocument(
  endpoints: readonly AnyEndpoint[],
  { version, basePath }: DocumentOptions,
): Json {
  const shown = endpoints.filter((endpoint) => !endpoint.page);
  const paths: Record<string, Record<string, Json>> = {};
  for (const endpoint of shown) {
    (paths[endpoint.path] ??= {})[endpoint.method.toLowerCase()] = operation(endpoint);
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Gatehouse",
      version,
      summary: "The gate in front of your web app",
      description: "All paths answer with and without a trailing slash. Every error is " +
        "`application/problem+json` (RFC 9457) with a stable `code` and the `request_id`.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: basePath || "/", description: "This gate" }],
    tags: tagsOf(shown),
    paths,
    components: {
      securitySchemes: {
        token: {
          type: "http",
          scheme: "bearer",
          description: "An access token of `POST /api/v1/auth/login`, or an API key (`gh_live_…`).",
        },
        scrapeToken: { type: "http", scheme: "bearer", description: "`METRICS_TOKEN`." },
      },
      schemas: { Problem: PROBLEM },
    },
  };
}

/** RFC 9457, with the members of ours. */
const PROBLEM: Json = {
  type: "object",
  required: ["type", "title", "status", "detail", "code", "request_id"],
  properties: {
    type: { type: "string", description: "A URI of the kind of problem, or `about:blank`" },
    title: { type: "string" },
    status: { type: "integer", minimum: 400, maximum: 599 },
    detail: { type: "string" },
    code: { type: "string", enum: Object.keys(ERRORS) },
    request_id: { type: "string" },
    errors: {
      type: "array",
      description: "What is wrong with which field (RFC 6901 pointers)",
      items: {
        type: "object",
        required: ["pointer", "detail"],
        properties: {
          pointer: { type: "string" },
          detail: { type: "string" },
          in: { type: "string", enum: ["param", "query"] },
        },
      },
    },
  },
};

function operation(endpoint: AnyEndpoint): Json {
  const { method, path, summary, access } = endpoint;
  return {
    operationId: operationId(method, path),
    summary,
    description: accessText(access),
    tags: [tagOf(path)],
    security: access === "public"
      ? []
      : access === "scrape-token"
      ? [{ scrapeToken: [] }]
      : [{ token: [] }],
    ...optional("parameters", parametersOf(endpoint)),
    ...requestOf(endpoint),
    responses: { ...answersOf(endpoint), ...problemsOf(endpoint) },
  };
}

function requestOf({ body, bodyAs = [], example }: AnyEndpoint): Json {
  if (body) {
    const json = { schema: schemaOf(body, "input"), ...optional("example", example) };
    return { requestBody: { required: true, content: { "application/json": json } } };
  }
  if (bodyAs.length === 0) return {};
  // What the handler reads itself, no schema here can say.
  const text = { schema: {} };
  const types = typeof bodyAs === "string" ? [bodyAs] : bodyAs;
  const content = Object.fromEntries(types.map((type) => [type, text]));
  return { requestBody: { required: true, content } };
}

function operationId(method: string, path: string): string {
  const words = path.replace(/^\/api\/v1/, "").split(/[^\w]+/).filter(Boolean);
  return [method.toLowerCase(), ...words].join("_");
}

function tagOf(path: string): string {
  return /^\/api\/v1\/(?:onboarding\/)?([\w-]+)/.exec(path)?.[1] ?? "service";
}

function tagsOf(endpoints: readonly AnyEndpoint[]): Json[] {
  const names = [...new Set(endpoints.map(({ path }) => tagOf(path)))].sort();
  return names.map((name) => ({ name, description: `Endpoints of ${name}` }));
}

function accessText(access: AnyEndpoint["access"]): string {
  if (access === "public") return "Anybody may call this.";
  if (access === "scrape-token") return "Needs `METRICS_TOKEN`.";
  if (access === "user") return "Needs a signed-in user; others' things are not shown.";
  const { role, scope } = access;
  return `Needs the role \`${role}\`` +
    (scope ? `, or an API key with the scope \`${scope}\` (${SCOPES[scope]}).` : ".");
}

function parametersOf(endpoint: AnyEndpoint): Json[] {
  const { params, query, csv, versioned, method, idempotent } = endpoint;
  const found = [...fieldsOf(params, "path"), ...fieldsOf(query, "query")];
  if (csv) found.push(...fieldsOf(formatQuery, "query"));
  if (versioned) {
    const name = method === "GET" ? "If-None-Match" : "If-Match";
    found.push({ name, in: "header", description: "An `ETag`", schema: { type: "string" } });
  }
  if (idempotent) {
    const schema = { type: "string", minLength: 1, maxLength: 255, pattern: "^[\\x21-\\x7e]+$" };
    found.push({ name: IDEMPOTENCY_HEADER, in: "header", schema });
  }
  return found;
}

function fieldsOf(schema: z.ZodType | undefined, place: "path" | "query"): Json[] {
  if (!schema) return [];
  const { properties = {}, required = [] } = schemaOf(schema, "input") as {
    readonly properties?: Readonly<Record<string, { readonly description?: string }>>;
    readonly required?: readonly string[];
  };
  return Object.entries(properties).map(([name, { description, ...rest }]) => ({
    name,
    in: place,
    ...(place === "path" || required.includes(name) ? { required: true } : {}),
    ...optional("description", description),
    schema: rest,
  }));
}

function answersOf({ answers, csv, versioned, method }: AnyEndpoint): Record<string, Json> {
  const found: Record<string, Json> = {};
  for (const [status, answer] of Object.entries(answers)) {
    found[status] = { description: answer.about, ...contentOf(answer, csv !== undefined) };
  }
  if (versioned && method === "GET") found["304"] = { description: "Not changed since" };
  return found;
}

function contentOf({ schema, type, example }: AnswerSpec, csv: boolean): Json {
  if (type) return { content: { [type]: { schema: { type: "string" } } } };
  if (!schema) return {};
  const json = { schema: schemaOf(schema, "input"), ...optional("example", example) };
  const content = { "application/json": json };
  return csv
    ? { content: { ...content, "text/csv": { schema: { type: "string" } } } }
    : { content };
}

/** Errors that an endpoint can meet by being what it is. */
export function errorsOf(endpoint: AnyEndpoint): ReadonlySet<ErrorCode> {
  const { access, body, bodyAs, query, params, csv, idempotent, method, errors = [] } = endpoint;
  const codes = new Set<ErrorCode>(errors);
  const add = (...more: ErrorCode[]) => more.forEach((code) => codes.add(code));
  add("REQUEST_BLOCKED", "RATE_LIMITED", "TEMPORARILY_UNAVAILABLE", "MALFORMED_REQUEST");
  if (access === "scrape-token") add("NOT_FOUND");
  else if (access !== "public") {
    add("UNAUTHENTICATED");
    if (access !== "user") add("FORBIDDEN");
    if (method !== "GET") add("CROSS_SITE_REQUEST");
  }
  if (body) add("MALFORMED_JSON");
  if (body || bodyAs) add("PAYLOAD_TOO_LARGE", "UNSUPPORTED_MEDIA_TYPE");
  if (body || query || params || csv) add("VALIDATION_FAILED");
  if (idempotent) add("IDEMPOTENCY_KEY_IN_USE", "IDEMPOTENCY_KEY_REUSED");
  return codes;
}

function problemsOf(endpoint: AnyEndpoint): Record<string, Json> {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of errorsOf(endpoint)) {
    const { status } = ERRORS[code];
    byStatus.set(status, [...byStatus.get(status) ?? [], code]);
  }
  const content = {
    "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } },
    // Outside the API a browser that comes this way is shown a page.
    ...(endpoint.path.startsWith("/api/") ? {} : { "text/html": { schema: { type: "string" } } }),
  };
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => {
      const lines = codes.map((code) => `\`${code}\`: ${ERRORS[code].title}`);
      return [String(status), { description: lines.join(". "), content }];
    }),
  );
}

function schemaOf(schema: z.ZodType, io: "input" | "output"): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
  return rest;
}

function optional(name: string, value: unknown): Json {
  const isEmpty = value === undefined || (Array.isArray(value) && value.length === 0);
  return isEmpty ? {} : { [name]: value };
}
