/**
 * The examination of one request: takes its values as they are found, lets the harmless ones go
 * after one look, decodes and examines the rest, and keeps the score.
 */
import { unpercent } from "../percent.ts";
import { Base64 } from "./base64.ts";
import { readJson } from "./body/json.ts";
import { decode, TRICK } from "./decode.ts";
import { CERTAIN, examine } from "./examine.ts";
import { graphqlStrings } from "./graphql.ts";
import { HOT_PATH, HOT_WORDS } from "./hot_words.ts";
import type { Exemptions } from "./exemptions.ts";
import { type Effort, TRIES_MAX } from "./sql/effort.ts";
import { scannerAgent } from "./signals/scanner_agent.ts";
import { withoutOwnHost } from "./own_host.ts";
import { splitCode } from "./prose.ts";
import { Rest } from "./rest.ts";
import { addScore, type Finding, scoreField, type Sighting } from "./score.ts";
import { SIGNALS } from "./signals/mod.ts";
import { serverInclude } from "./signals/server_include.ts";
import { xmlEntity } from "./signals/xml_entity.ts";
import { HARMLESS, PLAIN, TRAIT, traitsWithin } from "./traits.ts";
import { isOfBody, PLACE, squeeze, Value, VALUE_LENGTH_MAX } from "./value.ts";
import { variants } from "./variants.ts";

const NESTED_MAX = 3;
/** So many characters of suspicious values are read in full for one request … */
const READ_MAX = VALUE_LENGTH_MAX;
/** … of which each value takes this many for its own sake, so that thousands of tiny ones end. */
const VALUE_COST = 64;
const ENCODED = PLACE.path | PLACE.query | PLACE.form | PLACE.cookie | PLACE.name | PLACE.header |
  PLACE.userAgent;
const PLUS = PLACE.query | PLACE.form;
/** What a browser's name for itself contains besides. */
const USER_AGENT_HARMLESS = HARMLESS | TRAIT.paren | TRAIT.semicolon;
const TEXT_PLACES = PLACE.query | PLACE.form | PLACE.json | PLACE.cookie | PLACE.header |
  PLACE.text | PLACE.xml;
/** Where documents of GraphQL are sent. */
const GRAPHQL_PLACES = PLACE.query | PLACE.form | PLACE.json;
/** Code that prose quotes is shown, not run; it says this much at most. */
const QUOTED_SCORE_MAX = 0.5;
/** What lies on both sides of a cut is read on both. */
const OVERLAP = 40;
const LIKE_BASE64 = /^[\w+/-]{8,}%(?:2[bBfF]|3[dD])[\w+/%-]*$/;
const GRAPHQL_NAME = /^(?:query|mutation|document)$/;

export class Examination {
  /** Whether the middle of something long was left out. */
  cut = false;
  /** Whether something could not be read at all: refused where the mode is enforce. */
  unread = false;
  /** Whether something is in a coding that we don't know: refused likewise, and told why. */
  unsupported = false;
  /** Whether any value needed a closer look. */
  suspicious = false;
  readonly findings: Sighting[] = [];
  readonly #exempt: Exemptions | undefined;
  readonly #ownHost: string | undefined;
  #score = 0;
  /** The most that code quoted in prose says; several such texts say no more than one. */
  #quoted = 0;
  #left = READ_MAX;
  readonly #base64 = new Base64();
  readonly #effort: Effort = { tries: TRIES_MAX };
  #rest: Rest | undefined;

  /** @param ownHost The host this was asked of, where it may be named (own_host.ts). */
  constructor(exempt?: Exemptions, ownHost?: string) {
    this.#exempt = exempt;
    this.#ownHost = ownHost;
  }

