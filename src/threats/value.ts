/**
 * One value of a request, ready to be examined: decoded, with its traits, and with the views that
 * signals ask for built on first use.
 */
import { hasSentence, proseOf } from "./prose.ts";
import type { Effort } from "./sql/effort.ts";
import { TRAIT, traitsOf } from "./traits.ts";

/** How a rule reads a value: as it is, or with what its interpreter would skip taken out. */
export type View = "text" | "html" | "shell" | "path";

/** Where in a request a value was found, as bits so that a signal can name several. */
export const PLACE = {
  path: 1,
  query: 2,
  form: 4,
  json: 8,
  cookie: 16,
  header: 32,
  xml: 64,
  text: 128,
  filename: 256,
  /** A name of a parameter or a JSON key instead of its value. */
  name: 512,
  userAgent: 1024,
  /** Beside another place: found inside a value of a head, such as JSON in a cookie. */
  head: 2048,
} as const;

const BODY = PLACE.form | PLACE.json | PLACE.text | PLACE.xml;

/** Whether a value came in a body, where people write at length. */
export const isOfBody = (place: number) => (place & BODY) !== 0 && (place & PLACE.head) === 0;

/** More of one character than this in a row is padding. */
const RUN_MAX = 64;
const STEP = RUN_MAX / 2;
const SQUEEZED_LENGTH_MIN = 512;
const SECRET_TRAITS = TRAIT.letter;

/** Of a longer value the beginning and the end are read in full, and its middle where it matters. */
export const VALUE_LENGTH_MAX = 8_192;

/** What a text is cut out of. */
export interface Origin {
  /** Code that a longer text quotes. */
  readonly quoted?: boolean;
  /** What the whole text is; the value's own words decide when absent. */
  readonly prose?: 0 | 1 | 2;
}

export class Value {
  readonly traits: number;
  readonly quoted: boolean;
  #html: string | undefined;
  #shell: string | undefined;
  #path: string | undefined;
  #prose: 0 | 1 | 2 | undefined;

  constructor(
    readonly place: number,
    readonly field: string,
    /** Decoded and lower-cased. */
    readonly text: string,
    /** Bits of `TRICK`. */
    readonly tricks: number,
    /** What may still be spent on the request it is of. */
    readonly effort: Effort,
    { quoted = false, prose }: Origin = {},
  ) {
    this.traits = traitsOf(text);
    this.quoted = quoted;
    this.#prose = prose;
  }

  view(view: View): string {
    if (view === "html") return this.#html ??= htmlView(this.text);
    if (view === "shell") return this.#shell ??= shellView(this.text);
    if (view === "path") return this.#path ??= pathView(this.text);
    return this.text;
  }

  /** Whether this could have come out of a password generator. */
  get secretLike(): boolean {
    return this.text.length <= 64 && (this.traits & TRAIT.space) === 0 &&
      (this.traits & SECRET_TRAITS) === SECRET_TRAITS;
  }

  /** Whether people wrote this for people: 0 no, 1 some text, 2 a whole document. */
  get prose(): 0 | 1 | 2 {
    return this.#prose ??= proseOf(this.text, isOfBody(this.place));
  }

  /** Whether it holds at least part of a sentence, however short. */
  get sentence(): boolean {
    return hasSentence(this.text);
  }
}

/** Shortens every long run of one character. */
export function squeeze(text: string): string {
  if (text.length <= SQUEEZED_LENGTH_MIN) return text;
  let out = "";
  let from = 0;
  // Every long run covers two places in a row that are half its length apart.
  for (let at = STEP; at < text.length; at += STEP) {
    const code = text.charCodeAt(at);
    if (code !== text.charCodeAt(at - STEP)) continue;
    let start = at - STEP;
    while (start > from && text.charCodeAt(start - 1) === code) start--;
    let end = at + 1;
    while (text.charCodeAt(end) === code) end++;
    if (end - start <= RUN_MAX) continue;
    out += text.slice(from, start + RUN_MAX);
    from = end;
    at = end;
  }
  return from === 0 ? text : out + text.slice(from);
}

/** Browsers skip tabs and line ends inside `java\nscript:` and attribute names. */
function htmlView(text: string): string {
  return /[\t\r\n]/.test(text) ? text.replace(/[\t\r\n]+/g, "") : text;
}

/** A shell drops quotes, backslashes, carets and empty variables from a word. */
function shellView(text: string): string {
  if (!/['"\\^$`%+]/.test(text)) return text;
  const spaced = text.includes(" ") ? text : text.replaceAll("+", " ");
  return spaced
    .replace(/\\[nr](?![a-z])/g, "\n")
    .replace(/\$\{?ifs(?:%\?\?|\})?(?:\$?9)?|%20|\{,\}/g, " ")
    .replace(/\$[@*1-9]|\$\{[@*1-9]\}|\$\(\)|``|\\\n|['"\\^]/g, "");
}

/** File systems read `\` as `/` on Windows and skip `//` and `/./`. */
function pathView(text: string): string {
  return text.replaceAll("\\", "/").replace(/\/(?:\.?\/)+/g, "/");
}
