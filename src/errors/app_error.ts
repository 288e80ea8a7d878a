/** The one error class that is thrown on purpose. Anything else that is thrown is a surprise. */
import { type ErrorCode, ERRORS, type ErrorSpec } from "./codes.ts";

/** A problem document of which only the request id is missing. */
export interface PreparedProblem {
  readonly beforeId: string;
  readonly afterId: string;
}

export interface AppErrorOptions {
  /** A sentence for the client about this occurrence. Holds no secret and no internals. */
  readonly detail?: string;
  readonly cause?: unknown;
  /** Extra members of the problem document, such as `errors`. */
  readonly extensions?: Readonly<Record<string, unknown>>;
  /** The problem document of `detail` and `extensions`, when it was written beforehand. */
  readonly prepared?: PreparedProblem;
  /** Extra response headers, such as `Retry-After` or `Allow`. */
  readonly headers?: Readonly<Record<string, string>>;
}

export class AppError extends Error {
  override readonly name = "AppError";
  readonly code: ErrorCode;
  readonly options: AppErrorOptions;

  constructor(code: ErrorCode, options: AppErrorOptions = {}) {
    super(options.detail ?? ERRORS[code].title, { cause: options.cause });
    this.code = code;
    this.options = options;
  }

  get spec(): ErrorSpec {
    return ERRORS[this.code];
  }
}
