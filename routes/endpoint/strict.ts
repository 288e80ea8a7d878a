/**
 * A field that nobody knows is a mistake, and in a filter a dangerous one: a body with it is refused,
 * and so is a query of whatever deletes. Forms of our pages may bring what a browser adds to them.
 */
import { z } from "zod";
import type { AnyEndpoint } from "./definition.ts";

/** The endpoint, with the schemas of what it takes closed. */
export function strictly<E extends Pick<AnyEndpoint, "method" | "body" | "bodyAs" | "query">>(
  endpoint: E,
): E {
  const { method, body, bodyAs, query } = endpoint;
  return {
    ...endpoint,
    body: bodyAs === undefined ? closed(body) : body,
    query: method === "DELETE" ? closed(query ?? z.object({})) : query,
  };
}

function closed(schema: z.ZodType | undefined): z.ZodType | undefined {
  return schema instanceof z.ZodObject ? schema.strict() : schema;
}
