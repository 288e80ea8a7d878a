/** Whether a request wants a page or JSON, and whether a form was sent by a page of ours. */
import type { GateContext } from "../../context.ts";
import { AppError } from "../../errors/app_error.ts";

/**
 * Whether the answer is to be JSON: the client says so, or it sends JSON and does not ask for a
 * page. Everyone else gets a page, as a person with any browser would want.
 */
export function prefersJson(request: Request): boolean {
  const accept = request.headers.get("accept")?.toLowerCase() ?? "*/*";
  const json = quality(accept, /^application\/(json|problem\+json|\*)$/);
  const html = quality(accept, /^(text\/html|application\/xhtml\+xml|text\/\*)$/);
  if (json > 0 || html > 0) return json > html;
  return request.headers.get("content-type")?.includes("application/json") ?? false;
}

/** The best `q` of the media ranges that match; 0 when none does. */
function quality(accept: string, range: RegExp): number {
  let best = 0;
  for (const part of accept.slice(0, 1_000).split(",")) {
    const [type, ...parameters] = part.split(";").map((piece) => piece.trim());
    if (!range.test(type)) continue;
    const q = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2);
    const value = q === undefined ? 1 : Number(q);
    if (value > best) best = value;
  }
  return best;
}

/**
 * Refuses what another site's page sends in a visitor's name. Browsers say where a request comes
 * from, in `Sec-Fetch-Site` or at least in `Origin`; programs that say neither carry no cookies of
 * a visitor.
 *
 * @throws AppError FORBIDDEN
 */
export function requireSameOrigin(request: Request, { host }: GateContext): void {
  const site = request.headers.get("sec-fetch-site");
  const origin = request.headers.get("origin");
  const ours = site
    ? site === "same-origin" || site === "none"
    : origin === null || URL.canParse(origin) && new URL(origin).host === host;
  if (!ours) throw new AppError("FORBIDDEN", { detail: "Not sent from a page of this site." });
}
