/**
 * Finds the gate's own cookie among the site's, read as browsers read cookies (RFC 6265bis, 5.6):
 * blanks around a name do not count, and a cookie without a name is sent back as its bare value, so
 * `=NAME=x` comes back as NAME. Read more leniently than that where some origin might be: quotes,
 * other blanks, and several cookies in one field behind commas.
 */

/** A `Cookie` field without one of its cookies; empty when there was no other. */
export function withoutCookie(field: string, name: string | undefined): string {
  if (name === undefined || !field.includes(name)) return field;
  const kept = field.split(";").map((cookie) => beforeCookie(cookie, name));
  return kept.filter((cookie) => cookie !== "").join("; ");
}

/** Whether a `Set-Cookie` field sets that cookie. */
export function setsCookie(field: string, name: string | undefined): boolean {
  if (name === undefined || !field.includes(name)) return false;
  return field.split(",").some((cookie) => nameOf(cookie.split(";", 1)[0]) === name);
}

/** What stands before the private cookie between two semicolons; all of it where it is not. */
function beforeCookie(text: string, name: string): string {
  const pieces = text.split(",");
  const at = pieces.findIndex((piece) => nameOf(piece) === name);
  return (at < 0 ? pieces : pieces.slice(0, at)).join(",").trim();
}

function nameOf(cookie: string): string {
  let start = 0;
  while (start < cookie.length && (cookie[start] === "=" || isBlank(cookie, start))) start++;
  const sign = cookie.indexOf("=", start);
  let end = sign < 0 ? cookie.length : sign;
  while (end > start && isBlank(cookie, end - 1)) end--;
  return cookie.slice(start, end);
}

const SPACE = 0x20;
const DELETE = 0x7f;
const NO_BREAK_SPACE = 0xa0;

/** Blanks, controls that something on the way may make blanks of, and quotes. */
function isBlank(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code <= SPACE || code === DELETE || code === NO_BREAK_SPACE || text[at] === '"';
}
