import { assert, assertEquals } from "@std/assert";
import { ERRORS } from "../../src/errors/codes.ts";
import { userMessage } from "../../src/errors/user_message.ts";

Deno.test("userMessage() has a sentence for each category and says nothing of the error", () => {
  const categories = new Set(Object.values(ERRORS).map(({ category }) => category));
  for (const category of [...categories, "LLM_API", "NETWORK"] as const) {
    assert(/^[A-Z][^{}]+\.$/.test(userMessage({ category }, "r-1")), category);
  }
});

Deno.test("userMessage() gives the reference for our own faults, and the wait for a limit", () => {
  assert(userMessage({ category: "SYSTEM" }, "r-1").endsWith("Reference r-1."));
  assertEquals(
    userMessage({ category: "RATE_LIMIT", retryAfterMs: 6_200 }, "r-1"),
    "That was too much at once. Please try again in 7 s.",
  );
});
