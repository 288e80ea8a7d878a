/**
 * What goes wrong that nobody threw on purpose, as a table: what it is called, whose affair it is,
 * how bad one of it is, and whether trying again may help. `codes.ts` has the errors a client is
 * shown; these are for operators, retries and the error journal. `categorize.ts` finds the row.
 */
import type { ErrorCategory, Severity } from "./codes.ts";

export interface Failure {
  readonly category: ErrorCategory;
  /** Of a single one; `severity.ts` raises it when it repeats. */
  readonly severity: Severity;
  /** Whether the same call may succeed later without being changed. */
  readonly retryable: boolean;
}

const row = (category: ErrorCategory, severity: Severity, retryable: boolean): Failure => ({
  category,
  severity,
  retryable,
});

export const FAILURES = {
  KV_LOCKED: row("DATABASE", "LOW", true),
  KV_UNREACHABLE: row("DATABASE", "HIGH", true),
  KV_IO: row("DATABASE", "HIGH", true),
  KV_CLOSED: row("DATABASE", "HIGH", true),
  KV_FILE_UNUSABLE: row("DATABASE", "CRITICAL", false),
  KV_MISUSE: row("DATABASE", "HIGH", false),

  DNS_FAILED: row("NETWORK", "MEDIUM", true),
  CONNECTION_REFUSED: row("NETWORK", "MEDIUM", true),
  CONNECTION_LOST: row("NETWORK", "MEDIUM", true),
  NETWORK_FAILED: row("NETWORK", "MEDIUM", true),
  NOT_HTTP: row("NETWORK", "MEDIUM", true),
  /** A certificate that is over is renewed one day; the operator's affair, as is the next one. */
  TLS_FAILED: row("NETWORK", "HIGH", true),
  REDIRECT_REFUSED: row("NETWORK", "MEDIUM", false),
  PORT_BLOCKED: row("NETWORK", "MEDIUM", false),

  LLM_BUSY: row("LLM_API", "MEDIUM", true),
  LLM_FAILED: row("LLM_API", "MEDIUM", true),
  LLM_BAD_ANSWER: row("LLM_API", "MEDIUM", true),
  LLM_REFUSED: row("LLM_API", "MEDIUM", false),

  SCHEMA_MISMATCH: row("VALIDATION", "LOW", false),
  JSON_SYNTAX: row("VALIDATION", "LOW", false),
  URL_INVALID: row("VALIDATION", "LOW", false),
  HEADER_INVALID: row("VALIDATION", "LOW", false),
  ENCODING_INVALID: row("VALIDATION", "LOW", false),
  COMPRESSION_INVALID: row("VALIDATION", "LOW", false),
  FORM_INVALID: row("VALIDATION", "LOW", false),
  REQUEST_INVALID: row("VALIDATION", "LOW", false),

  TOKEN_EXPIRED: row("AUTHENTICATION", "LOW", false),
  TOKEN_INVALID: row("AUTHENTICATION", "LOW", false),
  NOT_SIGNED_IN: row("AUTHENTICATION", "LOW", false),
  NOT_ALLOWED: row("AUTHENTICATION", "LOW", false),

  TOO_MANY_REQUESTS: row("RATE_LIMIT", "LOW", true),
  QUEUE_FULL: row("RATE_LIMIT", "LOW", true),

  TIMED_OUT: row("TIMEOUT", "MEDIUM", true),
  /** The caller went away; nothing is wrong. */
  CALLER_LEFT: row("TIMEOUT", "INFO", true),

  PROVIDER_FAILED: row("EXTERNAL_SERVICE", "MEDIUM", true),
  PROVIDER_REFUSED: row("EXTERNAL_SERVICE", "MEDIUM", false),
  PROVIDER_LOGIN_REFUSED: row("EXTERNAL_SERVICE", "HIGH", true),
  PROVIDER_BAD_ANSWER: row("EXTERNAL_SERVICE", "MEDIUM", false),

  BUG: row("SYSTEM", "HIGH", false),
  NOT_SERIALIZABLE: row("SYSTEM", "HIGH", false),
  DECRYPTION_FAILED: row("SYSTEM", "HIGH", false),
  FILE_UNUSABLE: row("SYSTEM", "HIGH", false),
  DISK_FULL: row("SYSTEM", "CRITICAL", true),
  QUOTA_EXCEEDED: row("SYSTEM", "HIGH", false),
  PERMISSION_MISSING: row("SYSTEM", "CRITICAL", false),
  /** A string, undefined or another value that is no error was thrown. */
  NOT_AN_ERROR: row("SYSTEM", "MEDIUM", true),
  UNKNOWN: row("SYSTEM", "MEDIUM", true),
} as const satisfies Record<string, Failure>;

export type FailureCode = keyof typeof FAILURES;
