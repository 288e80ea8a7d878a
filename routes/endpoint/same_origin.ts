/**
 * Against requests that another site makes in a visitor's browser: what changes something must
 * come from a page of ours. Browsers say where a request comes from; a script may send back the
 * token of its session instead.
 */
import { sameSecret } from "../../src/auth/secrets.ts";
import type { GateContext } from "../../src/context.ts";
import { AppError } from "../../src/errors/app_error.ts";

export const CSRF_HEADER = "x-csrf-token";

export function isUnsafe({ method }: Request): boolean {
  return method !== "GET" && method !== "HEAD" && method !== "OPTIONS";
}

/** Throws `CROSS_SITE_REQUEST` unless the request comes from our own origin. */
export function demandSameOrigin(
  request: Request,
  gate: Pick<GateContext, "scheme" | "host">,
  csrfToken?: string,
): void {
  const token = request.headers.get(CSRF_HEADER);
  if (csrfToken !== undefined && token !== null && sameSecret(token, csrfToken)) return;
  const site = request.headers.get("sec-fetch-site");
  if (site === "same-origin") return;
  // Over plain HTTP browsers leave `Sec-Fetch-Site` out, but always send `Origin` with a POST.
  const origin = request.headers.get("origin");
  if (site === null && origin === `${gate.scheme}://${gate.host}`) return;
  throw new AppError("CROSS_SITE_REQUEST");
}