  get payload(): number {
    return 1 - (1 - this.#score) * (1 - this.#quoted);
  }

  /** Whether all was read that was to be, and one look was enough for each: no later one differs. */
  get isSpotless(): boolean {
    return !this.suspicious && this.#exempt === undefined;
  }

  /** Examines one value as it was sent. `field` is its place and name: `query.q`. */
  value(place: number, field: string, raw: string, nested = 0): void {
    if (raw === "") return;
    const harmless = place === PLACE.userAgent ? USER_AGENT_HARMLESS : HARMLESS;
    const traits = traitsWithin(harmless, raw);
    if ((traits & ~harmless) === 0 && this.#passes(place, raw, traits)) return;
    if (this.#exempt?.has(field)) return;
    this.suspicious = true;
    if (this.#left <= VALUE_COST) this.#postpone(place, raw);
    else this.#decoded(place, field, raw, nested);
  }

  /** Leaves a value of the middle of a long body for the rest, unless one look is enough for it. */
  glimpse(place: number, field: string, raw: string): void {
    if (raw === "" || this.#exempt?.has(field)) return;
    const traits = traitsWithin(HARMLESS, raw);
    if ((traits & ~HARMLESS) === 0 && this.#passes(place, raw, traits)) return;
    this.suspicious = true;
    this.#postpone(place, raw, true);
  }

  #decoded(place: number, field: string, raw: string, nested: number): void {
    const wrapped = (place & ENCODED) !== 0;
    const { once, text: whole, tricks } = decode(raw, wrapped, (place & PLUS) !== 0);
    const text = this.#ownHost ? withoutOwnHost(whole, this.#ownHost) : whole;
    if (nested < NESTED_MAX && place & TEXT_PLACES) {
      this.hidden(field, once, nested + 1);
    }
    if ((tricks & ~TRICK.invisible) === 0 && (traitsWithin(HARMLESS, text) & ~HARMLESS) === 0) {
      if (!isHot(place, text)) return;
    }
    if (nested < NESTED_MAX && this.#structured(place, field, once, nested)) return;
    const split = isOfBody(place) ? splitCode(text) : undefined;
    this.#read(place, field, split?.words ?? text, tricks, false);
    if (split) this.#read(place, `${field} (code)`, split.code, 0, true);
  }

  /** Examines what a value contains as base64, if it is that. */
  hidden(field: string, text: string, nested = 1): void {
    const inside = this.#base64.inside(text);
    if (inside !== undefined) this.value(PLACE.query, `${field} (base64)`, inside, nested);
  }

  /** Reads what was too much to read in full; the last thing to do for a request. */
  readRest(): void {
    if (!this.#rest) return;
    this.cut = true;
    for (const { value, isPartial } of this.#rest.values(this.#effort)) {
      this.#examine([value]);
      this.unread ||= isPartial;
    }
    this.#rest = undefined;
  }

  /** A name is examined only when it is more than a name. */
  name(field: string, raw: string): void {
    const traits = traitsWithin(NAME_PLAIN, raw);
    if ((traits & ~NAME_PLAIN) === 0 && !HOT_NAME.test(raw)) return;
    this.value(PLACE.name, field, raw);
  }

  /** Something about the request as a whole, too weak to count as a field of its own. */
  note(finding: Finding): void {
    this.findings.push(finding);
    this.#score = 1 - (1 - this.#score) * (1 - finding.confidence);
  }

  /** Readings of which only one can be the application's: the worst of them counts. */
  worstOf(readings: readonly (() => void)[]): void {
    if (readings.length === 1) return readings[0]();
    const before = { score: this.#score, quoted: this.#quoted, payload: this.payload };
    let worst = before;
    for (const read of readings) {
      [this.#score, this.#quoted] = [before.score, before.quoted];
      read();
      if (this.payload >= worst.payload) {
        worst = { score: this.#score, quoted: this.#quoted, payload: this.payload };
      }
    }
    [this.#score, this.#quoted] = [worst.score, worst.quoted];
  }

  /** XML as a document: its declarations, not its texts. */
  markup(xml: string): void {
    this.#examine([new Value(PLACE.xml, "xml", xml.toLowerCase(), 0, this.#effort)], [
      xmlEntity,
      serverInclude,
    ]);
  }

  /** Both ends of a decoded text, as far as there is time for them; the middle is for later. */
  #read(place: number, field: string, long: string, tricks: number, quoted: boolean): void {
    const text = long.length > VALUE_LENGTH_MAX ? squeeze(long) : long;
    const most = Math.min(VALUE_LENGTH_MAX, Math.max(0, this.#left));
    this.#left -= VALUE_COST + Math.min(text.length, most);
    if (text.length <= most) {
      return this.#examine(variants(place, field, text, tricks, this.#effort, { quoted }));
    }
    const half = most >> 1;
    const ends = `${text.slice(0, half)} ${text.slice(text.length - half)}`;
    const value = new Value(place, field, ends, tricks, this.#effort, { quoted });
    this.#examine([value]);
    const middle = text.slice(Math.max(0, half - OVERLAP), text.length - half + OVERLAP);
    (this.#rest ??= new Rest()).add(place, field, middle, quoted, value.prose);
  }

  /** Too many came before this one. */
  #postpone(place: number, raw: string, isLong = false): void {
    const rest = this.#rest ??= new Rest();
    const wrapped = (place & ENCODED) !== 0;
    // The signs that fill base64 up come encoded in a form.
    const plain = wrapped && LIKE_BASE64.test(raw) ? unpercent(raw)[0] : raw;
    const inside = place & TEXT_PLACES ? this.#base64.inside(plain) : undefined;
    if (inside === undefined) rest.addRaw(place, wrapped, raw, isLong);
    else rest.addRaw(PLACE.query, false, inside, isLong);
  }

  /** Examines a text in the ways an application may read it; the worst of them counts. */
  #examine(values: readonly Value[], signals = SIGNALS): void {
    let worst: readonly Sighting[] = [];
    let score = 0;
    for (const value of values) {
      const found = examine(value, signals);
      const of = scoreField(found);
      if (found.length > 0 && of >= score) [worst, score] = [found, of];
    }
    if (worst.length === 0) return;
    this.findings.push(...worst);
    const isCertain = worst.some(({ confidence }) => confidence >= CERTAIN);
    if (!values[0].quoted || isCertain) this.#score = addScore(this.#score, score);
    else this.#quoted = Math.max(this.#quoted, Math.min(score, QUOTED_SCORE_MAX));
  }

  #passes(place: number, raw: string, traits: number): boolean {
    if (place & TEXT_PLACES && !(traits & TRAIT.space) && this.#base64.inside(raw) !== undefined) {
      return false;
    }
    if (raw.startsWith("rO0AB")) return false;
    if (place & ~(PLACE.path | PLACE.userAgent) && (traits & ~PLAIN) === 0) return true;
    const text = traits & TRAIT.plus && place & PLUS ? raw.replaceAll("+", " ") : raw;
    return !isHot(place, traits & TRAIT.upper ? text.toLowerCase() : text);
  }

  /** JSON and GraphQL inside a value: their punctuation is no attack, their strings may be. */
  #structured(place: number, field: string, plain: string, nested: number): boolean {
    const first = plain.trimStart().charCodeAt(0);
    if ((first === 123 || first === 91) && plain.includes('"')) {
      return this.json(plain, field, place, nested + 1);
    }
    if (place & GRAPHQL_PLACES && GRAPHQL_NAME.test(field.slice(field.lastIndexOf(".") + 1))) {
      const strings = graphqlStrings(plain);
      for (const string of strings ?? []) {
        this.value(place, `${field} (string)`, string, nested + 1);
      }
      return strings !== undefined;
    }
    return false;
  }

  /** Examines the keys and strings of JSON text; false when it was not JSON after all. */
  json(text: string, root: string, place: number, nested: number): boolean {
    // What is inside is written as JSON says, and remembers where it was.
    const inside = place & ~ENCODED || (isOfBody(place) ? PLACE.json : PLACE.json | PLACE.head);
    return readJson(text, root, {
      key: (name, path) => this.name(path, isPolluted(name, path) ? POLLUTED.slice(1) : name),
      text: (value, _name, path) => this.value(inside, path, value, nested),
    });
  }
}

/** Two keys of which neither says anything alone. */
const POLLUTED = ".constructor.prototype";
const isPolluted = (name: string, path: string) =>
  name.endsWith("prototype") && path.endsWith(POLLUTED);
const NAME_PLAIN = PLAIN | TRAIT.dot | TRAIT.underscore;
const HOT_NAME = /__|constructor|sess|cfid|cftoken/i;

function isHot(place: number, text: string): boolean {
  return HOT_WORDS.test(text) || (place === PLACE.path && HOT_PATH.test(text)) ||
    (place === PLACE.userAgent && scannerAgent.rules[0].pattern.test(text));
}
