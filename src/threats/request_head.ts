/** The fields of a request's head: path, query, cookies, user agent, referrer and other headers. */
import type { Examination } from "./examination.ts";
import { eachPair } from "./fields.ts";
import type { KnownClean } from "./known_clean.ts";
import { type Finding, protocolFinding } from "./score.ts";
import { TRAIT, traitsOf } from "./traits.ts";
import { PLACE } from "./value.ts";

export interface RequestHead {
  readonly method: string;
  /** Path and query as the client sent them, still encoded (`rawTarget(request.url)`). */
  readonly target: string;
  readonly headers: Headers;
}

/** What needs no second look. */
export interface KnownTexts {
  readonly agents: KnownClean;
  readonly paths: KnownClean;
}

const PAIRS_MAX = 400;
const COOKIES_MAX = 200;

/** Headers with a grammar of their own; only characters outside it make them worth a look. */
const STANDARD: ReadonlySet<string> = new Set(
  ("accept accept-charset accept-encoding accept-language authorization cache-control connection " +
    "content-encoding content-language content-length content-type date device-memory dnt downlink " +
    "dpr ect expect forwarded from host if-match if-modified-since if-none-match if-range " +
    "if-unmodified-since keep-alive max-forwards origin pragma priority proxy-authorization range " +
    "rtt save-data stripe-signature te traceparent tracestate trailer transfer-encoding true-client-ip " +
    "upgrade upgrade-insecure-requests via viewport-width width x-csrf-token x-hub-signature-256 " +
    "x-real-ip x-request-id x-xsrf-token").split(" "),
);
const STRANGE = TRAIT.brace | TRAIT.dollar | TRAIT.angle | TRAIT.tick | TRAIT.backslash |
  TRAIT.control | TRAIT.newline | TRAIT.pipe;
const FILE_NAME = /^(?:x-file-?name|content-disposition|x-upload-name|slug)$/;

const NO_AGENT = protocolFinding("headers/no_user_agent", 0.15, "header.user-agent");
const NO_ACCEPT = protocolFinding("headers/no_accept", 0.05, "header.accept");

/** What a browser sends, as bits. */
const AGENT = 1;
const ACCEPT = 2;

/** What is said of a head by the bits that it lacks. */
export const ABSENT_FINDINGS: readonly (readonly Finding[])[] = [
  [],
  [NO_AGENT],
  [NO_ACCEPT],
  [NO_AGENT, NO_ACCEPT],
];

/** Path and query of a URL as Deno gives it, not normalised. */
export function rawTarget(url: string): string {
  const slash = url.indexOf("/", url.indexOf("://") + 3);
  return slash === -1 ? "/" : url.slice(slash);
}

/** Answers what this head lacks, as a place in `ABSENT_FINDINGS`. */
export function examineHead(
  { target, headers }: RequestHead,
  examination: Examination,
  known: KnownTexts,
): number {
  examineTarget(target, examination, known.paths);
  let absent = AGENT | ACCEPT;
  // `forEach` costs a tenth of an iterator here.
  headers.forEach((value, name) => {
    if (name === "user-agent") {
      if (value !== "") absent &= ~AGENT;
      examineAgent(value, examination, known.agents);
    } else if (name === "accept") absent &= ~ACCEPT;
    else examineHeader(name, value, examination);
  });
  return absent;
}

function examineAgent(agent: string, examination: Examination, agents: KnownClean): void {
  if (agents.has(agent)) return;
  examination.value(PLACE.userAgent, "header.user-agent", agent);
  if (examination.isSpotless) agents.add(agent);
}

function examineHeader(name: string, value: string, examination: Examination): void {
  if (name === "cookie") examineCookies(value, examination);
  else if (name === "referer") examineReferer(value, examination);
  else if (!isStandard(name) || (traitsOf(value) & STRANGE) !== 0) {
    const place = FILE_NAME.test(name) ? PLACE.filename : PLACE.header;
    examination.value(place, `header.${name}`, value);
  }
}

function isStandard(name: string): boolean {
  return STANDARD.has(name) || name.startsWith("sec-");
}

function examineTarget(target: string, examination: Examination, paths: KnownClean): void {
  const mark = target.indexOf("?");
  const path = mark === -1 ? target : target.slice(0, mark);
  if (!paths.has(path)) {
    examination.value(PLACE.path, "path", path);
    examination.hidden("path", path.slice(path.lastIndexOf("/") + 1));
    if (examination.isSpotless) paths.add(path);
  }
  if (mark !== -1) examinePairs(target.slice(mark + 1), PLACE.query, "query", examination);
}

/** A query or form: every name and value, and what repeated parameters make together. */
export function examinePairs(
  text: string,
  place: number,
  root: string,
  examination: Examination,
): void {
  let repeated = false;
  let previous = "";
  let odd = false;
  eachPair(text, "&", PAIRS_MAX, (name, value) => {
    repeated ||= name === previous;
    previous = name;
    odd ||= name === "";
    const field = name === "" ? root : `${root}.${name}`;
    examination.name(field, name);
    examination.value(place, field, value);
  });
  if (!examination.suspicious) return;
  if (repeated) examineRepeated(text, place, root, examination);
  // `a=1&&id` or `q=a;b`: what the separators cut apart may belong together.
  if (odd && text.length <= 4_096) examination.value(place, root, text);
}

function examineRepeated(
  text: string,
  place: number,
  root: string,
  examination: Examination,
): void {
  const values = new Map<string, string[]>();
  eachPair(text, "&", PAIRS_MAX, (name, value) => {
    const known = values.get(name);
    if (known) known.push(value);
    else values.set(name, [value]);
  });
  for (const [name, parts] of values) {
    if (parts.length < 2) continue;
    examination.value(place, `${root}.${name}`, parts.join(","));
    examination.value(place, `${root}.${name}`, parts.join(""));
  }
}

function examineCookies(header: string, examination: Examination): void {
  eachPair(header, ";", COOKIES_MAX, (name, value) => {
    const trimmed = name.charCodeAt(0) === 32 ? name.slice(1) : name;
    examination.value(PLACE.cookie, `cookie.${trimmed}`, value);
  });
}

/** The referrer's host is no concern; its path and query are read like the request's own. */
function examineReferer(url: string, examination: Examination): void {
  const scheme = /^https?:\/\/[\w.:-]{1,255}(?=[\/?#]|$)/.exec(url)?.[0];
  const rest = scheme ? url.slice(scheme.length) : url;
  const mark = rest.indexOf("?");
  examination.value(PLACE.query, "header.referer", mark === -1 ? rest : rest.slice(0, mark));
  if (mark !== -1) examinePairs(rest.slice(mark + 1), PLACE.query, "header.referer", examination);
}
