/** Tells a wrong method from a wrong path, which Hono answers alike. */
import type { Routes } from "./endpoint/register.ts";

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

/** Methods that a path answers, for the `Allow` field; empty when there is no such path. */
export function allowedMethods(app: Routes, path: string): string[] {
  const routed = METHODS.filter((method) => app.router.match(method, path)[0].length > 0);
  // Hono answers HEAD with the handler of GET.
  return routed.includes("GET") && !routed.includes("HEAD")
    ? ["GET", "HEAD", ...routed.slice(1)]
    : routed;
}
