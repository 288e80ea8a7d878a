/**
 * The fields of a body, by the type it declares and by the type it looks like: an attacker chooses
 * both, and the application behind us may believe either.
 */
import type { Examination } from "../examination.ts";
import { examinePairs } from "../request_head.ts";
import { protocolFinding } from "../score.ts";
import { PLACE } from "../value.ts";
import { type BodyKind, declaredKind, sniffedKind } from "./kind.ts";
import { boundaryOf, readMultipart } from "./multipart.ts";
import { xmlTexts } from "./xml.ts";

/** At most this much of a body is read. */
export const BODY_LIMIT_BYTES = 65_536;
/** … of which this much from its end when it is longer. */
export const BODY_TAIL_BYTES = 16_384;

const MISMATCH = protocolFinding("body/type_mismatch", 0.3, "header.content-type");
const CUT = protocolFinding("body/truncated", 0.2, "body");

export interface RequestBody {
  /** The beginning, and when the body is longer than both together also its end. */
  readonly head: Uint8Array;
  readonly tail: Uint8Array;
  /** There are bytes between them that nobody reads. */
  readonly truncated: boolean;
}

type Reader = (text: string, contentType: string, examination: Examination) => void;

const READERS: Readonly<Record<Exclude<BodyKind, "binary">, Reader>> = {
  json(text, _type, examination) {
    // What stands between the strings is no JSON, so a lenient parser decides what it is.
    if (!examination.json(text, "json", PLACE.json, 0)) examination.value(PLACE.text, "body", text);
  },
  form(text, _type, examination) {
    examinePairs(text, PLACE.form, "form", examination);
  },
  multipart(text, type, examination) {
    const parts = readMultipart(text, boundaryOf(type, text));
    // A boundary that does not occur says nothing; one the body begins with may.
    const found = parts.length > 0 ? parts : readMultipart(text, boundaryOf("", text));
    if (found.length === 0) examination.value(PLACE.text, "body", text);
    for (const { name, filename, text: content } of found) {
      examination.name(`form.${name}`, name);
      if (filename === undefined) examination.value(PLACE.json, `form.${name}`, content);
      else examination.value(PLACE.filename, `form.${name}.filename`, filename);
    }
  },
  xml(text, _type, examination) {
    examination.markup(text.slice(0, 4_096));
    for (const part of xmlTexts(text)) examination.value(PLACE.xml, "xml", part);
  },
  text(text, _type, examination) {
    examination.value(PLACE.text, "body", text);
  },
};

export function examineBody(
  { head, tail, truncated }: RequestBody,
  contentType: string,
  examination: Examination,
): void {
  const text = textOf(head, contentType) + (tail.length > 0 ? textOf(tail, contentType) : "");
  if (text.trim() === "") return;
  const declared = declaredKind(contentType);
  const looks = sniffedKind(text);
  const read = (kind: BodyKind) =>
    kind !== "binary" && READERS[kind](text, contentType, examination);

  read(declared === undefined || declared === "text" ? looks : declared);
  if (declared && declared !== looks && differs(declared, looks)) {
    read(looks);
    examination.note(MISMATCH);
  }
  if (truncated || examination.cut) examination.note(CUT);
}

/** A form may begin with anything, and text may look like everything. */
function differs(declared: BodyKind, looks: BodyKind): boolean {
  if (declared === "text" || looks === "text") return declared === "json" && looks === "text";
  return !(declared === "xml" && looks === "form") && !(declared === "binary" && looks === "form");
}

function textOf(bytes: Uint8Array, contentType: string): string {
  const charset = /charset\s{0,3}=\s{0,3}["']?(utf-16(?:le|be)?|iso-8859-1|windows-1252)/i
    .exec(contentType)?.[1];
  return new TextDecoder(charset ?? charsetOf(bytes)).decode(bytes);
}

/** UTF-16 shows in its byte order mark or in a zero byte beside the first character. */
function charsetOf(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe || bytes[0] > 0 && bytes[1] === 0) return "utf-16le";
  if (bytes[0] === 0xfe && bytes[1] === 0xff || bytes[0] === 0 && bytes[1] > 0) return "utf-16be";
  return "utf-8";
}
