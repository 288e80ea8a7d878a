/**
 * Which bytes of a request's URL are sent to the origin: exactly those the client sent, behind the
 * path of `ORIGIN_URL`. Nothing is decoded, normalised or sorted, because only the origin knows
 * what its paths mean; what would leave that path, or cannot stand in a request line, is refused.
 */

/** A host and perhaps a port, and nothing a URL would read as a path, a query or credentials. */
const AUTHORITY = /^(?:\[[0-9a-f:.]+\]|[\w.~%!$&'()*+,;=-]+)(?::\d{1,5})?$/i;

/** Whether `host` may be shown to the origin and written into a redirect. */
export function isAuthority(host: string): boolean {
  return AUTHORITY.test(host);
}

/**
 * The request target of the origin.
 * @param url As `Deno.serve` gives it: the raw target behind scheme and host.
 * @param prefix Path of `ORIGIN_URL` without its last slash; empty for a whole host.
 * @returns undefined when the path would climb out of the prefix.
 */
export function originTarget(url: string, prefix: string): string | undefined {
  const start = pathStart(url);
  // A fragment is no part of a request; the gate's own reading of the path ends there as well.
  const end = url.indexOf("#", start);
  const raw = end === -1 ? url.slice(start) : url.slice(start, end);
  const rooted = raw.startsWith("/") ? raw : `/${raw}`;
  if (prefix !== "" && climbsOut(rooted)) return undefined;
  return prefix + escapeUnsendable(rooted);
}

function pathStart(url: string): number {
  const authority = url.indexOf("://") + 3;
  const length = url.slice(authority).search(/[/?#]/);
  return length === -1 ? url.length : authority + length;
}

/** Bytes that no request line may hold; Deno decodes UTF-8 in a target, some versions of it. */
// deno-lint-ignore no-control-regex -- control characters are what it looks for
const UNSENDABLE = /[\x00-\x20\x7f-\uffff]+/g;

function escapeUnsendable(target: string): string {
  return target.replace(UNSENDABLE, (text) => encodeURIComponent(text.toWellFormed()));
}

/** Whether `..` leads above the root, read as leniently as any origin might read it. */
function climbsOut(target: string): boolean {
  const query = target.indexOf("?");
  const path = query === -1 ? target : target.slice(0, query);
  if (!path.includes("..") && !/%2e/i.test(path)) return false;
  let depth = 0;
  for (const segment of path.replace(/%2e/gi, ".").split(/\/|\\|%2f|%5c/i)) {
    if (segment === "..") depth--;
    else if (segment !== "" && segment !== ".") depth++;
    if (depth < 0) return true;
  }
  return false;
}
