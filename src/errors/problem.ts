/** Turns an error code into the `application/problem+json` answer of RFC 9457. */
import type { AppErrorOptions } from "./app_error.ts";
import { type ErrorCode, ERRORS } from "./codes.ts";

export const PROBLEM_JSON = "application/problem+json; charset=utf-8";

/**
 * Builds the answer. The body holds `type`, `title`, `status`, `detail`, `code`, `request_id` and
 * the extensions; never a stack, and never the text of an error we did not write ourselves.
 */
export function problem(
  code: ErrorCode,
  requestId: string,
  options: AppErrorOptions = {},
): Response {
  const spec = ERRORS[code];
  const body = JSON.stringify({
    type: "about:blank",
    title: spec.title,
    status: spec.status,
    detail: options.detail ?? `${spec.title}.`,
    code,
    request_id: requestId,
    ...options.extensions,
  });
  return new Response(body, {
    status: spec.status,
    headers: { "content-type": PROBLEM_JSON, "cache-control": "no-store", ...options.headers },
  });
}
