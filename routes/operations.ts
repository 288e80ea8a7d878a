/**
 * Names the operation that a request to one of our own paths asks for, so that limits are counted
 * for each apart. Only declared endpoints have a name: nobody opens a counter by inventing a path.
 */
import { methodOf } from "../src/paths/methods.ts";
import type { AnyEndpoint } from "./endpoint/definition.ts";

/** The operation's name, or undefined when no endpoint would answer. */
export type OperationOf = (method: string, path: string) => string | undefined;

interface Row {
  readonly method: string;
  readonly pattern: RegExp;
  readonly name: string;
}

const API = "/api/v1/";

export function createOperations(endpoints: readonly AnyEndpoint[]): OperationOf {
  const exact = new Map<string, string>();
  const rows: Row[] = [];
  for (const { method, path } of endpoints) {
    if (!path.startsWith(API)) continue;
    const name = `${method} ${path.slice(API.length)}`;
    if (path.includes("{")) {
      const pattern = new RegExp(`^${path.replaceAll(/\{\w+\}/g, "[^/]+")}$`);
      rows.push({ method, pattern, name });
    } else exact.set(`${method} ${path}`, name);
  }
  return (method, path) => {
    if (!path.startsWith(API)) return undefined;
    const asked = methodOf(method);
    return exact.get(`${asked} ${path}`) ??
      rows.find((row) => row.method === asked && row.pattern.test(path))?.name;
  };
}
