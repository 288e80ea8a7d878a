/**
 * Which errors are one and the same: those of one category and code, whose texts differ only in
 * what varies (ids, numbers, quotes, paths), thrown at one place of ours.
 */
import { createHash } from "node:crypto";
import type { Categorized } from "./categorize.ts";

const TEXT_MAX = 240;
const FRAME_MAX = 120;

/** Each takes out a kind of thing that differs between two errors of one cause. */
const VARYING: readonly (readonly [RegExp, string])[] = [
  [/[a-z][a-z0-9+.-]{1,15}:\/\/[^\s"'<>)]+/gi, "[url]"],
  [/"[^"]{0,300}"|'[^']{0,300}'|`[^`]{0,300}`|“[^”]{0,300}”/g, "[text]"],
  // What is cut off by the bound of a text has no closing quote.
  [/["'`“][^"'`“]*$/, "[text]"],
  [/(^|[\s(:=])\.{0,2}(\/[\w.@%+~-]+)+\/?/g, "$1[path]"],
  [/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi, "#"],
  [/\b(?=[\w-]*\d)[\w-]{6,}\b/g, "#"],
  [/\b0x[0-9a-f]+\b|\d+([.,:]\d+)*/gi, "#"],
  [/\s+/g, " "],
];

/** The text without what varies, at most 240 characters. Takes a text that is redacted already. */
export function patternOf(message: string): string {
  let text = message;
  for (const [pattern, word] of VARYING) text = text.replace(pattern, word);
  return text.slice(0, TEXT_MAX).trim();
}

/** Where this project lies, whatever the folder is called. */
const ROOT = new URL("../../", import.meta.url).href;

/**
 * The first place of ours in a stack, such as `src/limits/guard.ts decide`; "" when there is none.
 * Lines are left out: another deployment of the same fault is the same fault.
 * @param root Address of the folder that places are named from.
 */
export function ownFrame(stack: string, root: string = ROOT): string {
  for (const line of stack.split("\n")) {
    const [, call = "", path] = /^\s+at (?:async )?(?:(\S+) .*?\(?)?(file:\/\/\/\S+)/.exec(line) ??
      [];
    if (!path || path.includes("/node_modules/")) continue;
    const file = path.replace(/(?::\d{1,9}){1,2}\)*,?$/, "");
    const place = file.startsWith(root)
      ? file.slice(root.length)
      : file.slice(file.lastIndexOf("/") + 1);
    return `${place} ${call}`.trim().slice(0, FRAME_MAX);
  }
  return "";
}

/** Sixteen hex digits. */
export function fingerprintOf(
  { category, code }: Pick<Categorized, "category" | "code">,
  pattern: string,
  frame: string,
): string {
  const parts = [category, code, pattern, frame].join("\n");
  return createHash("sha256").update(parts).digest("hex").slice(0, 16);
}
