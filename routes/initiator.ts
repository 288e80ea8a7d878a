/**
 * Whether a request tells something about its sender: not when another site's page, a picture or
 * frame in a page, or a browser's guess at the next page made a browser send it, because then the
 * person before it may not know of it; nor when a crawler follows a link that anybody may have
 * written. Such a request is judged like any other and may be refused; it is never a strike, and
 * its answer says nothing of the client's behaviour.
 *
 * Any tool can say the same of itself. All it wins is to be refused each time instead of for an
 * hour, under the limits of its address (docs/decisions/013).
 */

/** What a person, or a page's own script, asks for; all else is loaded because markup names it. */
const DESTINATIONS: ReadonlySet<string> = new Set(["document", "empty", "websocket"]);
/** What browsers accept that don't say what they load something for: a picture, a style, a film. */
const LOADED = /^(?:image|text\/css|video|audio|font)\b/;
const GUESS = /prefetch|prerender|preview/;
/** Search engines, and what shows a preview of a link that somebody wrote into a chat or a post. */
const FOLLOWER =
  /bot\b|bot-|spider|crawler|slurp|preview|externalhit|inspectiontool|whatsapp|mastodon/i;

/** @param host The host this was asked of, as `GateContext.host`. */
export function tellsOfSender(
  { method, headers }: Pick<Request, "method" | "headers">,
  host: () => string,
): boolean {
  if (isGuess(headers) || followsLinks(method, headers)) return false;
  const site = headers.get("sec-fetch-site");
  // Another subdomain may be in other hands: a customer's shop, a forum, an old blog.
  if (site === "cross-site" || site === "same-site") return false;
  const destination = headers.get("sec-fetch-dest");
  if (destination !== null && !DESTINATIONS.has(destination)) return false;
  return site !== null || isOwnWithoutMetadata(headers, host);
}

/** A form is nothing that they send, so a name alone covers none. */
function followsLinks(method: string, headers: Headers): boolean {
  return (method === "GET" || method === "HEAD") && FOLLOWER.test(headers.get("user-agent") ?? "");
}

function isGuess(headers: Headers): boolean {
  return GUESS.test(headers.get("sec-purpose") ?? "") || GUESS.test(headers.get("purpose") ?? "") ||
    GUESS.test(headers.get("x-purpose") ?? "") || GUESS.test(headers.get("x-moz") ?? "");
}

/** Safari before 16.4, and every browser over plain HTTP, sends no `Sec-Fetch-…`. */
function isOwnWithoutMetadata(headers: Headers, host: () => string): boolean {
  if (LOADED.test(headers.get("accept") ?? "")) return false;
  const page = headers.get("origin") ?? headers.get("referer");
  return page === null || hostOf(page) === host();
}

/** Host and port of a page's address; empty for `null` and for what is no address. */
export function hostOf(page: string): string {
  return URL.parse(page)?.host ?? "";
}
