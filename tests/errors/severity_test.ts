import { assertEquals } from "@std/assert";
import type { ErrorCategory, Severity } from "../../src/errors/codes.ts";
import { risenSeverity } from "../../src/errors/severity.ts";

const rise = (category: ErrorCategory, severity: Severity) =>
  [1, 19, 20, 200, 1_000_000].map((count) => risenSeverity({ category, severity }, count));

Deno.test("risenSeverity() goes up one step at 20 in five minutes and two at 200", () => {
  assertEquals(rise("TIMEOUT", "MEDIUM"), ["MEDIUM", "MEDIUM", "HIGH", "CRITICAL", "CRITICAL"]);
  assertEquals(rise("DATABASE", "HIGH"), ["HIGH", "HIGH", "CRITICAL", "CRITICAL", "CRITICAL"]);
  assertEquals(rise("AUTHENTICATION", "LOW"), ["LOW", "LOW", "MEDIUM", "HIGH", "HIGH"]);
});

Deno.test("risenSeverity() calls nobody out of bed for clients' mistakes or callers who left", () => {
  assertEquals(rise("VALIDATION", "LOW"), ["LOW", "LOW", "MEDIUM", "MEDIUM", "MEDIUM"]);
  assertEquals(rise("VALIDATION", "HIGH"), ["HIGH", "HIGH", "HIGH", "HIGH", "HIGH"]);
  assertEquals(rise("TIMEOUT", "INFO"), ["INFO", "INFO", "INFO", "INFO", "INFO"]);
});
