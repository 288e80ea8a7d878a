/**
 * What is read of the rest, when a request holds more suspicious text than anybody can afford to
 * read: the surroundings of what attacks begin with. Long honest texts repeat themselves, so of each
 * kind of beginning the first, the last and the densest are read; only a text with more kinds of
 * them than any honest one was not read.
 */
import { BORDER, BY_PREFIX, BY_SIGN, BY_WORD, NEXT_TO_SIGN } from "./beginnings.ts";

const BORDER_CODE = BORDER.charCodeAt(0);

/** Of 800 long texts (manuals, pages, source code) none has more than 22, with three of each kind. */
const SPOTS_MAX = 32;
const BEFORE = 40;
const BEHIND = 240;
const WORD_LENGTH_MAX = 24;

export interface Spots {
  readonly texts: readonly string[];
  /** Whether there are beginnings of which none was kept. */
  readonly isPartial: boolean;
}

/** What a character is to the search: nothing, a sign that matters, or part of a word. */
const SIGN = 1;
const WORD = 2;
const KIND = new Uint8Array(128);
const OF_SIGN: RegExp[] = [];
/** By the codes of a sign and of what may follow it. */
const GOES_ON = new Uint8Array(128 * 128);
for (const [sign, follows] of BY_SIGN) {
  const code = sign.charCodeAt(0);
  KIND[code] = SIGN;
  OF_SIGN[code] = follows;
  for (const next of NEXT_TO_SIGN[sign]) GOES_ON[code * 128 + next.charCodeAt(0)] = 1;
}
for (const letter of "abcdefghijklmnopqrstuvwxyz0123456789_") KIND[letter.charCodeAt(0)] = WORD;
/** First two characters of the words and prefixes that matter, so that most words are skipped unread. */
const BEGINS = new Uint8Array(128 * 128);
for (const word of [...BY_WORD.keys(), ...BY_PREFIX.map(([prefix]) => prefix)]) {
  BEGINS[startOf(word, 0)] = 1;
}

/** A word of one letter ends with itself. */
function startOf(text: string, at: number): number {
  const second = text.charCodeAt(at + 1);
  return text.charCodeAt(at) * 128 + (second < 128 && KIND[second] === WORD ? second : 0);
}

interface Beginning {
  readonly at: number;
  /** The sign or word that it is. */
  readonly kind: string;
}

/** What is kept of the beginnings of one kind. */
interface Kept {
  readonly first: string;
  last: string;
  densest: string;
  density: number;
}

/** What stands around the beginnings of attacks in `text`, which is decoded and lower-case. */
export function spotsOf(text: string): Spots {
  const kinds = new Map<string, Kept>();
  let from = 0;
  for (let found = nextBeginning(text, 0); found; found = nextBeginning(text, from)) {
    const { at, kind } = found;
    const start = Math.max(from, at - BEFORE);
    const before = text.slice(start, at);
    const behind = text.slice(at, at + BEHIND);
    const border = behind.indexOf(BORDER);
    from = at + (border === -1 ? behind.length : Math.max(border, 1));
    keep(kinds, kind, text.slice(start + before.lastIndexOf(BORDER) + 1, from));
  }
  const texts = new Set<string>();
  for (const { first, last, densest } of kinds.values()) texts.add(first).add(last).add(densest);
  return { texts: [...texts].slice(0, SPOTS_MAX), isPartial: texts.size > SPOTS_MAX };
}

function keep(kinds: Map<string, Kept>, kind: string, spot: string): void {
  const density = densityOf(spot);
  const kept = kinds.get(kind);
  if (!kept) kinds.set(kind, { first: spot, last: spot, densest: spot, density });
  else {
    kept.last = spot;
    if (density > kept.density) [kept.densest, kept.density] = [spot, density];
  }
}

/** Share of signs: decoys are words. */
function densityOf(spot: string): number {
  let signs = 0;
  for (let at = 0; at < spot.length; at++) {
    const code = spot.charCodeAt(at);
    if (code >= 128 || KIND[code] === WORD || code === 32) continue;
    signs++;
  }
  return signs / spot.length;
}

function nextBeginning(text: string, from: number): Beginning | undefined {
  let at = from;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    const kind = code < 128 ? KIND[code] : 0;
    if (kind === WORD) {
      const end = endOfWord(text, at);
      const word = beginningIn(text, at, end);
      if (word !== undefined) return { at, kind: word };
      at = end;
    } else {
      if (kind === SIGN && goesOn(text, at, code) && matches(OF_SIGN[code], text, at)) {
        return { at, kind: text[at] };
      }
      at++;
    }
  }
}

function goesOn(text: string, at: number, sign: number): boolean {
  const next = text.charCodeAt(at + 1);
  return next >= 128 ? next !== BORDER_CODE : GOES_ON[sign * 128 + next] === 1;
}

/** The word or prefix that begins something between `at` and `end`. */
function beginningIn(text: string, at: number, end: number): string | undefined {
  if (BEGINS[startOf(text, at)] === 0) return undefined;
  const length = end - at;
  const word = length <= WORD_LENGTH_MAX ? text.slice(at, end) : "";
  const follows = BY_WORD.get(word);
  if (follows && matches(follows, text, end)) return word;
  for (const [prefix, follows] of BY_PREFIX) {
    if (
      length > prefix.length + 2 && text.startsWith(prefix, at) && matches(follows, text, end)
    ) return prefix;
  }
}

function matches(pattern: RegExp, text: string, at: number): boolean {
  pattern.lastIndex = at;
  return pattern.test(text);
}

function endOfWord(text: string, at: number): number {
  let end = at + 1;
  while (end < text.length) {
    const code = text.charCodeAt(end);
    if (code >= 128 || KIND[code] !== WORD) break;
    end++;
  }
  return end;
}
