/**
 * What the head of a part says, in all the ways that servers read it: the names it may have, the
 * file names, and whether everybody takes it for a file. Only `Content-Disposition` names a part.
 */
import { type Parameter, parametersOf, quotingsOf } from "./parameters.ts";

export interface PartHead {
  readonly names: readonly string[];
  readonly filenames: readonly string[];
  /** Whether every reader sees a file; what one of them takes for text is examined as text. */
  readonly isFile: boolean;
  /** `Content-Type`, as it stands. */
  readonly type: string;
  /** `Content-Transfer-Encoding` in lower case. */
  readonly encoding: string;
}

const FILENAME = /^filename(?:\s*|\*\d{0,3}\*?)$/;
const NAME = /^name(?:\s*|\*\d{0,3}\*?)$/;

export function partHeadOf(head: string): PartHead {
  // Some servers join a line that begins with a blank to the one before, others leave it out.
  const folded = /\n[ \t]/.test(head);
  const fields = fieldsOf(folded ? head.replace(/\n[ \t]+/g, " ") : head);
  const dispositions = fields.disposition;
  if (folded) dispositions.push(...fieldsOf(head).disposition);
  const readings = dispositions.flatMap((field) =>
    quotingsOf(field).map((quoting) => parametersOf(field, quoting))
  );
  return {
    names: valuesOf(readings, NAME),
    filenames: valuesOf(readings, FILENAME),
    isFile: readings.length > 0 && readings.every(namesFile),
    type: fields.type ?? "",
    encoding: fields.encoding?.toLowerCase() ?? "",
  };
}

/** `filename*` alone, an empty name or a blank before the `=` is a file to some readers only. */
function namesFile(parameters: readonly Parameter[]): boolean {
  const plain = parameters.filter(([name]) => name === "filename");
  return plain.length > 0 && plain.every(([, value]) => value !== "");
}

interface Fields {
  readonly disposition: string[];
  type?: string;
  encoding?: string;
}

/** Every `Content-Disposition`, and the first of the others. */
function fieldsOf(head: string): Fields {
  const fields: Fields = { disposition: [] };
  for (const line of head.split("\n")) {
    const colon = line.indexOf(":");
    if (colon === -1) continue;
    const name = line.slice(0, colon).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (name === "content-disposition") fields.disposition.push(value);
    else if (name === "content-type") fields.type ??= value;
    else if (name === "content-transfer-encoding") fields.encoding ??= value;
  }
  return fields;
}

/** Values without repeats; those of `filename*` also decoded, those in pieces also joined. */
function valuesOf(
  readings: readonly (readonly Parameter[])[],
  wanted: RegExp,
): readonly string[] {
  if (readings.length === 0) return NO_VALUES;
  const values = new Set<string>();
  for (const parameters of readings) {
    const pieces: string[] = [];
    for (const [name, value] of parameters) {
      if (!wanted.test(name)) continue;
      values.add(value);
      if (name.includes("*")) pieces.push(decoded(value));
    }
    if (pieces.length > 0) values.add(pieces.join(""));
  }
  return [...values].slice(0, VALUES_MAX);
}

const VALUES_MAX = 8;
const NO_VALUES: readonly string[] = [];

/** RFC 8187: `UTF-8''name%20of%20a%20file`. */
function decoded(value: string): string {
  const text = value.replace(/^[\w-]{0,20}'[\w-]{0,20}'/, "");
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
