/**
 * The other spellings of one path: what a server might make of it before it looks for a page. Each
 * step says whose habit it is. A step whose result another server would not share adds a spelling;
 * what nobody tells apart in a rule (case, doubled and final slashes) is folded in all of them.
 */
import { unpercent } from "../percent.ts";

/** A path in one more way; the same text when the habit changes nothing. */
type Habit = (path: string) => string;

const LAYERS_MAX = 3;
/** `;jsessionid=…` of servlets and their kin, and the `(S(…))` of ASP.NET. */
const PARAMETERS = /;[^/]*|\/\((?:[asf]\([^()/]{0,200}\)){1,3}\)(?=\/)/gi;
/** In the order in which servers do it: decode, take off parameters, then walk the folders. */
const HABITS: readonly Habit[] = [
  // Apache and Express leave `%2F` as it is; nginx and IIS make it a slash.
  (path) => path.replace(/%2f/gi, "/").replace(/%5c/gi, "\\"),
  // A proxy decodes, and the server behind it decodes again.
  decodedFully,
  // Windows, and whoever folds letters before the folders are walked: a wide slash becomes one.
  (path) => path.normalize("NFKC"),
  // Tomcat, Jetty and Spring; others keep `;` as a letter.
  withoutParameters,
  // IIS and whatever opens files on Windows.
  (path) => path.replaceAll("\\", "/"),
  // A second decoder meets an encoded `?` or `#` for the first time.
  (path) => until(path, "?"),
  (path) => until(path, "#"),
  // C ends a name at NUL, NTFS at the name of its stream.
  (path) => until(path, "\0"),
  (path) => until(path, "::$"),
  // nginx; others climb out of the nothing between two slashes.
  (path) => path.replace(/\/{2,}/g, "/"),
  // Who takes blanks off names before walking up; to others `.. ` is a name like any other.
  (path) => path.includes("/.") ? path.split("/").map(bareDots).join("/") : path,
  // Windows.
  (path) => path.split("/").map(trimmed).join("/"),
  // Nearly everybody; but Express leaves dots to its handlers.
  withoutDots,
];

/**
 * The spellings of `path`, at least one and at most `max`; undefined when it has more, which takes
 * so many tricks at once that no honest path does.
 * @param path Percent-encoded as it was sent, without the query.
 */
export function spellingsOf(path: string, max: number): ReadonlySet<string> | undefined {
  const found = new Set<string>();
  for (const start of [path, withoutAuthority(path)]) {
    // What is a parameter may be settled before or after decoding.
    found.add(decodedOnce(start)).add(decodedOnce(withoutParameters(start)));
  }
  for (const habit of HABITS) {
    for (const spelling of [...found]) found.add(habit(spelling));
    if (found.size > max) return undefined;
  }
  return new Set([...found].map(folded));
}

const AUTHORITY = /^[/\\]{2,}[^/\\]*/;

/**
 * `new URL(request.url, base)` of Node.js and its kin, and Python's `urlsplit`, take for a host what
 * follows two slashes.
 */
const withoutAuthority = (path: string) => path.replace(AUTHORITY, "") || "/";

/** One layer off, but for encoded slashes: whether they are slashes is the next question. */
function decodedOnce(path: string): string {
  if (!path.includes("%")) return path;
  return unpercent(path.replace(/%(2f|5c)/gi, "%25$1"))[0];
}

function decodedFully(path: string): string {
  let text = path;
  for (let layer = 0; layer < LAYERS_MAX && text.includes("%"); layer++) text = unpercent(text)[0];
  return text;
}

function withoutParameters(path: string): string {
  return path.includes(";") || path.includes("(") ? path.replace(PARAMETERS, "") : path;
}

function until(path: string, end: string): string {
  const at = path.indexOf(end);
  return at === -1 ? path : path.slice(0, at);
}

function withoutDots(path: string): string {
  if (!path.includes("/.")) return path;
  const kept: string[] = [];
  for (const segment of path.split("/")) {
    if (segment === "..") kept.pop();
    else if (segment !== ".") kept.push(segment);
  }
  return kept.join("/");
}

/** Python and Java fold Turkish letters so where case makes no difference. */
const DOTLESS_OR_DOTTED = /\u0131|i\u0307/g;

/** What no rule tells apart: letters' case and width, blanks and dots at a name's end, slashes. */
export function folded(path: string): string {
  const lower = path.normalize("NFKC").toLowerCase().replace(DOTLESS_OR_DOTTED, "i");
  const segments = lower.split("/").map(trimmed);
  return `/${segments.filter((segment) => segment !== "").join("/")}`;
}

// deno-lint-ignore no-control-regex -- control characters are what is taken out
const CONTROL = /[\x00-\x1f\x7f]/g;

function bareDots(segment: string): string {
  const text = segment.trim();
  return text === "." || text === ".." ? text : segment;
}

/** Windows ignores blanks and dots at the end of a name; `.` and `..` are names of their own. */
function trimmed(segment: string): string {
  const text = segment.replace(CONTROL, "");
  if (text === "." || text === "..") return text;
  let end = text.length;
  while (end > 0 && (text[end - 1] === "." || text[end - 1] === " ")) end--;
  return text.slice(0, end);
}
