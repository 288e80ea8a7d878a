/** What a person is told about an error: by its category alone, so that nothing inside gets out. */
import { SECOND } from "../time.ts";
import type { Categorized } from "./categorize.ts";
import type { ErrorCategory } from "./codes.ts";

const MESSAGES: Readonly<Record<ErrorCategory, string>> = {
  DATABASE: "We could not save just now. Please try again in a moment.",
  NETWORK: "There is a problem with the connection. Please try again in a moment.",
  LLM_API: "The assistant is busy. Please try again in a moment.",
  VALIDATION: "Something in this is not right. Please check it and try again.",
  AUTHENTICATION: "Please sign in again.",
  RATE_LIMIT: "That was too much at once. Please try again in a moment.",
  TIMEOUT: "It took too long. Please try again.",
  EXTERNAL_SERVICE: "A service we depend on is unavailable. Please try again later.",
  SYSTEM: "Something went wrong on our side.",
};

/** @param reference The request id, by which the log has more. */
export function userMessage(
  { category, retryAfterMs }: Pick<Categorized, "category" | "retryAfterMs">,
  reference: string,
): string {
  if (category === "SYSTEM") return `${MESSAGES.SYSTEM} Reference ${reference}.`;
  if (category === "RATE_LIMIT" && retryAfterMs) {
    return `That was too much at once. Please try again in ${Math.ceil(retryAfterMs / SECOND)} s.`;
  }
  return MESSAGES[category];
}
