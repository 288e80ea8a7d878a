/**
 * Which characters a text contains, as one number: a bit for each group that means something to an
 * interpreter. One pass over the text answers for every signal whether it has to look at all.
 */

export const TRAIT = {
  letter: 1 << 0,
  upper: 1 << 1,
  digit: 1 << 2,
  space: 1 << 3,
  quote: 1 << 4,
  tick: 1 << 5,
  angle: 1 << 6,
  paren: 1 << 7,
  brace: 1 << 8,
  bracket: 1 << 9,
  dollar: 1 << 10,
  slash: 1 << 11,
  backslash: 1 << 12,
  dot: 1 << 13,
  semicolon: 1 << 14,
  pipe: 1 << 15,
  ampersand: 1 << 16,
  equals: 1 << 17,
  percent: 1 << 18,
  hash: 1 << 19,
  star: 1 << 20,
  at: 1 << 21,
  colon: 1 << 22,
  control: 1 << 23,
  newline: 1 << 24,
  wide: 1 << 25,
  underscore: 1 << 26,
  dash: 1 << 27,
  bang: 1 << 28,
  plus: 1 << 29,
} as const;

const GROUPS: readonly (readonly [string, number])[] = [
  ["abcdefghijklmnopqrstuvwxyz", TRAIT.letter],
  ["ABCDEFGHIJKLMNOPQRSTUVWXYZ", TRAIT.letter | TRAIT.upper],
  ["0123456789", TRAIT.digit],
  [" ", TRAIT.space],
  ["'\"", TRAIT.quote],
  ["`", TRAIT.tick],
  ["<>", TRAIT.angle],
  ["()", TRAIT.paren],
  ["{}", TRAIT.brace],
  ["[]", TRAIT.bracket],
  ["$", TRAIT.dollar],
  ["/", TRAIT.slash],
  ["\\", TRAIT.backslash],
  [".", TRAIT.dot],
  [";", TRAIT.semicolon],
  ["|", TRAIT.pipe],
  ["&", TRAIT.ampersand],
  ["=", TRAIT.equals],
  ["%", TRAIT.percent],
  ["#", TRAIT.hash],
  ["*", TRAIT.star],
  ["@", TRAIT.at],
  [":", TRAIT.colon],
  ["_", TRAIT.underscore],
  ["-", TRAIT.dash],
  ["!?^", TRAIT.bang],
  ["+", TRAIT.plus],
  ["\t\n\r", TRAIT.newline],
];

const OF_CODE = new Int32Array(128).fill(0);
for (let code = 0; code < 32; code++) OF_CODE[code] = TRAIT.control;
OF_CODE[127] = TRAIT.control;
for (const [characters, bits] of GROUPS) {
  for (const character of characters) OF_CODE[character.charCodeAt(0)] = bits;
}

/** The traits of `text`. */
export function traitsOf(text: string): number {
  let traits = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    traits |= code < 128 ? OF_CODE[code] : TRAIT.wide;
  }
  return traits;
}

/** The traits of `text` up to the first that is not among `allowed`: a long hostile text ends soon. */
export function traitsWithin(allowed: number, text: string): number {
  let traits = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const trait = code < 128 ? OF_CODE[code] : TRAIT.wide;
    traits |= trait;
    if ((trait & ~allowed) !== 0) break;
  }
  return traits;
}

/** What text may contain and still be examined only for the words of `hot_words.ts`. */
export const HARMLESS = TRAIT.letter | TRAIT.upper | TRAIT.digit | TRAIT.space | TRAIT.dot |
  TRAIT.slash | TRAIT.colon | TRAIT.at | TRAIT.dash | TRAIT.underscore | TRAIT.plus;

/** Names, numbers, identifiers: nothing an interpreter would read as more than one word. */
export const PLAIN = TRAIT.letter | TRAIT.upper | TRAIT.digit | TRAIT.dash;
