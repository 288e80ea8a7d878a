/**
 * What `Content-Type` says, as everybody reads it: the type and the first parameters by the
 * standard, and besides them what a reader takes that looks for a word anywhere in the field.
 */
import { isTypeValid, parse } from "content-type";

export interface MediaType {
  /** `type/subtype` in lower case; empty when nothing is declared. */
  readonly essence: string;
  /** The charset that the standard reads, in lower case. */
  readonly charset: string | undefined;
  /** Charsets that another reader may find. */
  readonly otherCharsets: readonly string[];
  /** Every boundary that somebody may read, the standard's first. */
  readonly boundaries: readonly string[];
  /** Whether it names several types, of which each reader takes another. */
  readonly isList: boolean;
}

const NONE: readonly string[] = [];
const NOTHING: MediaType = {
  essence: "",
  charset: undefined,
  otherCharsets: NONE,
  boundaries: NONE,
  isList: false,
};
const CHARSETS = /charset\s{0,9}=\s{0,9}["']?([\w.:+-]{1,40})/gi;
const BOUNDARIES = /boundary\s{0,9}=\s{0,9}(?:"([^"]{0,300})"?|([^\s;,]{0,300}))/gi;

export function mediaTypeOf(contentType: string): MediaType {
  if (contentType.trim() === "") return NOTHING;
  const { type, parameters } = parse(contentType);
  const charset = parameters.charset?.trim().toLowerCase();
  return {
    essence: type,
    charset,
    otherCharsets: namesOthers(contentType, charset)
      ? valuesOf(contentType.toLowerCase(), CHARSETS, []).filter((name) => name !== charset)
      : NONE,
    boundaries: isMultipart(type) ? valuesOf(contentType, BOUNDARIES, [parameters.boundary]) : [],
    isList: namesSeveral(contentType),
  };
}

export const isMultipart = (essence: string): boolean => essence.includes("multipart/");

/** Whether the word stands anywhere besides the one place where the standard reads it. */
function namesOthers(contentType: string, charset: string | undefined): boolean {
  const text = contentType.toLowerCase();
  const first = text.indexOf("charset");
  return first !== -1 && (charset === undefined || text.indexOf("charset", first + 7) !== -1);
}

/** The values that `pattern` finds, after those that are known already, without repeats. */
function valuesOf(text: string, pattern: RegExp, known: (string | undefined)[]): string[] {
  const found = Array.from(text.matchAll(pattern), ([, quoted, bare]) => quoted ?? bare);
  return [...new Set([...known, ...found])].filter((value) => value !== undefined);
}

/** Two fields of one name arrive joined by a comma. */
function namesSeveral(contentType: string): boolean {
  if (!contentType.includes(",")) return false;
  let count = 0;
  for (let at = 0; at < contentType.length;) {
    const { type, index } = parse(contentType, { comma: true, start: at });
    if (isTypeValid(type)) count++;
    at = index + 1;
  }
  return count > 1;
}
