/** The kinds of values that words of a command line have, each refused with what it should be. */
import { InvalidArgumentError } from "commander";
import { normalizeEmail } from "../src/auth/emails.ts";
import type { Read } from "./command_line.ts";

export function whole(min: number, max: number): Read<number> {
  return (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };
}

export function oneOf<const Value extends string>(...values: readonly Value[]): Read<Value> {
  return (text) => {
    const value = values.find((one) => one === text);
    if (value !== undefined) return value;
    throw new InvalidArgumentError(`It must be one of ${values.join(", ")}.`);
  };
}

/** A text of a certain look; none may be taken for an option that lacks its value. */
export function textLike(pattern: RegExp, likeWhat: string): Read<string> {
  return (text) => {
    if (!text.startsWith("-") && pattern.test(text)) return text;
    throw new InvalidArgumentError(`It must be ${likeWhat}.`);
  };
}

export const email: Read<string> = (text) => {
  if (normalizeEmail(text) !== undefined && !text.startsWith("-")) return text;
  throw new InvalidArgumentError("It must be an e-mail address.");
};

export const webUrl: Read<URL> = (text) => {
  const url = /^https?:\/\//.test(text) && URL.canParse(text) ? new URL(text) : undefined;
  if (url && !url.username && !url.password) return url;
  throw new InvalidArgumentError("It must be one URL that begins with http:// or https://.");
};

/** What a file holds; it must be there before anything begins. */
export const fileText: Read<string> = (path) => {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    throw new InvalidArgumentError("It must be a file that can be read.");
  }
};
