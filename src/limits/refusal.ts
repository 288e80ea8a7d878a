/** What a request is told that a limit refused, or that could not be counted. */
import type { AppErrorOptions } from "../errors/app_error.ts";
import type { ErrorCode } from "../errors/codes.ts";
import { seconds } from "./fields.ts";
import type { Decision } from "./guard.ts";

/** Problem type of draft-ietf-httpapi-ratelimit-headers-10. */
const REDUCED_CAPACITY =
  "https://iana.org/assignments/http-problem-types#temporary-reduced-capacity";

export interface Refusal {
  readonly code: ErrorCode;
  readonly options: AppErrorOptions;
}

/** The error a decision amounts to, or undefined when the request passes. */
export function refusalOf(decision: Decision): Refusal | undefined {
  if (decision.outcome === "pass") return undefined;
  // At least 1: a client that is told 0 comes back at once and is refused again.
  const headers = { "retry-after": String(Math.max(1, seconds(decision.retryAfterMs))) };
  if (decision.outcome === "unavailable" || decision.violated === undefined) {
    const extensions = { type: REDUCED_CAPACITY, "violated-policies": [] };
    return { code: "TEMPORARILY_UNAVAILABLE", options: { headers, extensions } };
  }
  const { limit } = decision.claims[decision.violated];
  return { code: "RATE_LIMITED", options: { ...limit.refusal, headers } };
}
