/**
 * One value against every signal that has a reason to look: what matched, with what confidence
 * after the discounts for prose and for code that people quote in it.
 */
import { excerptOf } from "./excerpt.ts";
import type { Finding, Sighting } from "./score.ts";
import type { Family, Match, Rule, Signal } from "./signal.ts";
import { readsAsSentence } from "./sql/read.ts";
import { PLACE, type Value } from "./value.ts";

/** Quoted code shows commands, markup and queries all day; only this much is certain in it. */
export const CERTAIN = 0.97;
/** A generated password is full of quotes and signs. */
const SECRET = /pass(?:word|wd|phrase|code|$|[^a-z])|pwd|secret|token|\bpin\b|key$/i;
const QUOTED_MAX = 0.35;
/** Where a developer's own machine is a legitimate answer, though never the cloud's metadata. */
const OWN_ADDRESS = /redirect_(?:ur[il]|to)|redirecturi|return_?(?:url|to)|callback_?url|origin$/i;
const OWN_RULES: ReadonlySet<string> = new Set([
  "loopback",
  "loopback_bare",
  "private",
  "internal_name",
]);
/** Names of files, commands and hosts turn up in sentences; quotes and tags do not. */
const TOLD_IN_WORDS: ReadonlySet<Family> = new Set(
  ["lfi", "rfi", "ssrf", "rce", "ldap", "ssti", "nosqli", "php", "java"],
);

/** Every rule is asked: a bound here would let the first matches hide the last. */
export function examine(value: Value, signals: readonly Signal[]): Sighting[] {
  const findings: Sighting[] = [];
  for (const signal of signals) {
    if (!concerns(signal, value)) continue;
    if (signal.detect) {
      for (const match of signal.detect(value)) findings.push(toSighting(signal, match, value));
    }
    for (const rule of signal.rules) {
      const match = matchOf(rule, value);
      if (match) findings.push(toSighting(signal, match, value));
    }
  }
  return findings;
}

function concerns({ needs, any, places, hint }: Signal, value: Value): boolean {
  return (value.traits & needs) === needs &&
    (any === undefined || (value.traits & any) !== 0) &&
    (places === undefined || (value.place & places) !== 0) &&
    (hint === undefined || hint.test(value.text));
}

function matchOf(rule: Rule, value: Value): Match | undefined {
  if (rule.places !== undefined && (value.place & rule.places) === 0) return undefined;
  const text = rule.view ? value.view(rule.view) : value.text;
  const found = rule.pattern.exec(text);
  return found ? { rule, text, index: found.index, length: found[0].length } : undefined;
}

function toSighting(signal: Signal, match: Match, value: Value): Sighting {
  const { name, family } = signal;
  return {
    signal: `${name}/${match.rule.id}`,
    family,
    confidence: discounted(match, signal, value),
    field: value.field,
    match,
  };
}

/** With the texts that an admin is shown, and that tell one attempt from another. */
export function toFinding({ match, ...sighting }: Sighting): Finding {
  if (!match) return { ...sighting, excerpt: "" };
  return {
    ...sighting,
    // Worked out when it is shown or held against somebody: few findings ever are.
    get excerpt() {
      return excerptOf(match.text, match.index, match.length, sighting.field);
    },
    get matched() {
      return matchedText(match);
    },
  };
}

/** A link holds a search beside other things: where one ends, the next name begins. */
const NEXT_PAIR = /&[\w.%[\]-]{1,64}=/;

function matchedText({ text, index }: Match): string {
  const rest = text.slice(index);
  const end = rest.search(NEXT_PAIR);
  return end === -1 ? rest : rest.slice(0, end);
}

/** What people write at length is rarely an attack, and what they quote is shown, not run. */
function discounted({ rule: { id, confidence } }: Match, signal: Signal, value: Value): number {
  if (value.place === PLACE.userAgent || signal.family === "xxe") return confidence;
  if (value.quoted) return confidence < CERTAIN ? Math.min(confidence, QUOTED_MAX) : confidence;
  if (value.prose > 0) return confidence * DISCOUNTS[value.prose - 1][levelOf(confidence)];
  return confidence * inContext(id, confidence, signal, value);
}

/** For text and for documents: weak matches, strong ones, structural ones, and the plainest. */
const DISCOUNTS = [[0.4, 0.8, 0.85, 0.9], [0.3, 0.7, 0.8, 0.9]] as const;
const levelOf = (confidence: number) =>
  confidence < 0.8 ? 0 : confidence < 0.9 ? 1 : confidence < 0.95 ? 2 : 3;

/** What the field and the words around it say about a match in a short value. */
function inContext(
  id: string,
  confidence: number,
  { family, name }: Signal,
  value: Value,
): number {
  const generated = family !== "nosqli" && SECRET.test(value.field) && value.secretLike;
  if (confidence < 0.93 && generated) return 0.8;
  if (OWN_RULES.has(id) && family === "ssrf" && OWN_ADDRESS.test(value.field)) return 0.6;
  if (confidence >= 0.93) return 1;
  if (name === "sql_words") return readsAsSentence(value.text) ? 0.85 : 1;
  if (!TOLD_IN_WORDS.has(family) || !value.sentence) return 1;
  return confidence < 0.8 ? 0.5 : 0.8;
}
