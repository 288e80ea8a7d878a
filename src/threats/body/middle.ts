/**
 * What lies between the two ends of a long body: read like them for its structure, but only what
 * looks like the beginning of an attack is examined, so that padding on both sides hides nothing.
 */
import type { Examination } from "../examination.ts";
import { eachPair } from "../fields.ts";
import { PLACE } from "../value.ts";
import { readJson } from "./json.ts";
import type { BodyKind } from "./kind.ts";
import { xmlTexts } from "./xml.ts";

export interface Middle {
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

type Reader = (middle: Middle, glanced: Glanced) => void;
type Glanced = (place: number, field: string, value: string) => void;

const DECLARATION = /<!(?:entity|doctype)/gi;
const DECLARATIONS_MAX = 8;
const DECLARATION_LENGTH = 1_000;

const READERS: Readonly<Record<Exclude<BodyKind, "binary" | "multipart">, Reader>> = {
  json({ text, from, to }, glanced) {
    // Only from the beginning is it known which quotes open a string, and escapes make it shorter.
    const within = (at: number, end: number) => end > from && at < to;
    const clean = readJson(text, "json", {
      key: (name, path, at, end) => within(at, end) && glanced(PLACE.name, path, name),
      text: (value, _name, path, at, end) => within(at, end) && glanced(PLACE.json, path, value),
    });
    if (!clean) glanced(PLACE.text, "body", text.slice(from, to));
  },
  form({ text, from, to }, glanced) {
    eachPair(text.slice(from, to), "&", (name, value) => {
      glanced(PLACE.form, `form.${name}`, value);
    });
  },
  xml({ text, from, to }, glanced) {
    for (const part of xmlTexts(text.slice(from, to))) glanced(PLACE.xml, "xml", part);
  },
  text({ text, from, to }, glanced) {
    glanced(PLACE.text, "body", text.slice(from, to));
  },
};

export function examineMiddle(
  kind: keyof typeof READERS,
  middle: Middle,
  examination: Examination,
): void {
  READERS[kind](middle, (place, field, value) => examination.glimpse(place, field, value));
  if (kind === "xml") examineDeclarations(middle, examination);
}

/** A comment may be long, and a document type follows it. */
function examineDeclarations({ text, from, to }: Middle, examination: Examination): void {
  const middle = text.slice(from, to);
  let count = 0;
  for (const { index } of middle.matchAll(DECLARATION)) {
    if (++count > DECLARATIONS_MAX) break;
    examination.markup(middle.slice(index, index + DECLARATION_LENGTH));
  }
}
