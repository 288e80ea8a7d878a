/**
 * Examines a multipart body: names, file names, and the text of every part that somebody may take
 * for text. The contents of files are not examined here, however long they are.
 */
import type { Examination } from "../../examination.ts";
import { PLACE } from "../../value.ts";
import { Allowance } from "../allowance.ts";
import { isKnownCharset, readingsOf } from "../charset.ts";
import { looksWritten } from "../kind.ts";
import { mediaTypeOf } from "../media_type.ts";
import { type PartHead, partHeadOf } from "./part_head.ts";
import { PartReader } from "./part_reader.ts";
import { decodedContent } from "./transfer_encoding.ts";

interface Part extends PartHead {
  readonly content: Uint8Array;
}

interface Parts {
  readonly parts: readonly Part[];
  /** Text before and after them. */
  readonly outside: readonly Uint8Array[];
  readonly isMixed: boolean;
  readonly isAmbiguous: boolean;
}

/** More than any form has; the next one is not read. */
export const PARTS_MAX = 4_096;
const NESTED_MAX = 1;
const UTF_8 = new TextDecoder();

/** Examines the parts between the delimiters of `boundary`; false when there are none. */
export function examineMultipart(
  body: Uint8Array,
  boundary: string,
  examination: Examination,
  allowance: Allowance = new Allowance(),
  depth = 0,
): boolean {
  const { parts, outside, isMixed, isAmbiguous } = partsOf(body, boundary);
  if (parts.length === 0) return false;
  if (isAmbiguous || parts.length > PARTS_MAX) examination.unread = true;
  if (depth > NESTED_MAX) {
    examination.unread = true;
    return true;
  }
  const charset = charsetField(parts);
  if (charset !== undefined && !isKnownCharset(charset)) examination.unsupported = true;
  for (const part of parts.slice(0, PARTS_MAX)) {
    examineHead(part, examination);
    // Where lines end in several ways, one reader's file is another's text.
    if (part.isFile && !(isMixed && looksWritten(start(part.content)))) continue;
    const mayNest = part.filenames.length === 0 && part.type !== "";
    const inner = mayNest ? mediaTypeOf(part.type).boundaries[0] : undefined;
    if (inner && examineMultipart(part.content, inner, examination, allowance, depth + 1)) continue;
    examineContent(part, charset, examination, allowance);
  }
  for (const text of outside) {
    const value = UTF_8.decode(text).trim();
    if (looksWritten(value) && allowance.admits(value)) {
      examination.value(PLACE.text, "body", value);
    }
  }
  examination.cut ||= allowance.isSpent;
  return true;
}

/** The boundary that a body begins with, whatever is declared. */
export function boundaryOfStart(start: string): string | undefined {
  return /^\s{0,10}--([^\r\n]{1,200}?)[ \t]{0,9}\r?\n/.exec(start)?.[1];
}

/** All parts, and one more than may be read where there are too many. */
export function partsOf(body: Uint8Array, boundary: string): Parts {
  const parts: Part[] = [];
  const outside: Uint8Array[] = [];
  let head: PartHead | undefined;
  let pieces: Uint8Array[] = [];
  let isMixed = false;
  let isAmbiguous = false;
  const reader = new PartReader(boundary, {
    head: (bytes) => void (head = partHeadOf(UTF_8.decode(bytes))),
    content: (piece) => void pieces.push(piece),
    end() {
      if (head) parts.push({ ...head, content: concat(pieces) });
      pieces = [];
      if (parts.length > PARTS_MAX) reader.stop();
    },
    outside: (piece) => void (outside.length < 2 && outside.push(piece)),
    odd(what) {
      isMixed ||= what === "mixed";
      isAmbiguous ||= what === "ambiguous";
    },
  });
  reader.push(body);
  reader.finish();
  return { parts, outside, isMixed, isAmbiguous };
}

function examineHead({ names, filenames }: PartHead, examination: Examination): void {
  for (const name of names) examination.name(`form.${name}`, name);
  for (const filename of filenames) {
    examination.value(PLACE.filename, `form.${names[0] ?? ""}.filename`, filename);
  }
}

function examineContent(
  { names, type, encoding, filenames, content }: Part,
  charset: string | undefined,
  examination: Examination,
  allowance: Allowance,
): void {
  if (content.length === 0) return;
  const decoded = decodedContent(content, encoding);
  if (decoded === undefined) examination.unread = true;
  // A file to most, without a name or with one that some don't read: binary is examined by nobody.
  const maybeFile = filenames.length > 0 || names.length === 0;
  if (maybeFile && !looksWritten(start(content))) return;
  const media = mediaTypeOf(type);
  const readings: (() => void)[] = [];
  for (const bytes of decoded === undefined ? [content] : [content, ...decoded]) {
    const { texts, unknown } = readingsOf(
      bytes,
      media.charset ?? charset,
      charset ? [charset] : [],
    );
    examination.unsupported ||= unknown;
    for (const text of texts) {
      if (!allowance.admits(text)) continue;
      for (const name of names.length > 0 ? names : NAMELESS) {
        readings.push(() => examination.value(PLACE.json, `form.${name}`, text));
      }
    }
  }
  examination.worstOf(readings);
}

const NAMELESS = [""];

/** `_charset_` names the charset of the other fields (RFC 7578 4.6). */
function charsetField(parts: readonly Part[]): string | undefined {
  const field = parts.find(({ names }) => names.includes("_charset_"));
  if (!field || field.content.length > 40) return undefined;
  return UTF_8.decode(field.content).trim().toLowerCase() || undefined;
}

const start = (content: Uint8Array) =>
  // A character may be cut in two at the end of it.
  new TextDecoder().decode(content.subarray(0, 1_000), { stream: true });

function concat(pieces: readonly Uint8Array[]): Uint8Array {
  if (pieces.length === 1) return pieces[0];
  const bytes = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
