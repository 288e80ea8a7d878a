/** The OpenAPI document as a client reads it: its operations, and whether an answer keeps to them. */
import { z } from "zod";
import type { Answer } from "../_app.ts";

/** JSON Schema, as far as our document uses it. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly format?: string;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
}

type Content = Readonly<Record<string, { readonly schema: Schema; readonly example?: unknown }>>;

export interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required?: boolean;
  readonly schema: Schema;
}

export interface Operation {
  readonly method: string;
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly security: readonly Readonly<Record<string, unknown>>[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
}

export interface ApiDocument {
  readonly openapi: string;
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

export function operationsOf(document: ApiDocument): Operation[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      ...operation,
      path,
      method: method.toUpperCase(),
    }))
  );
}

export interface Judge {
  /** What is wrong with a value of the schema, or undefined. */
  problemOf(schema: Schema, value: unknown): string | undefined;
  /** What in the answer the document does not declare, or undefined. */
  undeclared(operation: Operation, answer: Answer): string | undefined;
}

export function createJudge(document: ApiDocument): Judge {
  const known = new Map<Schema, z.ZodType>();
  const resolve = (schema: Schema): Schema =>
    schema.$ref ? document.components.schemas[schema.$ref.split("/").at(-1)!] : schema;
  const checkOf = (schema: Schema): z.ZodType => {
    const found = known.get(schema) ??
      z.fromJSONSchema(resolve(schema) as Parameters<typeof z.fromJSONSchema>[0]);
    known.set(schema, found);
    return found;
  };
  const problemOf: Judge["problemOf"] = (schema, value) =>
    checkOf(schema).safeParse(value).error?.message;

  return {
    problemOf,
    undeclared({ responses }, answer) {
      const { status, headers, text } = answer;
      const declared = responses[status];
      if (!declared) return `status ${status}`;
      const type = headers.get("content-type")?.split(";", 1)[0];
      if (!declared.content) return text === "" && !type ? undefined : `a body with ${status}`;
      const bare = (name: string) => name.split(";", 1)[0] === type;
      const name = Object.keys(declared.content).find(bare);
      if (!name) return `type ${type} with ${status}`;
      if (!/json$/.test(type ?? "")) return undefined;
      return problemOf(declared.content[name].schema, JSON.parse(text));
    },
  };
}
