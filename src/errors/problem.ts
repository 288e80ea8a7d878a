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
  const { status, title } = ERRORS[code];
  const body = JSON.stringify({
    type: "about:blank",
    title,
    status,
    detail: options.detail ?? `${title}.`,
    code,
    request_id: requestId,
    ...options.extensions,
  });
  const response = new Response(body, initOf(status));
  const { headers } = response;
  headers.append("cache-control", "no-store");
  // Appended one by one: each field in the init costs Deno more than an append.
  for (const name in options.headers) headers.append(name, options.headers[name]);
  return response;
}

/**
 * With a field in it, the init keeps Deno from preparing a native response that the first look at
 * `.headers` would throw away.
 */
const initOf = (status: number): ResponseInit => ({
  status,
  headers: { "content-type": PROBLEM_JSON },
});
