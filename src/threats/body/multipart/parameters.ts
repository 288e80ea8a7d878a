/**
 * The parameters of a field such as `Content-Disposition`, in their order and with repeats. How a
 * quoted value ends is read in several ways, so that a caller can ask for each of them.
 */

export interface Quoting {
  /** `\"` does not end a value: RFC 9110 and most servers, but no browser. */
  readonly escapes: boolean;
  /** `'` quotes as `"` does: PHP. */
  readonly apostrophes: boolean;
}

export type Parameter = readonly [name: string, value: string];

const PLAIN: readonly Quoting[] = [{ escapes: true, apostrophes: false }];
const QUOTE = 34;
const APOSTROPHE = 39;
const BACKSLASH = 92;

/** All parameters after the first `;`; names in lower case. */
export function parametersOf(field: string, quoting: Quoting): Parameter[] {
  const found: Parameter[] = [];
  let at = field.indexOf(";");
  while (at !== -1 && at < field.length) {
    const equals = field.indexOf("=", at + 1);
    const next = field.indexOf(";", at + 1);
    if (equals === -1) break;
    if (next !== -1 && next < equals) {
      at = next;
      continue;
    }
    const name = field.slice(at + 1, equals).toLowerCase();
    const { value, end } = valueAt(field, skipBlanks(field, equals + 1), quoting);
    found.push([name.trimStart(), value]);
    at = field.indexOf(";", end);
  }
  return found;
}

/** The ways in which this field could be read differently. */
export function quotingsOf(field: string): readonly Quoting[] {
  if (!field.includes("\\") && !field.includes("'")) return PLAIN;
  const escapes = field.includes("\\") ? [true, false] : [true];
  const apostrophes = field.includes("'") ? [false, true] : [false];
  return escapes.flatMap((e) => apostrophes.map((a) => ({ escapes: e, apostrophes: a })));
}

function valueAt(field: string, from: number, quoting: Quoting): { value: string; end: number } {
  const quote = field.charCodeAt(from);
  if (quote === QUOTE || (quoting.apostrophes && quote === APOSTROPHE)) {
    const end = closingQuote(field, from + 1, quote, quoting.escapes);
    const inside = field.slice(from + 1, end);
    const value = quoting.escapes && inside.includes("\\")
      ? inside.replace(/\\(["'\\])/g, "$1")
      : inside;
    return { value, end };
  }
  const next = field.indexOf(";", from);
  const end = next === -1 ? field.length : next;
  return { value: field.slice(from, end).trim(), end };
}

function closingQuote(field: string, from: number, quote: number, escapes: boolean): number {
  for (let at = from; at < field.length; at++) {
    const code = field.charCodeAt(at);
    if (code === quote) return at;
    if (escapes && code === BACKSLASH) at++;
  }
  return field.length;
}

function skipBlanks(field: string, from: number): number {
  let at = from;
  while (field.charCodeAt(at) === 32 || field.charCodeAt(at) === 9) at++;
  return at;
}
