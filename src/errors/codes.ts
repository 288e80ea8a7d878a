/**
 * Map 2: every error a client can be shown. One row says what it means to the client (status,
 * title), to the operator (category, severity) and to a retry (retryable). The code is a promise:
 * programs match on it, so it never changes once released.
 */

export const CATEGORIES = [
  "DATABASE",
  "NETWORK",
  "LLM_API",
  "VALIDATION",
  "AUTHENTICATION",
  "RATE_LIMIT",
  "TIMEOUT",
  "EXTERNAL_SERVICE",
  "SYSTEM",
] as const;
export type ErrorCategory = typeof CATEGORIES[number];

export type Severity = "CRITICAL" | "HIGH" | "MEDIUM" | "LOW" | "INFO";

export interface ErrorSpec {
  readonly status: number;
  readonly title: string;
  readonly category: ErrorCategory;
  readonly severity: Severity;
  /** Whether the same request may succeed later without being changed. */
  readonly retryable: boolean;
}

const row = (
  status: number,
  category: ErrorCategory,
  severity: Severity,
  retryable: boolean,
  title: string,
): ErrorSpec => ({ status, category, severity, retryable, title });

export const ERRORS = {
  MALFORMED_REQUEST: row(400, "VALIDATION", "LOW", false, "The request could not be read"),
  MALFORMED_JSON: row(400, "VALIDATION", "LOW", false, "The body is not valid JSON"),
  INVALID_CURSOR: row(400, "VALIDATION", "LOW", false, "The page cursor is not one of ours"),
  UNAUTHENTICATED: row(401, "AUTHENTICATION", "LOW", false, "Sign in to do this"),
  INVALID_CREDENTIALS: row(401, "AUTHENTICATION", "LOW", false, "E-mail or password is not right"),
  SECOND_FACTOR_REQUIRED: row(401, "AUTHENTICATION", "LOW", false, "A code is needed as well"),
  INVALID_REFRESH_TOKEN: row(401, "AUTHENTICATION", "LOW", false, "This sign-in has ended"),
  SETUP_TOKEN_INVALID: row(403, "AUTHENTICATION", "MEDIUM", false, "The set-up token is not right"),
  REAUTHENTICATION_REQUIRED: row(403, "AUTHENTICATION", "LOW", false, "Enter your password again"),
  SETUP_DONE: row(404, "VALIDATION", "LOW", false, "There is nothing here"),
  EMAIL_TAKEN: row(409, "VALIDATION", "LOW", false, "An account has this e-mail address"),
  LAST_ADMIN: row(409, "VALIDATION", "LOW", false, "This is the last admin"),
  SECOND_FACTOR_ON: row(409, "VALIDATION", "LOW", false, "A second factor is in use already"),
  SIGN_IN_DELAYED: row(429, "RATE_LIMIT", "MEDIUM", true, "Too many failures; wait a little"),
  FORBIDDEN: row(403, "AUTHENTICATION", "LOW", false, "You may not do this"),
  REQUEST_BLOCKED: row(403, "AUTHENTICATION", "MEDIUM", false, "This request was refused"),
  CROSS_SITE_REQUEST: row(403, "AUTHENTICATION", "MEDIUM", false, "This came from another site"),
  NOT_FOUND: row(404, "VALIDATION", "LOW", false, "There is nothing here"),
  METHOD_NOT_ALLOWED: row(405, "VALIDATION", "LOW", false, "This method is not offered here"),
  REQUEST_TIMEOUT: row(408, "TIMEOUT", "LOW", true, "The rest of the request did not arrive"),
  CONFLICT: row(409, "DATABASE", "LOW", true, "Someone else changed this at the same time"),
  IDEMPOTENCY_KEY_IN_USE: row(409, "DATABASE", "LOW", true, "The same write is still under way"),
  PRECONDITION_FAILED: row(412, "VALIDATION", "LOW", false, "This is not the current version"),
  BLOCK_LIST_FULL: row(
    409,
    "VALIDATION",
    "LOW",
    false,
    "The block list is full; lift a block first",
  ),
  PAYLOAD_TOO_LARGE: row(413, "VALIDATION", "LOW", false, "The body is too large"),
  UNSUPPORTED_MEDIA_TYPE: row(415, "VALIDATION", "LOW", false, "The body's type is not accepted"),
  UNKNOWN_HOST: row(421, "VALIDATION", "LOW", false, "This host is not served here"),
  IDEMPOTENCY_KEY_REUSED: row(
    422,
    "VALIDATION",
    "LOW",
    false,
    "This Idempotency-Key was used for another request",
  ),
  WEBHOOK_URL_REFUSED: row(422, "VALIDATION", "LOW", false, "Webhooks cannot be sent there"),
  VALIDATION_FAILED: row(422, "VALIDATION", "LOW", false, "Some fields are not right"),
  RATE_LIMITED: row(429, "RATE_LIMIT", "LOW", true, "Too many requests"),
  TASK_RUNNING: row(409, "VALIDATION", "LOW", true, "The task is at work, or about to be"),
  TASK_NOT_RETRYABLE: row(409, "VALIDATION", "LOW", false, "Trying again would not help this task"),
  TASK_PAYLOAD_OUTDATED: row(
    422,
    "VALIDATION",
    "LOW",
    false,
    "The task no longer takes this payload",
  ),
  TASK_COUNT_CHANGED: row(409, "VALIDATION", "LOW", true, "There are not as many as you expect"),
  INTERNAL_ERROR: row(500, "SYSTEM", "HIGH", false, "Something went wrong on our side"),
  ORIGIN_UNREACHABLE: row(502, "EXTERNAL_SERVICE", "HIGH", true, "The site cannot be reached"),
  TEMPORARILY_UNAVAILABLE: row(503, "DATABASE", "HIGH", true, "This is unavailable for a moment"),
  ORIGIN_TIMEOUT: row(504, "TIMEOUT", "HIGH", true, "The site took too long to answer"),
  LOOP_DETECTED: row(508, "SYSTEM", "HIGH", false, "The request came back to where it had been"),
} as const satisfies Record<string, ErrorSpec>;

export type ErrorCode = keyof typeof ERRORS;
