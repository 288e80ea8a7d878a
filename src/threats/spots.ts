/**
 * What is read of the rest, when a request holds more suspicious text than anybody can afford to
 * read: the surroundings of what attacks begin with. A rest with more such beginnings than are read
 * was not read.
 */
import { BY_PREFIX, BY_SIGN, BY_WORD } from "./beginnings.ts";

/** Between two values of the rest: nothing that anybody would take for a blank or a letter. */
export const BORDER = "\ue000";

const SPOTS_MAX = 16;
const BEFORE = 40;
const BEHIND = 240;
const WORD_LENGTH_MAX = 24;

export interface Spots {
  readonly texts: readonly string[];
  /** Whether there are beginnings that are in none of them. */
  readonly isPartial: boolean;
}

/** What a character is to the search: nothing, a sign that matters, or part of a word. */
const SIGN = 1;
const WORD = 2;
const KIND = new Uint8Array(128);
for (const sign of BY_SIGN.keys()) KIND[sign.charCodeAt(0)] = SIGN;
for (const letter of "abcdefghijklmnopqrstuvwxyz0123456789_") KIND[letter.charCodeAt(0)] = WORD;
/** First characters of the words that matter, so that most words are skipped unread. */
const INITIAL = new Uint8Array(128);
for (const word of BY_WORD.keys()) INITIAL[word.charCodeAt(0)] = 1;
for (const [prefix] of BY_PREFIX) INITIAL[prefix.charCodeAt(0)] = 1;

/** What stands around the beginnings of attacks in `text`, which is decoded and lower-case. */
export function spotsOf(text: string): Spots {
  const texts: string[] = [];
  let from = 0;
  for (let at = nextBeginning(text, 0); at !== -1; at = nextBeginning(text, from)) {
    if (texts.length === SPOTS_MAX) return { texts, isPartial: true };
    const start = Math.max(from, at - BEFORE, text.lastIndexOf(BORDER, at) + 1);
    const border = text.indexOf(BORDER, at);
    from = Math.min(at + BEHIND, border === -1 ? text.length : border);
    texts.push(text.slice(start, from));
  }
  return { texts, isPartial: false };
}

function nextBeginning(text: string, from: number): number {
  let at = from;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    const kind = code < 128 ? KIND[code] : 0;
    if (kind === WORD) {
      const end = endOfWord(text, at);
      if (INITIAL[code] === 1 && isBeginning(text, at, end)) return at;
      at = end;
    } else {
      if (kind === SIGN && matches(BY_SIGN.get(text[at])!, text, at)) return at;
      at++;
    }
  }
  return -1;
}

function isBeginning(text: string, at: number, end: number): boolean {
  const length = end - at;
  const follows = length <= WORD_LENGTH_MAX ? BY_WORD.get(text.slice(at, end)) : undefined;
  if (follows && matches(follows, text, end)) return true;
  for (const [prefix, follows] of BY_PREFIX) {
    if (
      length > prefix.length + 2 && text.startsWith(prefix, at) && matches(follows, text, end)
    ) return true;
  }
  return false;
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
