/**
 * How settings and rules name paths, everywhere in the same way: a `*` stands for one whole
 * segment, at the end for all the rest, also none. Compared with the readings of a request's path,
 * so case, a final slash and encodings make no difference.
 */
import { readPath } from "./request_path.ts";

export interface PathPattern {
  /** Whether a reading of a request's path is meant. */
  matches(reading: string): boolean;
}

/** Why a text is no pattern, in words that end a sentence about it; undefined when it is one. */
export function patternProblem(text: string): string | undefined {
  // deno-lint-ignore no-control-regex -- a setting may hold anything
  if (!/^\/[^\s?#\x00-\x1f\x7f]*$/.test(text)) {
    return "must begin with a slash and hold no query and no blanks";
  }
  if (text.split("/").some((part) => part !== "*" && part.includes("*"))) {
    return "must have * for a whole segment only, as in /pages/*/edit or /pages/*";
  }
  const read = readPath(text);
  if (!read || read.spellings.length > 1 || /\/\/|\/\.{1,2}(?:\/|$)|;/.test(text)) {
    return "must be spelled plainly, without doubled slashes, dots as segments or ;";
  }
  return undefined;
}

/** @param text A pattern without a problem. */
export function pathPattern(text: string): PathPattern {
  const [path] = readPath(text)!.spellings;
  const segments = path.split("/");
  if (!segments.includes("*")) return { matches: (reading) => reading === path };
  const open = segments.at(-1) === "*";
  const fixed = open ? segments.slice(0, -1) : segments;
  return { matches: (reading) => fits(fixed, open, reading.split("/")) };
}

function fits(fixed: readonly string[], open: boolean, segments: readonly string[]): boolean {
  if (open ? segments.length < fixed.length : segments.length !== fixed.length) return false;
  return fixed.every((part, at) => part === "*" || part === segments[at]);
}
