/**
 * The one reading of a path that the whole gate goes by: our own paths, limits, threat rules and
 * the quota of assets. Origins disagree about what `/X/..;/login%20` means, so a path is read as
 * each of them might; where that differs, whoever asks takes the strictest answer. The origin gets
 * the path as it was sent.
 */
import { folded, spellingsOf } from "./spellings.ts";

export interface RequestPath {
  /** The path itself as servers may spell it: lower case, decoded, no final slash. */
  readonly spellings: readonly string[];
  /**
   * All of them, and what routers make of them: `/login.json` and `/index.php/login` may both be
   * `/login`. A rule is looked up for each.
   */
  readonly readings: readonly string[];
  /** `css` of `/a/b.css`; empty where there is none, or where the readings disagree. */
  readonly extension: string;
}

/** Answers undefined for a path that nobody sends in earnest: longer than servers take, or tricks upon tricks. */
export type PathReader = (path: string) => RequestPath | undefined;

/** Longest path that is not plain; IIS takes no longer ones, and nobody needs them. */
export const PATH_LENGTH_MAX = 4_096;
export const SPELLINGS_MAX = 24;
/** Paths remembered; most requests ask for the same few. */
const KNOWN_MAX = 2_000;
const KNOWN_LENGTH_MAX = 200;
const KNOWN_READINGS_MAX = 4;

/** Nothing in it that two servers would read differently. */
const PLAIN = /^\/(?:[a-z0-9_~-]+\/)*(?:[a-z0-9_~-]+(?:\.[a-z0-9_~-]+)*)?$/;
const EXTENSION = /\.([a-z0-9]{1,10})$/;
/** A script with something behind it: PHP, ASP and CGI take the rest as `PATH_INFO`. */
const SCRIPT = /\.(?:php\d?|phtml|aspx?|ashx|asmx|jspx?|do|action|f?cgi|pl|py|cfm|rb)(?=\/)/g;
/** Of more scripts in one path only the first are looked at; an honest path has one. */
const SCRIPTS_MAX = 4;
/** What a server answers with where a folder is asked for. */
const INDEX = /\/(?:index|default)\.(?:php|html?|aspx?|jsp|cgi|cfm)$/;

/** Reads paths and remembers the usual ones, as reading one costs more than a limit does. */
export function createPathReader(): PathReader {
  const known = new Map<string, RequestPath>();
  return (path) => {
    const remembered = known.get(path);
    if (remembered) return remembered;
    const read = readPath(path);
    if (
      read && path.length <= KNOWN_LENGTH_MAX && read.readings.length <= KNOWN_READINGS_MAX
    ) {
      if (known.size >= KNOWN_MAX) known.clear();
      known.set(path, read);
    }
    return read;
  };
}

/** @param path Percent-encoded as it was sent, without the query. */
export function readPath(path: string): RequestPath | undefined {
  const lower = path.toLowerCase();
  if (PLAIN.test(lower)) {
    const spelling = withoutFinalSlash(lower);
    const spellings = [spelling];
    if (spelling.includes(".")) return requestPath(spellings);
    return { spellings, readings: spellings, extension: "" };
  }
  const spellings = path.length > PATH_LENGTH_MAX ? undefined : spellingsOf(path, SPELLINGS_MAX);
  return spellings && requestPath([...spellings]);
}

function requestPath(spellings: readonly string[]): RequestPath {
  const files = new Set(spellings);
  for (const spelling of spellings) addScriptReadings(spelling, files);
  const extensions = new Set([...files].map((file) => EXTENSION.exec(file)?.[1] ?? ""));
  const readings = new Set(files);
  for (const file of files) readings.add(withoutSuffix(file));
  return {
    spellings,
    readings: [...readings],
    extension: extensions.size === 1 ? [...extensions][0] : "",
  };
}

function withoutFinalSlash(path: string): string {
  return path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
}

/** `/login.php/x` runs `/login.php`, and `/index.php/login` may be routed as `/login`. */
function addScriptReadings(path: string, readings: Set<string>): void {
  let scripts = 0;
  for (const { 0: suffix, index } of path.matchAll(SCRIPT)) {
    if (++scripts > SCRIPTS_MAX) break;
    const end = index + suffix.length;
    readings.add(path.slice(0, end)).add(path.slice(end));
  }
  if (INDEX.test(path)) readings.add(path.replace(INDEX, "") || "/");
}

/** Rails, Spring and their kin take `.json` for the wanted format. */
function withoutSuffix(path: string): string {
  const found = EXTENSION.exec(path);
  return found ? folded(path.slice(0, found.index)) : path;
}

/** The path of a request's URL as it was sent: from the authority to the query. */
export function sentPath(url: string): string {
  const authority = url.indexOf("://") + 3;
  const end = endOf(url, "?", endOf(url, "#", url.length));
  const start = url.indexOf("/", authority);
  // A target may go on with a query behind the host.
  return start === -1 || start >= end ? "/" : url.slice(start, end);
}

function endOf(url: string, mark: string, end: number): number {
  const at = url.indexOf(mark);
  return at === -1 || at > end ? end : at;
}
