/** A few words for what signed in, so that its owner knows it again. No version, no fingerprint. */

/** First match wins: most browsers name the ones they descend from as well. */
const PROGRAMS: readonly (readonly [RegExp, string])[] = [
  [/\bEdg(?:e|A|iOS)?\//, "Edge"],
  [/\bOPR\/|\bOpera\b/, "Opera"],
  [/\bSamsungBrowser\//, "Samsung Internet"],
  [/\bFirefox\/|\bFxiOS\//, "Firefox"],
  [/\bChrome\/|\bCriOS\//, "Chrome"],
  [/\bSafari\//, "Safari"],
  [/^curl\//, "curl"],
  [/^Deno\//, "Deno"],
  [/\bnode\b/i, "Node"],
  [/\bpython/i, "Python"],
];
const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/\biPhone\b/, "iPhone"],
  [/\biPad\b/, "iPad"],
  [/\bAndroid\b/, "Android"],
  [/\bWindows\b/, "Windows"],
  [/\bMac OS X\b|\bMacintosh\b/, "macOS"],
  [/\bCrOS\b/, "ChromeOS"],
  [/\bLinux\b/, "Linux"],
];
const LOOKED_AT = 512;

/** Such as `Firefox on Linux`. */
export function deviceLabel(userAgent: string | undefined): string {
  const text = userAgent?.slice(0, LOOKED_AT) ?? "";
  const find = (table: typeof PROGRAMS) => table.find(([pattern]) => pattern.test(text))?.[1];
  const program = find(PROGRAMS) ?? "Unknown program";
  const system = find(SYSTEMS);
  return system ? `${program} on ${system}` : program;
}
