/**
 * Which fields a rule leaves alone. A bare name means a field of the body, which is what an editor's
 * HTML comes in; a query, cookie or header of the same name is somebody else's, and is examined
 * unless the rule spells it with its place.
 */

/** Fields that are not examined. */
export interface Exemptions {
  /** Whether `field` (`form.body_html`, `json.post.content`) is one of them. */
  has(field: string): boolean;
}

/** Places that a bare name covers. */
const BODY = ["form", "json"];
/** Bodies that are one text have no fields; these name all of it. */
const WHOLE: ReadonlySet<string> = new Set(["body", "xml"]);
const SPELLED = /^(?:form|json|query|cookie|header)\.[^]/;
/** As a rule names the path of the address; findings call it `path`. */
const URL_PATH = "url.path";
/** What may follow a field's name: what is inside it, decoded, quoted or out of a document. */
const INSIDE = [".", " (base64)", " (code)", " (string)"];

/** `q` and `post.content` are fields of a body, `query.q`, `cookie.prefs` and `header.x-foo` are not. */
export function exemptionsOf(names: readonly string[]): Exemptions | undefined {
  if (names.length === 0) return undefined;
  const fields = names.flatMap(fieldsOf);
  return { has: (field) => fields.some((exempt) => covers(exempt, field)) };
}

function fieldsOf(name: string): readonly string[] {
  if (name === URL_PATH) return ["path"];
  if (WHOLE.has(name)) return [name, ...BODY.map((place) => `${place}.${name}`)];
  return SPELLED.test(name) ? [name] : BODY.map((place) => `${place}.${name}`);
}

function covers(exempt: string, field: string): boolean {
  return field.startsWith(exempt) && (field.length === exempt.length ||
    INSIDE.some((inside) => field.startsWith(inside, exempt.length)));
}
