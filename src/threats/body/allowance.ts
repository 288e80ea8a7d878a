/**
 * How much of a body is examined closely. What comes after that is only glanced at: what looks like
 * the beginning of an attack is examined too, as long as there are not too many of those.
 */

/** Characters of a body that are examined whatever they look like. */
export const CLOSELY_MAX = 65_536;
const GLANCED_MAX = 65_536;
/** A value costs something however short it is. */
const VALUE_MIN = 16;
/** Of a longer value no more than this is examined, so it costs no more. */
const VALUE_MAX = 16_384;

/** Signs and words that attacks begin with, in lower case. */
const SIGNS =
  /<[a-z!\/?%]|['"`]\s{0,3}(?:[;|)=<>+*&#-]|\/\*|or\b|and\b|union)|\.\.[\/\\%]|[$#%*]\{|\{[{%]|[;|&`\n]\s{0,3}(?:cat|ls|id|wget|curl|ping|sleep|nc|ba?sh|rm|who|uname|echo|python|perl|powershell|cmd)\b|\(\)\s{0,3}\{|[$(]\(|%(?:3c|27|22|2e|7b|00|0a|0d|25)|&(?:#|lt|quot|apos)|\\[ux][0-9a-f]{2}|[oac]:\d{1,9}:/;
const WORDS =
  /union[^a-z]{1,20}(?:all|distinct|select)|select[^a-z]|(?:insert|delete|update|drop|exec|waitfor)[^a-z]|(?:sleep|benchmark|eval|system|passthru|exec)\s{0,3}\(|base64_decode|constructor|__proto__|localhost|metadata|\/(?:etc|proc|bin|windows)\/|(?:javascript|vbscript|php|file|gopher|dict|jndi|ldap|data|expect|phar):|169\.254/;

/** Whether `value` holds what attacks begin with. */
export function glance(value: string): boolean {
  // None of them is a single character.
  if (value.length < 2) return false;
  const text = value.toLowerCase();
  return SIGNS.test(text) || WORDS.test(text);
}

const SPOT = new RegExp(`${SIGNS.source}|${WORDS.source}`, "g");
const SPOT_BEFORE = 40;
const SPOT_AFTER = 320;

/** What stands around such beginnings in a long text. */
export function* spotsOf(value: string): Generator<string> {
  const text = value.toLowerCase();
  let from = 0;
  for (;;) {
    SPOT.lastIndex = from;
    const at = SPOT.exec(text)?.index;
    if (at === undefined) return;
    // From the value itself: base64 needs its capitals.
    yield value.slice(Math.max(from, at - SPOT_BEFORE), at + SPOT_AFTER);
    from = at + SPOT_AFTER;
  }
}

export class Allowance {
  #closely: number;
  #glanced = GLANCED_MAX;

  constructor(closely = CLOSELY_MAX) {
    this.#closely = closely;
  }

  /** Whether `value` is to be examined. */
  admits(value: string): boolean {
    const cost = Math.min(Math.max(value.length, VALUE_MIN), VALUE_MAX);
    if (this.#closely >= cost) {
      this.#closely -= cost;
      return true;
    }
    // The rest is not for a smaller one that comes later: order decides, not size.
    this.#closely = 0;
    if (this.#glanced < VALUE_MIN || !glance(value)) return false;
    this.#glanced -= cost;
    return true;
  }

  /** Whether there is no room even for the shortest. */
  get isExhausted(): boolean {
    return this.#closely < VALUE_MIN && this.#glanced < VALUE_MIN;
  }

  /** Whether something was only glanced at. */
  get isSpent(): boolean {
    return this.#closely === 0;
  }
}
