/**
 * Content-Security-Policy texts. A page of ours runs only scripts that carry this answer's nonce,
 * is dressed by style sheets of ours or a style with the nonce, loads from us alone, and is framed by nobody; an answer that is no page may do nothing at all.
 */

const REPORT_GROUP = "csp";

const BEFORE_NONCE = "default-src 'none'; script-src 'nonce-";
const BETWEEN_NONCES = "' 'strict-dynamic'; style-src 'self' 'nonce-";
const AFTER_NONCES = "'; img-src 'self' data:; " +
  "font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; " +
  "base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

/** For JSON, pictures, scripts, style sheets, redirects. */
export const DATA_POLICY = "default-src 'none'; frame-ancestors 'none'";

export interface PagePolicy {
  /** The policy of one answer. */
  withNonce(nonce: string): string;
  /** `Reporting-Endpoints`, which gives the group in `report-to` its address; empty for none. */
  readonly endpoints: string;
}

/**
 * Over HTTPS the Reporting API is used as well. Over plain HTTP it is not: Chromium ignores the
 * endpoints there, and ignores `report-uri` wherever `report-to` stands, so that with both it
 * would report nothing at all (seen with Chromium 156).
 *
 * @param reportPath Absolute path that reports are posted to; absent for none.
 */
export function pagePolicy(scheme: "http" | "https", reportPath?: string): PagePolicy {
  const byGroup = reportPath !== undefined && scheme === "https";
  const tail = AFTER_NONCES +
    (reportPath === undefined ? "" : `; report-uri ${reportPath}`) +
    (byGroup ? `; report-to ${REPORT_GROUP}` : "");
  return {
    withNonce: (nonce) => BEFORE_NONCE + nonce + BETWEEN_NONCES + nonce + tail,
    endpoints: byGroup ? `${REPORT_GROUP}="${reportPath}"` : "",
  };
}

/** The operator's policy for the origin; reports come to us unless it says where they go. */
export function originPolicy(policy: string, reportPath: string): string {
  const trimmed = policy.trim().replace(/;$/, "");
  return /(?:^|;)\s*report-(?:uri|to)\s/i.test(trimmed)
    ? trimmed
    : `${trimmed}; report-uri ${reportPath}`;
}
