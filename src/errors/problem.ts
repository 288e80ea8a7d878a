/** Turns an error code into the `application/problem+json` answer of RFC 9457. */
import type { AppErrorOptions, PreparedProblem } from "./app_error.ts";
import { type ErrorCode, ERRORS } from "./codes.ts";

/** Without a charset: RFC 9457 defines none, as JSON is UTF-8. */
export const PROBLEM_JSON = "application/problem+json";

/**
 * Builds the answer. The body holds `type`, `title`, `status`, `detail`, `code`, `request_id` and
 * the extensions; never a stack, and never the text of an error we did not write ourselves.
 */
export function problem(
  code: ErrorCode,
  requestId: string,
  options: AppErrorOptions = {},
): Response {
  const { status } = ERRORS[code];
  const { prepared } = options;
  const body = prepared
    ? prepared.beforeId + requestId + prepared.afterId
    : bodyOf(code, requestId, options);
  const response = new Response(body, initOf(status));
  const { headers } = response;
  // No cache keeps a 429 (RFC 6585, section 4), and of those there may be a flood.
  if (status !== 429) headers.append("cache-control", "no-store");
  // Appended one by one: each field in the init costs Deno more than an append.
  for (const name in options.headers) headers.append(name, options.headers[name]);
  return response;
}

/** For an error that may come in floods: writing the JSON costs as much as all its decisions. */
export function prepareProblem(
  code: ErrorCode,
  options: Pick<AppErrorOptions, "detail" | "extensions">,
): PreparedProblem {
  const [beforeId, afterId] = bodyOf(code, "", options).split(/(?<="request_id":")(?=")/);
  return { beforeId, afterId };
}

function bodyOf(
  code: ErrorCode,
  requestId: string,
  { detail, extensions }: Pick<AppErrorOptions, "detail" | "extensions">,
): string {
  const { status, title } = ERRORS[code];
  return JSON.stringify({
    type: "about:blank",
    title,
    status,
    detail: detail ?? `${title}.`,
    code,
    request_id: requestId,
    ...extensions,
  });
}

/**
 * With a field in it, the init keeps Deno from preparing a native response that the first look at
 * `.headers` would throw away.
 */
const initOf = (status: number): ResponseInit => ({
  status,
  headers: { "content-type": PROBLEM_JSON },
});
