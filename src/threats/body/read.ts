/**
 * The fields of a body, by the type it declares and by the type it looks like: an attacker chooses
 * both, and the application behind us may believe either.
 */
import type { Examination } from "../examination.ts";
import { examinePairs } from "../request_head.ts";
import { protocolFinding } from "../score.ts";
import { PLACE } from "../value.ts";
import { CLOSELY_MAX } from "./allowance.ts";
import { readingsOf } from "./charset.ts";
import { codingsOf } from "./coding.ts";
import type { Inflated } from "./inflate.ts";
import { type BodyKind, declaredKind, looksWritten, sniffedKind } from "./kind.ts";
import { type MediaType, mediaTypeOf } from "./media_type.ts";
import { examineMiddle } from "./middle.ts";
import { boundaryOfStart, examineMultipart } from "./multipart/fields.ts";
import { printableRuns } from "./printable.ts";
import { xmlTexts } from "./xml.ts";

/** Of a longer text its end is examined as closely as its start. */
const TAIL_LENGTH = 16_384;
/** … and so much of the start; of what is no text nothing else is read. */
export const HEAD_LENGTH = CLOSELY_MAX - TAIL_LENGTH;
/** Nobody means more boundaries than one; so many are tried. */
const BOUNDARIES_MAX = 4;

const MISMATCH = protocolFinding("body/type_mismatch", 0.3, "header.content-type");
const CUT = protocolFinding("body/truncated", 0.2, "body");
const UNREAD = protocolFinding("body/unread", 0.2, "body");
const UNSUPPORTED = protocolFinding("body/unsupported", 0.2, "header.content-type");

export interface RequestBody {
  /** As they were sent, from the first. */
  readonly bytes: Uint8Array;
  /** Whether nothing follows them. */
  readonly whole: boolean;
  /** What they are the coded form of, where `Content-Encoding` or their first bytes say so. */
  readonly inflated?: Inflated;
}

/** A body without its codings. */
type Plain = Pick<RequestBody, "bytes" | "whole">;

export interface BodyHead {
  readonly contentType: string;
  readonly contentEncoding: string;
}

interface Content {
  readonly text: string;
  /** The text, or both ends of a long one. */
  readonly ends: string;
  readonly bytes: Uint8Array;
  readonly type: MediaType;
}

type Reader = (content: Content, examination: Examination) => void;

const READERS: Readonly<Record<Exclude<BodyKind, "binary">, Reader>> = {
  json({ ends }, examination) {
    // What stands between the strings is no JSON, so a lenient parser decides what it is.
    if (!examination.json(ends, "json", PLACE.json, 0)) examination.value(PLACE.text, "body", ends);
  },
  form({ ends }, examination) {
    examinePairs(ends, PLACE.form, "form", examination);
  },
  multipart({ ends, bytes, type }, examination) {
    const boundaries = type.boundaries.slice(0, BOUNDARIES_MAX);
    const first = boundaryOfStart(ends.slice(0, 300));
    // A boundary that does not occur says nothing; one the body begins with may.
    if (first !== undefined && !boundaries.includes(first)) boundaries.push(first);
    if (type.boundaries.length > BOUNDARIES_MAX) examination.unread = true;
    let found = false;
    examination.worstOf(boundaries.map((boundary) => () => {
      found = examineMultipart(bytes, boundary, examination) || found;
    }));
    if (!found) examination.value(PLACE.text, "body", ends);
  },
  xml({ ends }, examination) {
    examination.markup(ends);
    for (const part of xmlTexts(ends)) examination.value(PLACE.xml, "xml", part);
  },
  text({ ends }, examination) {
    examination.value(PLACE.text, "body", ends);
  },
};

export function examineBody(
  body: RequestBody,
  { contentType, contentEncoding }: BodyHead,
  examination: Examination,
): void {
  if (body.bytes.length === 0) return;
  const type = mediaTypeOf(contentType);
  const codings = codingsOf(contentEncoding);
  if (type.isList || codings === undefined) examination.unsupported = true;
  const { inflated } = body;
  if (inflated && codings?.length) {
    examination.unread ||= inflated.broken;
    // An application that does not know the coding reads the bytes as they are.
    const runs = printableRuns(body.bytes);
    examination.worstOf([
      () => examinePlain(inflated, type, examination),
      () => runs.forEach((run) => examineText(run, type, undefined, examination)),
    ]);
  } else {
    examinePlain(body, type, examination);
    if (inflated) examineArchive(inflated, type, examination);
  }
  if (!(inflated ?? body).whole || examination.cut) examination.note(CUT);
  if (examination.unread) examination.note(UNREAD);
  if (examination.unsupported) examination.note(UNSUPPORTED);
}

function examinePlain({ bytes }: Plain, type: MediaType, examination: Examination): void {
  const declared = declaredKind(type.essence);
  const { texts, unknown } = readingsOf(bytes, type.charset, type.otherCharsets);
  if (unknown && declared !== "binary") examination.unsupported = true;
  examination.worstOf(texts.map((text) => () => {
    examineText({ text, bytes }, type, declared, examination);
  }));
}

/** A file that nobody said to be compressed: some applications look for themselves. */
function examineArchive({ bytes }: Plain, type: MediaType, examination: Examination): void {
  const text = new TextDecoder().decode(bytes);
  const looks = sniffedKind(text);
  if (looks === "text" || !looksWritten(text)) return;
  examineText({ text, bytes }, type, undefined, examination);
}

function examineText(
  { text, bytes }: Pick<Content, "text" | "bytes">,
  type: MediaType,
  declared: BodyKind | undefined,
  examination: Examination,
): void {
  if (text.trim() === "") return;
  const isLong = text.length > CLOSELY_MAX;
  const ends = isLong ? text.slice(0, HEAD_LENGTH) + text.slice(-TAIL_LENGTH) : text;
  const read = (kind: BodyKind) => {
    if (kind === "binary") return;
    const readEnds = () => READERS[kind]({ text, ends, bytes, type }, examination);
    // The parts of a multipart body are read from end to end.
    if (!isLong || kind === "multipart") return readEnds();
    const middle = { text, from: HEAD_LENGTH, to: text.length - TAIL_LENGTH };
    // A value may reach from one into the other, and counts once.
    examination.worstOf([readEnds, () => examineMiddle(kind, middle, examination)]);
    examination.cut = true;
  };

  const looks = sniffedKind(text);
  read(declared === undefined || declared === "text" ? looks : declared);
  if (declared && declared !== looks && differs(declared, looks, text)) {
    read(looks);
    examination.note(MISMATCH);
  }
}

/** A form may begin with anything, and text may look like everything. */
function differs(declared: BodyKind, looks: BodyKind, text: string): boolean {
  if (declared === "text" || looks === "text") return declared === "json" && looks === "text";
  if (declared === "binary" && looks === "form") return looksWritten(text) && isForm(text);
  return !(declared === "xml" && looks === "form");
}

/** Many files begin with a name and `=`; a form has no lines, or several names. */
function isForm(text: string): boolean {
  const start = text.slice(0, 1_000);
  return !start.includes("\n") || /&[\w.\-[\]%]{1,100}=/.test(start);
}
