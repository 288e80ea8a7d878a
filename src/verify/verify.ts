/**
 * Looks at a live site as a stranger would and judges what it shows: headers, sign-in, rate limits,
 * cookies, TLS. Reads alone, a few dozen requests, a minute at most.
 */
import { authFamily } from "./auth_checks.ts";
import type { Result, Rule } from "./check.ts";
import { cookieFamily } from "./cookie_checks.ts";
import { headerFamily } from "./header_checks.ts";
import { limitFamily, QUOTA_PROBED_MAX } from "./limit_checks.ts";
import { createProbe, type ProbeOptions, REQUESTS_MAX } from "./probe.ts";
import { tlsFamily } from "./tls_checks.ts";
import { visit, type VisitOptions } from "./visit.ts";

export interface VerifyOptions
  extends Omit<VisitOptions, "probe">, Pick<ProbeOptions, "fetch" | "timeoutMs"> {}

export interface Report {
  readonly url: string;
  /** Unix time in milliseconds. */
  readonly startedAt: number;
  /** Milliseconds. */
  readonly tookMs: number;
  readonly requests: number;
  /** In the order of `RULES`. */
  readonly results: readonly Result[];
}

const FAMILIES = [headerFamily, authFamily, limitFamily, cookieFamily, tlsFamily];

/** Everything that is looked at. */
export const RULES: readonly Rule[] = FAMILIES.flatMap(({ rules }) => rules);

/** Never rejects because of the site: what could not be asked is skipped, and says why. */
export async function verify(options: VerifyOptions): Promise<Report> {
  const { url, clock, probesLimits } = options;
  // A tenth more than the quota shows that it does not hold.
  const requestsMax = REQUESTS_MAX + (probesLimits ? 1.2 * QUOTA_PROBED_MAX : 0);
  const probe = createProbe({ ...options, requestsMax });
  const [startedAt, since] = [clock.now(), clock.monotonic()];
  const site = await visit({ ...options, probe });
  const results: Result[] = [];
  for (const family of FAMILIES) results.push(...await family.run(site));
  return {
    url: url.href,
    startedAt,
    tookMs: Math.round(clock.monotonic() - since),
    requests: probe.requests,
    results,
  };
}

/**
 * Whether the site did not pass: an error failed, or a warning where they count too. A site of
 * which nothing could be judged did not pass either.
 */
export function hasFailed({ results }: Report, strict = false): boolean {
  const failed = results.filter(({ outcome }) => outcome === "fail");
  return failed.some(({ level }) => strict || level === "error") ||
    results.every(({ outcome }) => outcome !== "pass");
}
