/**
 * The examination of one request: takes its values as they are found, lets the harmless ones go
 * after one look, decodes and examines the rest, and keeps the score.
 */
import { fromBase64 } from "./base64.ts";
import { readJson } from "./body/json.ts";
import { decode, TRICK } from "./decode.ts";
import { CERTAIN, examine } from "./examine.ts";
import { HOT_PATH, HOT_WORDS } from "./hot_words.ts";
import type { Exemptions } from "./exemptions.ts";
import { scannerAgent } from "./signals/scanner_agent.ts";
import { splitCode } from "./prose.ts";
import { addScore, type Finding, scoreField } from "./score.ts";
import { SIGNALS } from "./signals/mod.ts";
import { serverInclude } from "./signals/server_include.ts";
import { xmlEntity } from "./signals/xml_entity.ts";
import { HARMLESS, PLAIN, TRAIT, traitsOf } from "./traits.ts";
import { bounded, PLACE, Value } from "./value.ts";

const NESTED_MAX = 3;
const ENCODED = PLACE.path | PLACE.query | PLACE.form | PLACE.cookie | PLACE.name | PLACE.header |
  PLACE.userAgent;
const PLUS = PLACE.query | PLACE.form;
/** What a browser's name for itself contains besides. */
const USER_AGENT_HARMLESS = HARMLESS | TRAIT.paren | TRAIT.semicolon;
const TEXT_PLACES = PLACE.query | PLACE.form | PLACE.json | PLACE.cookie | PLACE.header |
  PLACE.text |
  PLACE.xml;
const GRAPHQL_NAME = /^(?:query|mutation|document)$/;
const GRAPHQL =
  /^\s*(?:#[^\n]{0,200}\n\s*)?(?:(?:query|mutation|subscription|fragment)\b[^{}<>;'`]{0,2000}\{|\{\s*[\w.])(?:"[^"\n]{0,2000}"|[\w\s{}()[\]:!$,.=@|&#-])*$/;
const GRAPHQL_STRING = /"((?:[^"\\]|\\.){1,4000})"/g;

export class Examination {
  payload = 0;
  /** Whether the middle of something long was left out. */
  cut = false;
  /** Whether something could not be read at all: refused where the mode is enforce. */
  unread = false;
  /** Whether any value needed a closer look. */
  suspicious = false;
  readonly findings: Finding[] = [];
  readonly #exempt: Exemptions | undefined;

  constructor(exempt?: Exemptions) {
    this.#exempt = exempt;
  }

  /** Whether all was read that was to be, and one look was enough for each: no later one differs. */
  get isSpotless(): boolean {
    return !this.suspicious && this.#exempt === undefined;
  }

  /** Examines one value as it was sent. `field` is its place and name: `query.q`. */
  value(place: number, field: string, raw: string, nested = 0): void {
    if (raw === "") return;
    const traits = traitsOf(raw);
    const harmless = place === PLACE.userAgent ? USER_AGENT_HARMLESS : HARMLESS;
    if ((traits & ~harmless) === 0 && this.#passes(place, raw, traits)) return;
    if (this.#exempt?.has(field)) return;
    this.suspicious = true;
    const { text, cut } = bounded(raw);
    this.cut ||= cut;
    const wrapped = (place & ENCODED) !== 0;
    const { once, text: plain, tricks } = decode(text, wrapped, (place & PLUS) !== 0);
    if (nested < NESTED_MAX && place & TEXT_PLACES) {
      this.hidden(field, once, nested + 1);
    }
    if ((tricks & ~TRICK.invisible) === 0 && (traitsOf(plain) & ~HARMLESS) === 0) {
      if (!isHot(place, plain)) return;
    }
    if (nested < NESTED_MAX && this.#structured(place, field, once, nested)) return;
    const split = splitCode(plain);
    this.#examine(new Value(place, field, split?.words ?? plain, tricks));
    if (split) this.#examine(new Value(place, `${field} (code)`, split.code, 0, true));
  }

  /** Examines what a value contains as base64, if it is that. */
  hidden(field: string, text: string, nested = 1): void {
    const inside = fromBase64(text);
    if (inside !== undefined) this.value(PLACE.query, `${field} (base64)`, inside, nested);
  }

  /** A name is examined only when it is more than a name. */
  name(field: string, raw: string): void {
    const traits = traitsOf(raw);
    if ((traits & ~(PLAIN | TRAIT.dot | TRAIT.underscore)) === 0 && !HOT_NAME.test(raw)) return;
    this.value(PLACE.name, field, raw);
  }

  /** Something about the request as a whole, too weak to count as a field of its own. */
  note(finding: Finding): void {
    this.findings.push(finding);
    this.payload = 1 - (1 - this.payload) * (1 - finding.confidence);
  }

  /** XML as a document: its declarations, not its texts. */
  markup(xml: string): void {
    this.#examine(new Value(PLACE.xml, "xml", xml.toLowerCase(), 0), [xmlEntity, serverInclude]);
  }

  #examine(value: Value, signals = SIGNALS): void {
    const found = examine(value, signals);
    if (found.length === 0) return;
    this.findings.push(...found);
    const score = scoreField(found);
    const counts = !value.quoted || found.some(({ confidence }) => confidence >= CERTAIN);
    if (counts) this.payload = addScore(this.payload, score);
  }

  #passes(place: number, raw: string, traits: number): boolean {
    if (place & TEXT_PLACES && !(traits & TRAIT.space) && fromBase64(raw) !== undefined) {
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
    if (GRAPHQL_NAME.test(field.slice(field.lastIndexOf(".") + 1)) && GRAPHQL.test(plain)) {
      for (const [, string] of plain.matchAll(GRAPHQL_STRING)) {
        this.value(place, field, string, nested + 1);
      }
      return true;
    }
    return false;
  }

  /** Examines the keys and strings of JSON text; false when it was not JSON after all. */
  json(text: string, root: string, place: number, nested: number): boolean {
    return readJson(text, root, {
      key: (name, path) => this.name(path, path.endsWith(POLLUTED) ? POLLUTED.slice(1) : name),
      text: (value, _name, path) => this.value(place & ~ENCODED || PLACE.json, path, value, nested),
    });
  }
}

/** Two keys of which neither says anything alone. */
const POLLUTED = ".constructor.prototype";
const HOT_NAME = /__|constructor|sess|cfid|cftoken/i;

function isHot(place: number, text: string): boolean {
  return HOT_WORDS.test(text) || (place === PLACE.path && HOT_PATH.test(text)) ||
    (place === PLACE.userAgent && scannerAgent.rules[0].pattern.test(text));
}
