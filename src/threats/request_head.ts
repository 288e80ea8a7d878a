/** The fields of a request's head: path, query, cookies, user agent, referrer and other headers. */
import type { Examination } from "./examination.ts";
import { textOfBase64 } from "./base64.ts";
import { eachPair } from "./fields.ts";
import type { KnownClean } from "./known_clean.ts";
import { type Finding, protocolFinding } from "./score.ts";
import { isStandard } from "./standard_headers.ts";
import { PLACE } from "./value.ts";

export interface RequestHead {
  readonly method: string;
  /** Path and query as the client sent them, still encoded (`rawTarget(request.url)`). */
  readonly target: string;
  readonly headers: Headers;
  /** The host this was asked of, where values may name it; absent where they may not. */
  readonly ownHost?: string;
}

/** What needs no second look. */
export interface KnownTexts {
  readonly agents: KnownClean;
  readonly paths: KnownClean;
}

/** Of path, query and all header fields together; no server takes as much. */
const HEAD_LENGTH_MAX = 65_536;

/**
 * Of so many pairs those with one name are joined: whoever joins them takes no more than 1,024
 * (ASP.NET), and by themselves all are read.
 */
const JOINED_PAIRS_MAX = 2_048;

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
  let length = target.length;
  if (length > HEAD_LENGTH_MAX) examination.unread = true;
  else examineTarget(target, examination, known.paths);
  let absent = AGENT | ACCEPT;
  // `forEach` costs a tenth of an iterator here.
  headers.forEach((value, name) => {
    length += value.length;
    if (length > HEAD_LENGTH_MAX) examination.unread = true;
    else if (name === "user-agent") {
      if (value !== "") absent &= ~AGENT;
      examineAgent(value, examination, known.agents);
    } else if (name === "accept") {
      absent &= ~ACCEPT;
      if (!isStandard(name, value)) examination.value(PLACE.header, "header.accept", value);
    } else examineHeader(name, value, examination);
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
  else if (name === "authorization" || name === "proxy-authorization") {
    examineAuthorization(name, value, examination);
  } else if (name === "referer") examineReferer(value, examination);
  else if (!isStandard(name, value)) {
    const place = FILE_NAME.test(name) ? PLACE.filename : PLACE.header;
    examination.value(place, `header.${name}`, value);
  }
}

/** `Basic` is a name and a password in base64; the password may be what a generator made. */
function examineAuthorization(name: string, value: string, examination: Examination): void {
  const basic = /^basic\s{1,5}([\w+/=-]{1,8000})$/i.exec(value)?.[1];
  const credentials = basic && readable(textOfBase64(basic));
  if (credentials === undefined) {
    if (!isStandard(name, value)) examination.value(PLACE.header, `header.${name}`, value);
    return;
  }
  const colon = credentials.indexOf(":");
  const user = colon === -1 ? credentials : credentials.slice(0, colon);
  examination.value(PLACE.json | PLACE.head, `header.${name}.user`, user);
  if (colon === -1) return;
  const password = credentials.slice(colon + 1);
  examination.value(PLACE.json | PLACE.head, `header.${name}.password`, password);
}

/**
 * A key that was put there as it is, or a name in Latin-1, is no UTF-8: what has no meaning in it is
 * no sign of an attack. One that hides behind such a byte is found as ever.
 */
function readable(text: string | undefined): string | undefined {
  // deno-lint-ignore no-control-regex -- of random bytes one in 200 is NUL
  return text?.includes("\ufffd") ? text.replace(/[\u0000-\u001f\u007f\ufffd]+/g, " ") : text;
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
  let pairs = 0;
  let odd = false;
  eachPair(text, "&", (name, value) => {
    pairs++;
    odd ||= name === "";
    const field = name === "" ? root : `${root}.${name}`;
    examination.name(field, name);
    examination.value(place, field, value);
  });
  if (!examination.suspicious) return;
  if (pairs > 1) examineRepeated(text, place, root, examination);
  // `a=1&&id` or `q=a;b`: what the separators cut apart may belong together.
  if (odd && pairs > 1) examination.value(place, root, text);
}

/** One after the other or far apart: some frameworks join them all. */
function examineRepeated(
  text: string,
  place: number,
  root: string,
  examination: Examination,
): void {
  const values = new Map<string, string | string[]>();
  let repeated: Set<string> | undefined;
  let pairs = 0;
  eachPair(text, "&", (name, value) => {
    if (++pairs > JOINED_PAIRS_MAX) return void (examination.cut = true);
    // What has no name belongs to the whole text, which is read as such.
    if (name === "") return;
    const known = values.get(name);
    if (known === undefined) values.set(name, value);
    else if (typeof known === "string") {
      values.set(name, [known, value]);
      (repeated ??= new Set()).add(name);
    } else known.push(value);
  });
  for (const name of repeated ?? []) {
    const parts = values.get(name) as string[];
    examination.value(place, `${root}.${name}`, parts.join(","));
    examination.value(place, `${root}.${name}`, parts.join(""));
  }
}

function examineCookies(header: string, examination: Examination): void {
  eachPair(header, ";", (name, value) => {
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
