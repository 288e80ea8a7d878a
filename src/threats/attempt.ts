/**
 * What of a request's findings is held against its sender, and what tells it from his other
 * attempts. A Referer is not: the page before wrote it. Two attempts are one when a text is the
 * same, or when the same kind of attack is in the same field, because that is how one person's texts
 * in one search look. What only scanners send needs no second place to be seen for what it is.
 */
import { addScore, type Finding, scoreField } from "./score.ts";

export interface Attempt {
  /** Score of what counts, 0..1. */
  readonly score: number;
  /** The text of the strongest match; never to be kept as it is. */
  readonly payload: string;
  /** Its other texts, and where they stood. */
  readonly marks: readonly string[];
  /** Whether the client gave a scanner's name as its own. */
  readonly byScanner: boolean;
}

const AGENT = "header.user-agent";
/** A finding below this is about any request; it tells no attempt from another. */
const TELLING = 0.5;
/** From here on a name in `User-Agent` is a scanner's. */
const NAMED = 0.9;

const OF_REFERER = /^header\.referer(?:$|[. ])/;

/** Whether a field is the Referer, or a part of it. */
export const isOfReferer = (field: string): boolean => OF_REFERER.test(field);

export function attemptIn(findings: readonly Finding[]): Attempt | undefined {
  const own = findings.filter(({ field }) => !isOfReferer(field));
  const score = scoreOf(own);
  if (score === 0) return undefined;
  const byScanner = own.some(({ field, family, confidence }) =>
    field === AGENT && family === "scanner" && confidence >= NAMED
  );
  const sent = own.filter(({ field, confidence }) => field !== AGENT && confidence >= TELLING);
  const telling = sent.length > 0 ? sent : own.slice(0, 1);
  const [payload, ...texts] = new Set(telling.map(textOf));
  const places = byScanner ? [] : telling.filter(hasPlace).map(placeOf);
  return { score, payload, marks: [...texts, ...new Set(places)], byScanner };
}

function scoreOf(findings: readonly Finding[]): number {
  const fields = Map.groupBy(findings, ({ field }) => field);
  return [...fields.values()].map(scoreField).reduce(addScore, 0);
}

const textOf = ({ signal, matched }: Finding) => matched?.replace(/\s+/g, " ").trim() || signal;

/** Nobody types `/.git/config` or a way out of the root into an address: each one is a probe. */
const hasPlace = ({ family, field }: Finding) =>
  family !== "scanner" && !(family === "lfi" && field.startsWith("path"));

/** A search sent by a form is the same search in a query or in JSON, plain or in base64. */
function placeOf({ field, family }: Finding): string {
  const name = field.replace(/^(?:query|form|json)\./, "").replace(/ \([\w ]+\)/g, "");
  return `in ${name.toLowerCase()}: ${family}`;
}
