/**
 * How much of the parts of a multipart body is examined closely. What comes after that is only glanced
 * at: what looks like the beginning of an attack is examined too, as long as there are not too many.
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

  /** Whether something was only glanced at. */
  get isSpent(): boolean {
    return this.#closely === 0;
  }
}
