/**
 * The log: one JSON object a line on standard output (`warn` and above on standard error).
 * Secrets and addresses are taken out here, at the only place that writes, so that no caller has
 * to remember to.
 */
import type { Clock } from "./time.ts";

export type LogLevel = "debug" | "info" | "warn" | "error";

const ORDER: Readonly<Record<LogLevel, number>> = { debug: 10, info: 20, warn: 30, error: 40 };

/** Plain data only; nested objects are followed to a depth of 4. */
export type LogFields = Readonly<Record<string, unknown>>;

export interface Log {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

export interface LogOptions {
  readonly level: LogLevel;
  readonly clock: Clock;
  /** Where a finished line goes; the console unless a test wants to read it. */
  readonly write?: (line: string, level: LogLevel) => void;
}

/** Longest text kept of one field: a log line is for reading, not for storing bodies. */
const TEXT_MAX = 2_000;
const LIST_MAX = 50;
const DEPTH_MAX = 4;

export function createLog({ level, clock, write = writeToConsole }: LogOptions): Log {
  const emit = (at: LogLevel) => (event: string, fields: LogFields = {}) => {
    if (ORDER[at] < ORDER[level]) return;
    const time = new Date(clock.now()).toISOString();
    write(JSON.stringify({ time, level: at, event, ...clean(fields, 0) as LogFields }), at);
  };
  return { debug: emit("debug"), info: emit("info"), warn: emit("warn"), error: emit("error") };
}

/** A log that keeps nothing, for tools and tests that do not look at it. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };

function writeToConsole(line: string, level: LogLevel): void {
  if (level === "warn" || level === "error") console.error(line);
  else console.log(line);
}

/** Field names whose value is never shown, whatever it holds. */
const SECRET_NAME = /authorization|cookie|password|passwd|secret|token|api[-_]?key|private|email/i;

/**
 * Takes out of a text what must not be kept: bearer and JWT-shaped tokens, credentials and query
 * strings of URLs, e-mail addresses, IP addresses but for this machine's own. Error messages of libraries hold all of these
 * (hono/jwt quotes the token, fetch quotes the URL).
 */
export function redact(text: string): string {
  return text.slice(0, TEXT_MAX)
    .replace(/\bgh(?:r|c|_live)_[\w-]{8,}/g, "[token]")
    .replace(/\beyJ(?:(?!\beyJ)[\w-]){5,}\.[\w-]*\.?[\w-]*/g, "[token]")
    .replace(/\b(bearer|basic)\s+[\w.~+/=-]{6,}/gi, "$1 [token]")
    .replace(/\b([a-z][a-z0-9+.-]{1,15}:\/\/)[^\s/@?#]{1,256}@/gi, "$1[credentials]@")
    .replace(/\?[^\s"'<>)]{1,1024}/g, "?[query]")
    .replace(/[\w.+-]{1,64}@[\w-]{1,63}(\.[\w-]{1,63}){1,4}/g, "[email]")
    .replace(/\b(?!127\.|0\.0\.0\.0)\d{1,3}(\.\d{1,3}){3}(:\d{1,5})?\b/g, "[ip]")
    .replace(/(?<![\w:])(?:[0-9a-f]{1,4}:){3,7}[0-9a-f]{0,4}(?![\w:])/gi, "[ip]");
}

function clean(value: unknown, depth: number): unknown {
  if (typeof value === "string") return redact(value);
  if (typeof value === "bigint") return value.toString();
  if (value === null || typeof value !== "object") return value;
  if (depth >= DEPTH_MAX) return "[deep]";
  if (value instanceof Error) return describeError(value, depth);
  if (Array.isArray(value)) return value.slice(0, LIST_MAX).map((item) => clean(item, depth + 1));
  const out: Record<string, unknown> = {};
  for (const [name, item] of Object.entries(value).slice(0, LIST_MAX)) {
    out[name] = SECRET_NAME.test(name) ? "[redacted]" : clean(item, depth + 1);
  }
  return out;
}

function describeError(error: Error, depth: number): LogFields {
  return {
    name: error.name,
    message: redact(error.message),
    stack: redact(error.stack?.split("\n").slice(1, 9).join("\n") ?? ""),
    ...(error.cause === undefined ? {} : { cause: clean(error.cause, depth + 1) }),
  };
}
