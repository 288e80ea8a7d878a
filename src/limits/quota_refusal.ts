/** What a client is told whom a window refuses: the same each time, so it is written once. */
import type { AppErrorOptions } from "../errors/app_error.ts";
import { prepareProblem } from "../errors/problem.ts";
import { DAY, HOUR, MINUTE, SECOND } from "../time.ts";

export interface Quota {
  /** Name in the header fields: `ip`, `network`, `user`, `account`, `fallback`. */
  readonly label: string;
  /** Whom the sentence of a refusal names: `IP`, `network`, `user`, `account`. */
  readonly subjectWord: string;
  readonly quota: number;
  readonly windowMs: number;
}

/** Problem type of draft-ietf-httpapi-ratelimit-headers-10. */
const QUOTA_EXCEEDED = "https://iana.org/assignments/http-problem-types#quota-exceeded";

/** All of it but `Retry-After`. */
export function quotaRefusal(quota: Quota): AppErrorOptions {
  const detail = refusalText(quota);
  const extensions = { type: QUOTA_EXCEEDED, "violated-policies": [quota.label] };
  const prepared = prepareProblem("RATE_LIMITED", { detail, extensions });
  return { detail, extensions, prepared };
}

/** `Rate limit exceeded for IP. Maximum 200 requests per minute.` */
export function refusalText({ subjectWord, quota, windowMs }: Omit<Quota, "label">): string {
  return `Rate limit exceeded for ${subjectWord}. ` +
    `Maximum ${quota} requests per ${unitOf(windowMs)}.`;
}

const UNITS: readonly (readonly [ms: number, word: string])[] = [
  [DAY, "day"],
  [HOUR, "hour"],
  [MINUTE, "minute"],
  [SECOND, "second"],
];

/** `minute`, `5 minutes`, `90 seconds` */
function unitOf(windowMs: number): string {
  const [ms, word] = UNITS.find(([ms]) => windowMs % ms === 0) ?? [SECOND, "second"];
  const count = Math.round(windowMs / ms);
  return count === 1 ? word : `${count} ${word}s`;
}
