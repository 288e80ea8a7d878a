/**
 * Anything that was thrown becomes an answer here: problem+json for programs, a page for people.
 * What we did not throw on purpose is logged in full and shown as nothing but its request id.
 */
import { HTTPException } from "hono/http-exception";
import type { GateContext } from "../src/context.ts";
import { AppError, type AppErrorOptions } from "../src/errors/app_error.ts";
import { type ErrorCode, ERRORS } from "../src/errors/codes.ts";
import { userMessage } from "../src/errors/user_message.ts";
import { problem } from "../src/errors/problem.ts";
import { problemPage } from "../src/pages/problem_page.tsx";
import type { Site } from "../src/origin/mod.ts";
import type { Services } from "../src/services.ts";

/** Hono and its validators throw these by status. */
const CODE_OF_STATUS: Readonly<Record<number, ErrorCode>> = {
  400: "MALFORMED_REQUEST",
  401: "UNAUTHENTICATED",
  403: "FORBIDDEN",
  404: "NOT_FOUND",
  405: "METHOD_NOT_ALLOWED",
  409: "CONFLICT",
  413: "PAYLOAD_TOO_LARGE",
  415: "UNSUPPORTED_MEDIA_TYPE",
  422: "VALIDATION_FAILED",
};

/** Maps a thrown value to the error the client is told about. */
export function toAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  if (thrown instanceof HTTPException) {
    const code = /malformed json/i.test(thrown.message)
      ? "MALFORMED_JSON"
      : CODE_OF_STATUS[thrown.status];
    if (code) return new AppError(code, { cause: thrown });
  }
  return new AppError("INTERNAL_ERROR", { cause: thrown });
}

export interface Failures {
  /** Answers something that was thrown, and logs it when it is our fault. */
  answer(thrown: unknown, request: Request, gate: GateContext): Response;
  /** Shows an error of the table: browsers get a page, all others problem+json. */
  show(
    code: ErrorCode,
    request: Request,
    gate: GateContext,
    options?: AppErrorOptions,
  ): Response;
}

/** @param errorPage Draws the page a person sees; a plain one of ours without it. */
export function createFailures(
  { errors }: Pick<Services, "errors">,
  errorPage?: Site["errorPage"],
): Failures {
  const show: Failures["show"] = (code, request, gate, options = {}) => {
    if (!wantsPage(request, gate)) return problem(code, gate.requestId, options);
    const { status, title, retryable } = ERRORS[code];
    const { detail = retryable ? "Please try again in a moment." : undefined, headers } = options;
    // A page of the site loads pictures and styles, which a blocked address is refused as well.
    const drawn = code === "REQUEST_BLOCKED"
      ? undefined
      : errorPage?.(code, request, gate, options);
    const page = drawn ??
      problemPage({ title, detail, requestId: gate.requestId, nonce: gate.nonce() });
    return new Response(page, {
      status,
      headers: {
        "content-type": "text/html; charset=utf-8",
        "cache-control": "no-store",
        ...headers,
      },
    });
  };

  return {
    show,
    answer(thrown, request, gate) {
      const error = toAppError(thrown);
      const { code, spec, options } = error;
      if (spec.status < 500) return show(code, request, gate, options);
      const { requestId } = gate;
      // What we did not throw on purpose is what it says itself, not our word for it.
      const cause = code === "INTERNAL_ERROR" ? options.cause : error;
      const fields = { request_id: requestId, code, method: request.method };
      errors.note(cause, "request.failed", fields);
      // A page has words and a reference of its own.
      const detail = wantsPage(request, gate) ? undefined : userMessage(spec, requestId);
      return show(code, request, gate, { detail, ...options });
    },
  };
}

/** A person looks at it: a navigation, outside the API. */
function wantsPage(request: Request, gate: GateContext): boolean {
  return (request.headers.get("accept")?.includes("text/html") ?? false) &&
    !gate.path.startsWith("/api/");
}
