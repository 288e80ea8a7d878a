/**
 * One value of a request, ready to be examined: decoded, with its traits, and with the views that
 * signals ask for built on first use.
 */
import { hasSentence, proseOf } from "./prose.ts";
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
} as const;

/** More of one character than this in a row is padding. */
const RUN_MAX = 64;
const SECRET_TRAITS = TRAIT.letter;
const SPOTS_MAX = 12;
const SPOT_LENGTH = 320;
const BEGINNING =
  /<[a-z!\/?]|['"]\s{0,5}(?:or|and|union|\)|;|\|\|)|union\s|select\s|\.\.[\/\\]|\/etc\/|\$\{|\{\{|[;|&`]\s{0,3}(?:cat|ls|id|wget|curl|ping|sleep|nc|bash)\b|(?:javascript|php|file):|%(?:3c|27|2e|7b)/gi;
/** Of a longer value the beginning and the end are read; what lies between is reported as cut. */
export const VALUE_LENGTH_MAX = 16_384;

export class Value {
  readonly traits: number;
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
    /** Code that a longer text quotes. */
    readonly quoted = false,
  ) {
    this.traits = traitsOf(text);
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
    return this.#prose ??= proseOf(this.text);
  }

  /** Whether it holds at least part of a sentence, however short. */
  get sentence(): boolean {
    return hasSentence(this.text);
  }
}

/** Cuts what nobody can afford to read, keeping both ends. */
export function bounded(text: string): { text: string; cut: boolean } {
  if (text.length <= 512) return { text, cut: false };
  const squeezed = squeeze(text);
  if (squeezed.length <= VALUE_LENGTH_MAX) return { text: squeezed, cut: false };
  const half = VALUE_LENGTH_MAX / 2;
  const spots = hotSpots(squeezed.slice(half, -half));
  return { text: `${squeezed.slice(0, half)} ${spots} ${squeezed.slice(-half)}`, cut: true };
}

/** What stands around the beginnings of attacks in the part that is too long to read. */
function hotSpots(text: string): string {
  let spots = "";
  let from = 0;
  for (let found = 0; found < SPOTS_MAX; found++) {
    BEGINNING.lastIndex = from;
    const at = BEGINNING.exec(text)?.index;
    if (at === undefined) break;
    spots += ` ${text.slice(Math.max(from, at - SPOT_LENGTH / 8), at + SPOT_LENGTH)}`;
    from = at + SPOT_LENGTH;
  }
  return spots;
}

/** Shortens every long run of one character. */
function squeeze(text: string): string {
  let out = "";
  let from = 0;
  let runStart = 0;
  for (let at = 1; at <= text.length; at++) {
    if (text.charCodeAt(at) === text.charCodeAt(runStart)) continue;
    if (at - runStart > RUN_MAX) {
      out += text.slice(from, runStart + RUN_MAX);
      from = at;
    }
    runStart = at;
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
