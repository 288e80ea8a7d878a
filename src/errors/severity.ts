/**
 * How bad an error is once it repeats. One timeout is a shrug, two hundred in five minutes are an
 * incident; but a client's mistakes stay the client's however many they are.
 */
import type { Categorized } from "./categorize.ts";
import type { Severity } from "./codes.ts";

const ORDER: readonly Severity[] = ["INFO", "LOW", "MEDIUM", "HIGH", "CRITICAL"];

/** In five minutes: from so many on it is one step worse, and two. */
export const RISES_AT = [20, 200] as const;

/** @param recent How many came in the last five minutes, this one included. */
export function risenSeverity(
  { category, severity }: Pick<Categorized, "category" | "severity">,
  recent: number,
): Severity {
  if (severity === "INFO") return severity;
  const steps = RISES_AT.filter((count) => recent >= count).length;
  const ceiling = category === "VALIDATION" ? "MEDIUM" : severity === "LOW" ? "HIGH" : "CRITICAL";
  const risen = Math.min(ORDER.indexOf(severity) + steps, ORDER.indexOf(ceiling));
  return ORDER[Math.max(risen, ORDER.indexOf(severity))];
}
