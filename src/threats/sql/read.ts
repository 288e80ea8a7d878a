/**
 * Reads one value in the three ways a careless application might have embedded it: bare, inside
 * '…' and inside "…". Every quote is tried as the end of the application's own string, so that
 * nothing in front of the attack can hide it.
 */
import type { Match, Rule } from "../signal.ts";
import { BREAKOUTS, SENTENCES } from "./patterns.ts";
import { type Effort, TRIES_MAX } from "./effort.ts";
import { tokenize } from "./tokens.ts";

const BREAKOUT_TOKENS_MAX = 48;
const SENTENCE_TOKENS_MAX = 1_500;
/** What has to follow a quote for its text to be worth reading. */
const OPERATOR =
  /[\s)\]+\u00a0]{0,40}(?:(?:or|and|xor|union|where|call|having|like|between|in|is|div|mod|not|order|group|limit|procedure|into|waitfor|if|case|select|regexp|rlike|as|except|intersect|offset)\b|\|\||&&|[=<>!\-*/%|&^;,(#+~]|\)|\/\*)/y;
/** What no operator begins with: most quotes are done with at one look. */
const NO_OPERATOR = new Uint8Array(128);
for (const sign of "0123456789'\"$.:?@[{}\\_`") NO_OPERATOR[sign.charCodeAt(0)] = 1;
const CUT =
  /[\s)]{0,20}(?:;[\s]{0,5})?(?:(?:--|\/\*)[\s\-+!]{0,8}(?:$|[\w '"]{0,12}$)|(?:\/\*\w{0,9}\*\/)?#[\s\-+!]{0,8}$)/y;
/** `"or"`, `'like'`, `"&"`: a word in quotes, as people search for it. */
const QUOTED_WORD =
  /(?:'[a-z][\w.]{0,11}'|'[^\s'\w]{1,3}'(?!$)|"[^\s"]{1,12}")(?=$|[\s.,!?&)+\]|])/y;
/** These need the quote to open where the application's own string is, not to close a quotation. */
const AT_OPENING: ReadonlySet<string> = new Set(["or_open", "signs_open", "like_open", "closing"]);
const CUT_RULE: Pick<Rule, "id" | "confidence"> = { id: "cut_off", confidence: 0.86 };

/** `text` is lower-case. Primes and dashes from word processors stand for what they look like. */
export function readSql(value: string, effort: Effort = { tries: TRIES_MAX }): Match[] {
  const text = /[\u2032\u2013]/.test(value)
    ? value.replaceAll("\u2032", "'").replace(/\u2013\s*$/, "--")
    : value;
  const matches = breakouts(text, effort);
  const sentence = tokenize(text, 0, SENTENCE_TOKENS_MAX).types;
  if (!WORTH_A_SENTENCE.test(sentence)) return matches;
  for (const rule of SENTENCES) {
    if (rule.pattern.test(sentence)) {
      matches.push({ rule: weighed(rule, sentence), text, index: 0, length: text.length });
    }
  }
  return matches;
}

/** Only strings, names and numbers: nothing that SQL would act on. */
const WORTH_A_SENTENCE = /[A-Zdfvc=(;]/;

/** SQL puts no three names in a row; sentences of people do. */
const NAMES_IN_A_ROW = /www/;
const CERTAIN = 0.95;

/** Whether a value reads as words of people rather than as SQL. */
export function readsAsSentence(text: string): boolean {
  return NAMES_IN_A_ROW.test(tokenize(text, 0, 200).types);
}

function weighed(rule: Rule, sentence: string): Pick<Rule, "id" | "confidence"> {
  if (rule.confidence >= CERTAIN || !NAMES_IN_A_ROW.test(sentence)) return rule;
  return { id: rule.id, confidence: rule.confidence * 0.8 };
}

/** Strongest first: of all the quotes that could end a string only the worst counts. */
const STRONGEST_FIRST = [...BREAKOUTS].sort((a, b) => b.confidence - a.confidence);
const LEVELS = [...new Set(STRONGEST_FIRST.map(({ confidence }) => confidence))];
/** By how many levels are still of interest: one look that spares the others. */
const ANY_OF = LEVELS.map((level) =>
  new RegExp(
    STRONGEST_FIRST.filter(({ confidence }) => confidence >= level)
      .map(({ pattern }) => pattern.source).join("|"),
  )
);

function breakouts(text: string, effort: Effort): Match[] {
  const matches: Match[] = [];
  const known = new Set<string>();
  const open = { "'": false, '"': false };
  let best = 0;
  let levels = LEVELS.length;
  for (
    let at = nextQuote(text, 0);
    at !== -1 && effort.tries > 0;
    at = nextQuote(text, at + 1)
  ) {
    const quote = text[at] as keyof typeof open;
    const word = wordInQuotes(text, at);
    if (word > 0) {
      at += word - 1;
      continue;
    }
    open[quote] = !open[quote];
    if (NO_OPERATOR[text.charCodeAt(at + 1)] === 1) continue;
    OPERATOR.lastIndex = at + 1;
    if (!OPERATOR.test(text)) continue;
    effort.tries--;
    CUT.lastIndex = at + 1;
    if (open[quote] && !follows(text, at, " ") && CUT.test(text)) {
      matches.push({ rule: CUT_RULE, text, index: at, length: 8 });
    }
    const { types, end } = tokenize(text, at + 1, BREAKOUT_TOKENS_MAX);
    if (known.has(types) || !ANY_OF[levels - 1].test(types)) continue;
    const rule = STRONGEST_FIRST.find((rule) =>
      rule.confidence > best && rule.pattern.test(types) &&
      (open[quote] || !AT_OPENING.has(rule.id)) &&
      (rule.id !== "or_constant" || !inches(text, at, types))
    );
    if (!rule) continue;
    known.add(types);
    const found = weighed(rule, types);
    matches.push({ rule: found, text, index: at, length: end - at });
    best = Math.max(best, found.confidence);
    levels = LEVELS.filter((level) => level > best).length;
    if (levels === 0) break;
  }
  return matches;
}

/** Whether `before` stands in front of the quote at `at`. */
const follows = (text: string, at: number, before: string) => at > 0 && text[at - 1] === before;

/** `16" or 18`: the quote measures, and what follows is another measure. */
const inches = (text: string, at: number, types: string) =>
  at > 0 && /\d/.test(text[at - 1]) && /^[OA+]1$/.test(types);

const OPENS_WORD: ReadonlySet<string> = new Set(" \t\r\n\u00a0(=,");

/** Length of the quoted word at `at`, or 0. Its first quote must begin a word, too. */
function wordInQuotes(text: string, at: number): number {
  if (at > 0 && !OPENS_WORD.has(text[at - 1])) return 0;
  QUOTED_WORD.lastIndex = at;
  return QUOTED_WORD.exec(text)?.[0].length ?? 0;
}

function nextQuote(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 39 || code === 34) return at;
  }
  return -1;
}
